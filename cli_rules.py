"""``callqa rules``: check, test, show and export the rulebook."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import cli_rulebooks
from .cli_common import Json, load_settings, open_database, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .inspect.rulebook import Rulebook
    from .inspect.types import Inspection
    from .settings import Settings

app = typer.Typer(help="Check, test, explain and export the rulebook.", no_args_is_help=True)
Folder = Annotated[
    Path | None, typer.Argument(help="A rulebook folder; default: that of the settings, or the shipped one.")
]


cli_rulebooks.add_to(app)


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
    from .inspect.explain import lint as problems_of

    problems = problems_of(_folder(folder))
    for problem in problems:
        typer.echo(problem)
    if problems:
        typer.echo(f"problems: {len(problems)}", err=True)
        raise typer.Exit(1)
    typer.echo("no problems")


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


@app.command("explain")
def explain_rule(
    rule: Annotated[str, typer.Argument(help="A rule, by its name or area.name.")],
    call: Annotated[str, typer.Argument(help="A stored recording, by its name or number.")],
    folder: Annotated[
        Path | None, typer.Option("--rulebook", help="A rulebook folder; default: the current one.")
    ] = None,
) -> None:
    """Show why a rule hit, or did not hit, on one call.

    Example: callqa rules explain missing_greeting dev-001.wav
    """
    from .inspect.explain import explain
    from .store import get_call, ids_named

    book = _load(folder)
    store = open_database(load_settings())
    number = int(call) if call.isdecimal() else ids_named(store, [call])[0]
    stored = get_call(store, number)
    if stored.transcript is None:
        raise UsageError(f"{stored.row.name} is {stored.row.status} and has no transcript")
    try:
        typer.echo(explain(book, rule, stored.transcript, stored.row.call_data))
    except KeyError:
        raise UsageError(f"no rule is called {rule}; see callqa rules list") from None
    if stored.inspection is not None:
        typer.echo(_score_in_words(stored.inspection))


@app.command("export")
def export_rulebook(
    out: Annotated[Path, typer.Argument(help="A FILE.json, or a folder for YAML files.")],
    hash: Annotated[str | None, typer.Option(help="A stored rulebook; default: the current one.")] = None,
    version: Annotated[int | None, typer.Option(help="A published version.")] = None,
) -> None:
    """Write a rulebook as one JSON file, as it was used, or as a folder of YAML files for git.

    Example: callqa rules export my-rules/ --version 4
    """
    if out.suffix == ".json":
        out.write_bytes(_content(hash, version))
    else:
        from .rulebooks.texts import write_folder

        write_folder(_texts(hash, version), out)
    typer.echo(f"written to {out}")


def _score_in_words(inspection: "Inspection") -> str:
    """How the score of the call came about when it was inspected, one line an item."""
    card = f" (scorecard {inspection.scorecard})" if inspection.scorecard else ""
    lines = [f"score {inspection.score}{card}"]
    for item in inspection.score_items:
        what = item.rule or item.group
        lines.append(f"  {item.points:+g} {what and what + ': '}{item.why}{', fatal' if item.fatal else ''}")
    return "\n".join(lines)


def _load(folder: Path | None) -> "Rulebook":
    """The rulebook of the folder, else the one that counts today."""
    from .inspect.rulebook import load_rulebook

    settings = load_settings()
    if folder or settings.rulebook or not _has_database(settings):
        return load_rulebook(_folder(folder))
    from .rulebooks.current import effective_rulebook

    return effective_rulebook(open_database(settings), settings)


def _has_database(settings: "Settings") -> bool:
    from .store import is_there

    return is_there(settings.resolved_database_url)


def _content(hash: str | None, version: int | None) -> bytes:
    """What was used, byte for byte."""
    if hash is None and version is None:
        return _load(None).to_bytes()
    from .rulebooks.current import find_version
    from .store import load_rulebook

    store = open_database(load_settings())
    return load_rulebook(store, hash if hash is not None else find_version(store, version or 0).hash)


def _texts(hash: str | None, version: int | None) -> dict[str, str]:
    """As people wrote it, where that is known."""
    from .inspect.rulebook import Rulebook
    from .rulebooks.current import base_files, files_of, version_files

    settings = load_settings()
    if version is not None:
        return version_files(open_database(settings), version)
    if hash is not None:
        return files_of(open_database(settings), Rulebook.from_bytes(_content(hash, None)))
    return base_files(open_database(settings, create=True), settings)[1]


def _folder(folder: Path | None) -> Path:
    chosen = folder or load_settings().rulebook or Path(__file__).with_name("rules")
    if not chosen.is_dir():
        raise UsageError(f"{chosen}: there is no such folder")
    return chosen
