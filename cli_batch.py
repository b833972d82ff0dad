"""The main job on the command line: run, ingest, worker, watch, status, retry; and the web app."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_common import (
    Agent,
    Business,
    Json,
    Since,
    Status,
    Team,
    Until,
    as_path,
    call_filter,
    load_settings,
    open_database,
    print_json,
)
from .errors import UsageError

if TYPE_CHECKING:
    from .ingest.metadata import Metadata
    from .settings import Settings
    from .store import Store
    from .worker.summary import Summary

Paths = Annotated[
    list[str], typer.Argument(help="Folders, recordings, lists of recordings, or s3://bucket/prefix.")
]
Rank = Annotated[int, typer.Option(min=-100, max=100, help="Smaller is done first; new recordings have 0.")]
Tables = Annotated[
    list[Path] | None,
    typer.Option(help="Call data: a CSV, TSV or JSON file with a line a recording; may be repeated."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Take only so many recordings not seen before.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="Worker processes, each with its own models; default: one a GPU, else one for four cores."
    ),
]
MetricsPort = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Serve /metrics, /healthz and /readyz on this port.")
]
MetricsHost = Annotated[str, typer.Option(help="Address of the metrics' port.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu or cuda.")]
Strict = Annotated[bool, typer.Option(help="Exit code 3 when a recording failed or was quarantined.")]
Quiet = Annotated[bool, typer.Option(help="No line a recording.")]
RulebookFolder = Annotated[
    Path | None, typer.Option("--rulebook", help="A rulebook folder instead of the shipped one.")
]


def run(
    paths: Paths,
    metadata: Tables = None,
    workers: Workers = None,
    device: Device = None,
    limit: Limit = None,
    rulebook: RulebookFolder = None,
    metrics_port: MetricsPort = None,
    strict: Strict = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Ingest, transcribe, inspect and store recordings; ends with an account of every file.

    Stopped or killed, the same command goes on where it was; what is done is not done again. Exit code 0
    when all is done, also when single recordings failed (see --strict); 1 when it could not be done;
    75 when the database was locked, full or away for too long (try again later); 130 when it was stopped.

    Example: callqa run recordings/ --metadata calls.csv
    """
    from .worker.run import Options
    from .worker.run import run as run_batch

    settings = load_settings(device=device, rulebook=rulebook)
    options = Options(workers=workers, limit=limit, quiet=quiet, metrics_port=metrics_port)
    store = open_database(settings, create=True)
    summary = run_batch(store, settings, [as_path(p) for p in paths], _metadata(settings, metadata), options)
    _show(summary, json)
    if summary.stopped and not summary.is_complete:
        raise typer.Exit(130)
    if strict and summary.has_failures:
        raise typer.Exit(3)


def ingest(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Folders, recordings, or lists; none with --metadata only.")
    ] = None,
    metadata: Tables = None,
    limit: Limit = None,
    rank: Rank = 0,
    json: Json = False,
) -> None:
    """Only put recordings in the queue; workers do the rest.

    Without paths, call data that came after the recordings is stored with them, and calls whose data
    changed are queued to be inspected again.

    Example: callqa ingest recordings/ && callqa worker --until-empty
    """
    from .worker.patience import Patience
    from .worker.run import ingest as ingest_batch

    settings = load_settings()
    if not paths and not metadata:
        raise UsageError("name recordings, or call data with --metadata")
    store = open_database(settings, create=bool(paths))
    tables = _metadata(settings, metadata)
    if not paths:
        _late_data(store, tables, metadata or [], json)
        return
    patiently = Patience(settings.store_patience, say=lambda text: typer.echo(text, err=True))
    found = [as_path(p) for p in paths]
    summary = ingest_batch(store, found, tables, limit=limit, rank=rank, patiently=patiently)
    _show(summary, json)


def worker(
    workers: Workers = None,
    device: Device = None,
    rulebook: RulebookFolder = None,
    until_empty: Annotated[bool, typer.Option(help="End when the queue is empty.")] = False,
    schedule: Annotated[
        list[str] | None,
        typer.Option(help='Every day at a time, ingest a path: "22:00 PATH", with %Y-%m-%d for the day.'),
    ] = None,
    metadata: Tables = None,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
    quiet: Quiet = False,
) -> None:
    """Work on whatever is in the queue, until it is stopped. A signal drains, a second one stops at once.

    Example: callqa worker --schedule "22:00 /recordings/%Y-%m-%d" --metrics-port 9464
    """
    from .worker.patience import Patience
    from .worker.run import Options, serve
    from .worker.schedule import Schedule, Scheduler

    settings = load_settings(device=device, rulebook=rulebook)
    times = tuple(Schedule.parse(text) for text in schedule or ())
    store = open_database(settings, create=True)
    options = Options(workers=workers, quiet=quiet, metrics_port=metrics_port, metrics_host=metrics_host)
    patiently = Patience(settings.store_patience)
    scheduler = Scheduler(store, times, lambda: _metadata(settings, metadata), patiently=patiently)
    beside = [scheduler.run] if times else []
    done = serve(store, settings, options, until_empty=until_empty, beside=beside)
    typer.echo(f"{done} recordings done")


