"""``callqa db``: migrating the database, and moving from the embedded one to a server."""

from typing import Annotated

import typer

from .cli_common import Json, load_settings, open_database, print_json

app = typer.Typer(help="Migrate the database, or move to another one.", no_args_is_help=True)


@app.command()
def migrate() -> None:
    """Bring the tables up to this program's; every other command does so too when it opens the database.

    Example: callqa db migrate
    """
    from .store.database import REVISION

    open_database(load_settings(), create=True).close()
    typer.echo(f"the tables are at {REVISION}")


@app.command()
def move(
    to: Annotated[str, typer.Option(help="URL of an empty database.")],
    json: Json = False,
) -> None:
    """Copy everything into another, empty database and compare the two row by row.

    Stop all workers and the dashboard first. The old database stays as it is. Exit code 1 when they differ.

    Example: callqa db move --to postgresql://callqa@db.example.org/callqa
    """
    from dataclasses import asdict

    from .store import open_store
    from .store.move import compare
    from .store.move import move as move_store

    source, target = open_database(load_settings()), open_store(to)
    counts = move_store(source, target)
    found = compare(source, target)
    different = [c for c in found if not c.is_equal]
    if json:
        print_json({"rows": counts, "equal": not different, "tables": [asdict(c) for c in found]})
    else:
        for one in found:
            difference = "" if one.is_equal else f"  DIFFERS: {one.other_rows}"
            typer.echo(f"{one.rows:>10}  {one.table}{difference}")
        verdict = "they differ" if different else "equal; set CALLQA_DATABASE_URL to the new one"
        typer.echo(verdict, err=True)
    if different:
        raise typer.Exit(1)
