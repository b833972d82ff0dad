"""How good callqa is on labelled calls, on the command line."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from .cli_common import load_settings, open_database
from .errors import UsageError

if TYPE_CHECKING:
    from .evaluate.heard import Heard
    from .evaluate.score import Evaluation
    from .evaluate.truth import Truth

DEFAULT = "calls"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"


class _CallsUnlessNamed(TyperGroup):
    """``callqa evaluate DIR`` is ``callqa evaluate calls DIR``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_CallsUnlessNamed,
    no_args_is_help=True,
    help="How good it is on calls whose truth you know: callqa evaluate DIR.",
)


@app.command(DEFAULT)
def calls(
    folder: Annotated[Path, typer.Argument(help="Truth files (JSON), with the recordings or in DIR/truth.")],
    truth: Annotated[
        bool,
        typer.Option("--truth", help="Judge the rulebook alone, on the true words instead of heard ones."),
    ] = False,
    run: Annotated[bool, typer.Option(help="Run the folder's recordings first that have no result.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Score an exported file (export calls) instead of the database.")
    ] = None,
    rulebook: Annotated[Path | None, typer.Option(help="With --truth: a rulebook folder.")] = None,
    format: Annotated[Format, typer.Option(help="text, json or html.")] = Format.TEXT,
    out: Annotated[Path | None, typer.Option(help="File; default: the screen.")] = None,
    gate: Annotated[
        Path | None, typer.Option(help="An evaluation saved with --format json; exit code 1 when worse.")
    ] = None,
    tolerance: Annotated[float, typer.Option(min=0, help="So much worse a figure may be.")] = 0.01,
    rule_tolerance: Annotated[float, typer.Option(min=0, help="The same for one rule.")] = 0.2,
) -> None:
    """Errors of recognition, speakers, flags and redaction on labelled calls; the calls to hear first.

    Results come from the database, by the names of the recordings; --run makes those that are missing.

    Example: callqa evaluate calls samples/ --format html --out evaluation.html
    """
    from .evaluate.truth import read_truths

    if sum((truth, run, export is not None)) > 1:
        raise UsageError("--truth, --run and --export are three ways to get results; take one")
    if rulebook is not None and not truth:
        raise UsageError(
            "--rulebook goes with --truth; stored calls: callqa inspect --rulebook, then evaluate"
        )
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    truths = read_truths(folder)
    if run:
        _run(folder)
    found = _perfect(truths, rulebook) if truth else _heard(truths, export)
    _write(found, format, out)
    if gate is not None:
        _gate(found, gate, tolerance, rule_tolerance)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="TextGrid, RTTM or Label Studio JSON files.")],
    out: Annotated[Path, typer.Option(help="Folder for the truth files.")],
    agent: Annotated[
        list[str] | None, typer.Option(help="A speaker, tier or label that is the agent; may be repeated.")
    ] = None,
    customer: Annotated[
        list[str] | None, typer.Option(help="The same for the customer; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace truth files that are there.")] = False,
) -> None:
    """Make truth files of labels from Praat, an RTTM or Label Studio.

    Example: callqa evaluate import labels/*.TextGrid --agent S1 --customer S2 --out calls/truth
    """
    import json

    from .evaluate.importers import import_labels
    from .store.files import replacing

    roles = dict.fromkeys(agent or (), "agent") | dict.fromkeys(customer or (), "customer")
    made = {name: found for file in files for name, found in import_labels(file, roles).items()}
    out.mkdir(parents=True, exist_ok=True)
    there = [name for name in made if (out / f"{name}.json").exists()]
    if there and not force:
        raise UsageError(f"{out} has {', '.join(there)} already; --force replaces them")
    for name, found in made.items():
        with replacing(out / f"{name}.json", encoding="utf-8") as stream:
            json.dump(found, stream, ensure_ascii=False, indent=1)
    turns = sum(len(found["turns"]) for found in made.values())
    typer.echo(f"{len(made)} truth files with {turns} turns in {out}")


def _run(folder: Path) -> None:
    from .ingest.metadata import Metadata
    from .worker.run import Options
    from .worker.run import run as run_batch

    settings = load_settings()
    store = open_database(settings, create=True)
    run_batch(store, settings, [folder], Metadata.load((), settings.filename_pattern), Options(quiet=True))
    store.close()


def _heard(truths: "dict[str, Truth]", export: Path | None) -> "Evaluation":
    from .evaluate.heard import matched, read_export
    from .evaluate.score import evaluate

    if export is not None:
        return evaluate(truths, matched(read_export(export), truths), str(export))
    found = _stored(truths)
    if not found:
        raise UsageError(
            "the database has no result of any labelled call; --run makes them, or run them first"
        )
    return evaluate(truths, found, f"stored results in {load_settings().resolved_database_url}")


def _stored(truths: "dict[str, Truth]") -> "list[Heard]":
    from .cli_access import exporting
    from .evaluate.heard import matched
    from .evaluate.stored import stored_calls

    store = open_database(load_settings())
    exporting(store, "calls", False, None)  # the report quotes what was said
    found = list(matched(stored_calls(store, truths), truths))
    store.close()
    return found


def _perfect(truths: "dict[str, Truth]", folder: Path | None) -> "Evaluation":
    from .evaluate.heard import perfect
    from .evaluate.score import PERFECT, evaluate
    from .inspect.rulebook import load_rulebook, shipped_rulebook

    rulebook = load_rulebook(folder) if folder else shipped_rulebook()
    heard = [perfect(t, rulebook) for t in truths.values() if t.has_text and t.has_roles]
    return evaluate(truths, heard, f"{PERFECT}, rulebook {rulebook.hash}")


def _write(found: "Evaluation", format: Format, out: Path | None) -> None:
    text = _shown(found, format)
    if out is None:
        typer.echo(text)
        return
    from .store.files import replacing

    with replacing(out, encoding="utf-8") as stream:
        stream.write(text)
    typer.echo(f"{len(found.calls)} calls scored, written to {out}", err=True)


def _shown(found: "Evaluation", format: Format) -> str:
    import json

    from .evaluate.page import to_html
    from .evaluate.report import to_json, to_text

    if format is Format.JSON:
        return json.dumps(to_json(found), ensure_ascii=False, indent=1)
    return to_html(found) if format is Format.HTML else to_text(found)


def _gate(found: "Evaluation", baseline: Path, tolerance: float, rule_tolerance: float) -> None:
    from .evaluate.gate import read_baseline, worse
    from .evaluate.report import to_json

    lines: list[Any] = worse(to_json(found), read_baseline(baseline), tolerance, rule_tolerance)
    for line in lines:
        typer.echo(f"worse: {line}", err=True)
    if lines:
        raise typer.Exit(1)
    typer.echo(f"nothing is worse than {baseline}", err=True)
