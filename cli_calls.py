"""Stored calls on the command line: search, export, inspect again."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from .cli_common import (
    Agent,
    Business,
    Json,
    Rule,
    Severity,
    Since,
    Status,
    Team,
    Until,
    call_filter,
    counted,
    load_settings,
    open_database,
    print_json,
)
from .errors import UsageError

if TYPE_CHECKING:
    from .inspect.rulebook import Rulebook
    from .rulebooks.current import Effective
    from .settings import Settings
    from .store import Store, StoredCall
    from .store.records import Redact
    from .worker.reinspect import Reinspected


class What(StrEnum):
    CALLS = "calls"
    FLAGS = "flags"
    TRANSCRIPTS = "transcripts"


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    SRT = "srt"


def search(
    query: Annotated[str, typer.Argument(help="Words; an utterance must hold all of them.")],
    since: Since = None,
    until: Until = None,
    business: Business = None,
    team: Team = None,
    agent: Agent = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many utterances.")] = 100,
    json: Json = False,
) -> None:
    """Find words in all transcripts.

    Example: callqa search "投诉 12315" --since 2026-11-01
    """
    from dataclasses import asdict, replace

    from .privacy.accounts import has_accounts
    from .store import search as search_store
    from .store.records import mask_mobiles

    store = open_database(load_settings())
    chosen = call_filter(since=since, until=until, business=business, team=team, agent=agent)
    hits = list(search_store(store, query, chosen, limit=limit))
    if has_accounts(store):
        hits = [replace(hit, text=hit.redacted, name=mask_mobiles(hit.name)) for hit in hits]
    if json:
        print_json([asdict(hit) for hit in hits])
        return
    for hit in hits:
        minutes, seconds = divmod(int(hit.start), 60)
        typer.echo(f"{hit.name} {minutes}:{seconds:02} {hit.role}: {hit.text}")
    more = " (there may be more: --limit)" if len(hits) == limit else ""
    typer.echo(f"{len(hits)} utterances{more}", err=True)


def export(
    what: Annotated[What, typer.Argument(help="calls, flags or transcripts.")],
    format: Annotated[Format, typer.Option(help="jsonl, csv, xlsx, or srt for transcripts.")] = Format.JSONL,
    out: Annotated[Path | None, typer.Option(help="File (srt: folder); default: the screen.")] = None,
    since: Since = None,
    until: Until = None,
    status: Status = None,
    rule: Rule = None,
    severity: Severity = None,
    business: Business = None,
    team: Team = None,
    agent: Agent = None,
    redacted: Annotated[
        bool | None,
        typer.Option(
            "--redacted/--original",
            help="Without personal data in texts and quotes; the default once there are accounts.",
        ),
    ] = None,
) -> None:
    """Write calls, flags or transcripts to a file, all of them or those that fit.

    Example: callqa export flags --format xlsx --severity high --out flags.xlsx
    """
    from .cli_access import exporting
    from .store import iter_calls

    chosen = call_filter(
        since=since,
        until=until,
        status=status,
        rule=rule,
        severity=severity,
        business=business,
        team=team,
        agent=agent,
    )
    store = open_database(load_settings())
    hidden = exporting(store, what.value, redacted, out)
    count = _export(what, format, out, iter_calls(store, chosen), hidden)
    if out is not None:
        typer.echo(f"{count} written to {out}", err=True)


def inspect(
    rulebook: Annotated[
        str | None,
        typer.Option(help="A folder, a version's number or a stored hash; default: what counts on its day."),
    ] = None,
    since: Since = None,
    until: Until = None,
    business: Business = None,
    team: Team = None,
    agent: Agent = None,
    again: Annotated[bool, typer.Option(help="Also calls this rulebook has inspected already.")] = False,
    background: Annotated[
        bool, typer.Option(help="Only queue it, for workers to do when nothing else waits.")
    ] = False,
    json: Json = False,
) -> None:
    """Inspect stored transcripts again, without their sound; verdicts stay with flags that stay.

    Example: callqa inspect --rulebook my-rules/ --since 2026-11-01
    """
    from .rulebooks.current import Effective, effective_rulebook
    from .worker.reinspect import reinspect

    settings = load_settings()
    store = open_database(settings)
    book = _rulebook(store, settings, rulebook)
    chosen = call_filter(since=since, until=until, business=business, team=team, agent=agent)
    if background:
        from .worker.again import queue_again

        named = book.hash if rulebook and not isinstance(book, Effective) else None
        queued = queue_again(store, "reinspect", chosen, rulebook=named, again=again)
        typer.echo(f"batch {queued.batch}: {queued.tasks} calls wait to be inspected again")
        return
    account = reinspect(store, book, chosen, again=again)
    today = effective_rulebook(store, settings) if isinstance(book, Effective) else book
    if json:
        print_json({"rulebook": today.hash, **account.to_json()})
    else:
        typer.echo(f"rulebook {today.hash}")
        _say_inspected(account)


def _say_inspected(account: "Reinspected") -> None:
    typer.echo(
        f"{counted(account.calls, 'call')} inspected, {account.changed} with another result than before; "
        f"{account.skipped} left alone, inspected under it already"
    )
    for word, rules in (("gained", account.gained), ("lost", account.lost)):
        for name, count in rules.most_common():
            typer.echo(f"{word} {name}: {counted(count, 'call')}")


def add_to(app: typer.Typer) -> None:
    for command in (search, export, inspect):
        app.command()(command)


def _rulebook(store: "Store", settings: "Settings", named: str | None) -> "Rulebook | Effective":
    from .rulebooks.current import Effective, keep, named_rulebook

    if named is None:
        return Effective(store, settings)
    return keep(store, named_rulebook(store, settings, named))


def _export(
    what: What, format: Format, out: Path | None, calls: Iterator["StoredCall"], redacted: bool
) -> int:
    from .store import files

    if format is Format.SRT:
        return _export_srt(what, out, calls, redacted)
    rows = _rows(what, format, calls, _redactor() if redacted else None)
    if format is Format.XLSX:
        if out is None:
            raise UsageError("an Excel file needs a name: --out FILE.xlsx")
        return files.write_xlsx(out, rows)
    with _opened(out, format) as stream:
        return (files.write_jsonl if format is Format.JSONL else files.write_csv)(stream, rows)


def _rows(
    what: What, format: Format, calls: Iterator["StoredCall"], redact: "Redact | None"
) -> Iterator[dict[str, Any]]:
    from .store import records

    if what is What.FLAGS:
        return chain.from_iterable(records.flag_rows(call, redact) for call in calls)
    if format is not Format.JSONL:
        if what is What.CALLS:
            return (records.call_row(call, redact) for call in calls)
        return chain.from_iterable(records.utterance_rows(call, redact) for call in calls)
    whole = (records.call_record(call, redact) for call in calls)
    if what is What.CALLS:
        return whole
    return ({name: r[name] for name in ("recording", "utterances", "models")} for r in whole)


def _export_srt(what: What, out: Path | None, calls: Iterator["StoredCall"], redacted: bool) -> int:
    from .store import files

    if what is not What.TRANSCRIPTS:
        raise UsageError("only transcripts can be written as subtitles")
    if out is None:
        raise UsageError("subtitles are one file a call and need a folder: --out FOLDER")
    out.mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    for call in calls:
        if call.transcript and call.transcript.utterances:
            with files.replacing(out / files.subtitle_name(call, used), encoding="utf-8") as stream:
                files.write_srt(stream, call, redacted=redacted)
    return len(used)


def _redactor() -> "Redact":
    from .privacy.redact import redact_text

    return redact_text


@contextmanager
def _opened(out: Path | None, format: Format) -> Iterator[IO[str]]:
    from .store.files import replacing

    if out is None:
        yield sys.stdout
        return
    # Excel takes a CSV file for UTF-8 only with the mark at its beginning.
    encoding = "utf-8-sig" if format is Format.CSV else "utf-8"
    newline = "" if format is Format.CSV else "\n"
    with replacing(out, encoding=encoding, newline=newline) as stream:
        yield stream
