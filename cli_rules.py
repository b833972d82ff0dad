"""``callqa rules``: check, test, show and export the rulebook."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import Json, load_settings, open_database, print_json
from .errors import RulebookError, UsageError

if TYPE_CHECKING:
    from .inspect.rulebook import Rulebook

app = typer.Typer(help="Check, test, explain and export the rulebook.", no_args_is_help=True)
Folder = Annotated[
    Path | None, typer.Argument(help="A rulebook folder; default: that of the settings, or the shipped one.")
]


@app.command("list")
def list_rules(folder: Folder = None, json: Json = False) -> None:
    """Show all rules.

    Example: callqa rules list
    """
    book = _load(folder)
    rows = [
        {"rule": r.id, "version": r.version, "level": r.level, "status": r.status, "title": r.title}
        for r in book.rules
    ]
    if json:
        print_json({"rulebook": book.hash, "rules": rows})
        return
    for row in rows:
        typer.echo("{rule:<34} v{version:<3} {level:<14} {status:<13} {title}".format(**row))
    typer.echo(f"{len(rows)} rules, {book.hash}")


@app.command()
def lint(folder: Folder = None) -> None:
    """Find every problem in a rulebook, each with file and line; exit code 1 when there is one.

    Example: callqa rules lint my-rules/
    """
    try:
        book = _load(folder)
    except RulebookError as error:
        for problem in error.problems:
            typer.echo(problem)
        typer.echo(f"{len(error.problems)} problems", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{len(book.rules)} rules, no problems")


@app.command()
def test(folder: Folder = None, json: Json = False) -> None:
    """Run the tests inside the rules; exit code 1 when one fails.

    Example: callqa rules test
    """
    from dataclasses import asdict

    from .inspect.testing import run_rule_tests

    results = run_rule_tests(_load(folder))
    failed = [r for r in results if not r.passed]
    if json:
        print_json([asdict(r) for r in results])
    else:
        for r in failed:
            typer.echo(f"{r.rule} “{r.name}”: {r.problem}")
        typer.echo(f"{len(results) - len(failed)} of {len(results)} tests passed")
    if failed:
        raise typer.Exit(1)


@app.command("export")
def export_rulebook(
    out: Annotated[Path, typer.Argument(help="File to write.")],
    hash: Annotated[str | None, typer.Option(help="A stored rulebook; default: the current one.")] = None,
) -> None:
    """Write a rulebook as one JSON file, as it was used.

    Example: callqa rules export rulebook.json --hash 3f2a91
    """
    if hash is None:
        content = _load(None).to_bytes()
    else:
        from .store import load_rulebook

        content = load_rulebook(open_database(load_settings()), hash)
    out.write_bytes(content)
    typer.echo(f"written to {out}")


def _load(folder: Path | None) -> "Rulebook":
    from .inspect.rulebook import load_rulebook, shipped_rulebook

    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    chosen = folder or load_settings().rulebook
    return load_rulebook(chosen) if chosen else shipped_rulebook()
