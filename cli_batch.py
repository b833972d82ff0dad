"""The main job on the command line: run, ingest, worker, status, retry; and the web app."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import Json, load_settings, open_database, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .ingest.metadata import Metadata
    from .settings import Settings
    from .worker.summary import Summary

Paths = Annotated[list[Path], typer.Argument(help="Folders, recordings, or lists of recordings.")]
Tables = Annotated[
    list[Path] | None,
    typer.Option(help="Call data: a CSV, TSV or JSON file with a line a recording; may be repeated."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Take only so many recordings not seen before.")]
Workers = Annotated[int, typer.Option(min=1, help="Worker processes, each with its own models.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu or cuda.")]
Strict = Annotated[bool, typer.Option(help="Exit code 3 when a recording failed or was quarantined.")]
Quiet = Annotated[bool, typer.Option(help="No line a recording.")]
RulebookFolder = Annotated[
    Path | None, typer.Option("--rulebook", help="A rulebook folder instead of the shipped one.")
]


def run(
    paths: Paths,
    metadata: Tables = None,
    workers: Workers = 1,
    device: Device = None,
    limit: Limit = None,
    rulebook: RulebookFolder = None,
    strict: Strict = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Ingest, transcribe, inspect and store recordings; ends with an account of every file.

    Stopped or killed, the same command goes on where it was; what is done is not done again. Exit code 0
    when all is done, also when single recordings failed (see --strict); 1 when it could not be done;
    130 when it was stopped.

    Example: callqa run recordings/ --metadata calls.csv
    """
    from .worker.run import Options
    from .worker.run import run as run_batch

    settings = load_settings(device=device, rulebook=rulebook)
    options = Options(workers=workers, limit=limit, quiet=quiet)
    store = open_database(settings, create=True)
    summary = run_batch(store, settings, paths, _metadata(settings, metadata), options)
    _show(summary, json)
    if summary.stopped and not summary.is_complete:
        raise typer.Exit(130)
    if strict and summary.has_failures:
        raise typer.Exit(3)


def ingest(paths: Paths, metadata: Tables = None, limit: Limit = None, json: Json = False) -> None:
    """Only put recordings in the queue; workers do the rest.

    Example: callqa ingest recordings/ && callqa worker --until-empty
    """
    from .worker.run import ingest as ingest_batch

    settings = load_settings()
    store = open_database(settings, create=True)
    _show(ingest_batch(store, paths, _metadata(settings, metadata), limit=limit), json)


def worker(
    workers: Workers = 1,
    device: Device = None,
    rulebook: RulebookFolder = None,
    until_empty: Annotated[bool, typer.Option(help="End when the queue is empty.")] = False,
    quiet: Quiet = False,
) -> None:
    """Work on whatever is in the queue, until it is stopped. A signal drains, a second one stops at once.

    Example: callqa worker --workers 2
    """
    from .worker.run import Options, serve

    settings = load_settings(device=device, rulebook=rulebook)
    options = Options(workers=workers, quiet=quiet)
    done = serve(open_database(settings, create=True), settings, options, until_empty=until_empty)
    typer.echo(f"{done} recordings done")


def status(
    problems: Annotated[bool, typer.Option(help="List every recording without a result.")] = False,
    json: Json = False,
) -> None:
    """How many recordings are in which state, who works, and what the last batch came to.

    Example: callqa status --problems
    """
    from rich.console import Console

    from .worker.status import current_status, show_status

    now = current_status(open_database(load_settings()), problems=problems)
    if json:
        print_json(now.to_json())
    else:
        show_status(now, Console())


def retry(
    names: Annotated[list[str] | None, typer.Argument(help="Names of recordings; all if none.")] = None,
    quarantined: Annotated[bool, typer.Option(help="Those that were quarantined, too.")] = False,
    empty: Annotated[bool, typer.Option(help="Those without speech, too.")] = False,
) -> None:
    """Queue failed recordings again.

    Example: callqa retry && callqa worker --until-empty
    """
    from .store import ids_named, requeue

    store = open_database(load_settings())
    statuses = ["failed", *["quarantined"] * quarantined, *["empty"] * empty]
    count = requeue(store, statuses, ids_named(store, names) if names else None)
    typer.echo(f"{count} recordings queued again; work on them with: callqa worker --until-empty")


def dashboard(
    port: Annotated[int, typer.Option(help="Port of the web page.")] = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Open the web app in which flagged calls are heard and reviewed.

    Example: callqa dashboard --port 8600
    """
    from .dashboard import serve

    open_database(load_settings(), create=True).close()  # says now what is wrong with it, not on the page
    typer.echo(f"callqa is at http://{host}:{port} (Ctrl+C ends it)")
    serve.main(host, port)


def add_to(app: typer.Typer) -> None:
    for command in (run, ingest, worker, status, retry, dashboard):
        app.command()(command)


def _metadata(settings: "Settings", tables: list[Path] | None) -> "Metadata":
    from .ingest.metadata import Metadata

    for table in tables or ():
        if not table.is_file():
            raise UsageError(f"{table}: there is no such file")
    return Metadata.load(tables or (), settings.filename_pattern)


def _show(summary: "Summary", json: bool) -> None:
    if json:
        print_json(summary.to_json())
        return
    from rich.console import Console

    from .worker.summary import show

    show(summary, Console())
