"""The audit log on the command line."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from .cli_access import acting_name
from .cli_common import Since, Until, _day, load_settings, open_database
from .errors import CallqaError

app = typer.Typer(no_args_is_help=True, help="The audit log: who did what.")


@app.command()
def verify(
    witness: Annotated[
        Path | None, typer.Option(help="A witness file; default: the one in the data folder.")
    ] = None,
) -> None:
    """Go through the whole log; exit code 1 and every line named that was changed, moved or is missing.

    Example: callqa audit verify
    """
    from .privacy.audit import verify as verify_log

    found = verify_log(open_database(load_settings()), witness)
    typer.echo(f"{found.lines} lines, the last one is {found.head}")
    for problem in found.problems:
        typer.echo(problem, err=True)
    if found.problems:
        raise CallqaError(f"the audit log was tampered with: {len(found.problems)} problems")
    typer.echo("nothing was changed")


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="File; default: the screen.")] = None,
    since: Since = None,
    until: Until = None,
    who: Annotated[str | None, typer.Option(help="Only what this person did.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this, such as sign_in or export.")] = None,
) -> None:
    """Write the log as JSON lines, with hashes, so that it can be verified elsewhere too.

    Example: callqa audit export --since 2026-11-01 --out audit.jsonl
    """
    from dataclasses import asdict

    from .privacy.audit import Action, AuditFilter, entries, record
    from .store.files import replacing, write_jsonl

    store = open_database(load_settings())
    chosen = AuditFilter(who=who, action=action, since=_day(since), until=_day(until))
    record(store, acting_name(), Action.EXPORT, "audit", {"since": _text(since), "until": _text(until)})
    lines = (asdict(entry) for entry in entries(store, chosen))
    if out is None:
        write_jsonl(sys.stdout, lines)
        return
    with replacing(out, encoding="utf-8") as stream:
        typer.echo(f"{write_jsonl(stream, lines)} lines written to {out}", err=True)


def _text(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
