"""``callqa models``: the bundled models and their checksums."""

import typer

from .cli_common import load_settings

app = typer.Typer(help="Install, list and verify the bundled models.", no_args_is_help=True)


@app.command()
def install() -> None:
    """Fetch what is missing or altered; quick when all is there.

    Example: callqa models install
    """
    from .transcribe import models

    folder = load_settings().model_dir
    fetched = models.install(folder, say=typer.echo)
    typer.echo(f"models ready in {folder} ({len(fetched)} fetched)")


@app.command("list")
def list_models() -> None:
    """Show the bundled models, their licences and whether they are installed.

    Example: callqa models list
    """
    from rich.console import Console
    from rich.table import Table

    from .transcribe import models

    table = Table("model", "what it is", "licence", "installed")
    for model in models.BUNDLED:
        folder = load_settings().model_dir / model.name
        there = all((folder / f.name).is_file() for f in model.files)
        table.add_row(model.name, model.title, model.licence, "yes" if there else "no")
    Console().print(table)


@app.command()
def verify() -> None:
    """Compare every model file with its checksum; exit code 1 when one differs.

    Example: callqa models verify
    """
    from .transcribe import models

    folder = load_settings().model_dir
    wrong = [problem for model in models.BUNDLED for problem in models.problems(folder, model)]
    for problem in wrong:
        typer.echo(problem, err=True)
    if wrong:
        typer.echo("run `callqa models install` to fetch them again", err=True)
        raise typer.Exit(1)
    typer.echo(f"all models in {folder} are as published")