def watch(
    folders: Annotated[list[Path], typer.Argument(help="Folders that fill with recordings.")],
    metadata: Tables = None,
    workers: Workers = None,
    device: Device = None,
    rulebook: RulebookFolder = None,
    settle: Annotated[float, typer.Option(min=0, help="Seconds a file must not have changed.")] = 10.0,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 5.0,
    only_queue: Annotated[bool, typer.Option(help="Let other services do the work.")] = False,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
    quiet: Quiet = False,
) -> None:
    """Take recordings as they come into folders, and work on them; a file still being written is left alone.

    Example: callqa watch /recordings/incoming --settle 20
    """
    from .worker.patience import Patience
    from .worker.run import Options, serve
    from .worker.watch import Watch, watch_only

    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder")
    settings = load_settings(device=device, rulebook=rulebook)
    store = open_database(settings, create=True)
    patiently = Patience(settings.store_patience)
    eye = Watch(
        store,
        folders,
        lambda: _metadata(settings, metadata),
        settle_seconds=settle,
        patiently=patiently,
    )
    if only_queue:
        watch_only(eye, every, lambda text: typer.echo(text, err=True))
    else:
        options = Options(workers=workers, quiet=quiet, metrics_port=metrics_port, metrics_host=metrics_host)
        serve(store, settings, options, beside=[lambda stop, say: eye.run(stop, say, every)])
    typer.echo(f"{eye.taken.new} new recordings taken")


def retranscribe(
    since: Since = None,
    until: Until = None,
    status: Status = None,
    business: Business = None,
    team: Team = None,
    agent: Agent = None,
    rank: Rank = 10,
    json: Json = False,
) -> None:
    """Queue stored calls to be transcribed again, by newer models; results stay until the new ones are there.

    Example: callqa retranscribe --since 2026-11-01 && callqa worker --until-empty
    """
    from .worker.again import queue_again

    chosen = call_filter(since=since, until=until, status=status, business=business, team=team, agent=agent)
    queued = queue_again(open_database(load_settings()), "retranscribe", chosen, rank=rank)
    if json:
        print_json({"batch": queued.batch, "tasks": queued.tasks})
        return
    typer.echo(f"batch {queued.batch}: {queued.tasks} calls wait to be transcribed again")


def status(
    problems: Annotated[bool, typer.Option(help="List every recording without a result.")] = False,
    call: Annotated[
        str | None, typer.Option(help="Name or number of one recording: every attempt, step by step.")
    ] = None,
    json: Json = False,
) -> None:
    """How many recordings are in which state, who works, when it will end, and what the last batch came to.

    Example: callqa status --problems
    """
    from rich.console import Console

    from .worker.status import current_status, show_status

    store = open_database(load_settings())
    if call is not None:
        _show_call(store, call, json)
        return
    now = current_status(store, problems=problems)
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
    for command in (run, ingest, worker, watch, retranscribe, status, retry, dashboard):
        app.command()(command)


def _metadata(settings: "Settings", tables: list[Path] | None) -> "Metadata":
    from .ingest.metadata import Metadata

    for table in tables or ():
        if not table.is_file():
            raise UsageError(f"{table}: there is no such file")
    return Metadata.load(tables or (), settings.filename_pattern)


def _late_data(store: "Store", metadata: "Metadata", tables: list[Path], json: bool) -> None:
    from dataclasses import asdict

    from .worker.again import apply_late_data

    found = apply_late_data(store, metadata, tables)
    if json:
        print_json(asdict(found))
        return
    typer.echo(f"{found.calls} stored calls are described, {found.changed} changed")
    if found.unused:
        typer.echo(f"{found.unused} rows fit no stored call")
    if found.reinspected:
        typer.echo(f"{found.reinspected} wait to be inspected again: callqa worker --until-empty")


def _show_call(store: "Store", named: str, json: bool) -> None:
    from dataclasses import asdict

    from rich.console import Console

    from .store import ids_named
    from .store.attempts import trace
    from .worker.status import show_trace

    for number in (int(named),) if named.isdigit() else ids_named(store, [named]):
        if json:
            print_json([asdict(one) for one in trace(store, number)])
        else:
            show_trace(store, number, Console())


def _show(summary: "Summary", json: bool) -> None:
    if json:
        print_json(summary.to_json())
        return
    from rich.console import Console

    from .worker.summary import show

    show(summary, Console())
