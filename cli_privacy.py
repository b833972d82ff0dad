"""Personal data on the command line: redacted sound, retention, erasure, legal holds."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_access import acting_name
from .cli_common import Json, load_settings, open_database, print_json
from .errors import UsageError

if TYPE_CHECKING:
    from .privacy.retention import Purged
    from .store import Store

app = typer.Typer(no_args_is_help=True, help="What is kept how long, erasure on request, legal holds.")
NoVacuum = Annotated[
    bool, typer.Option("--no-vacuum", help="Leave freed pages of the database as they are; faster.")
]


def redact(
    call: Annotated[
        str | None, typer.Argument(help="A call's number, or its recording's name; none with --again.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="WAV file to write.")] = None,
    silence: Annotated[bool, typer.Option("--silence", help="Silence instead of a beep.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Redact all stored transcripts anew, after CALLQA_REDACT changed.")
    ] = False,
) -> None:
    """Write a call's sound without the personal data in it, or redact stored transcripts anew.

    Example: callqa redact 17 --out call-17.wav
    """
    store = open_database(load_settings())
    if again:
        from .privacy.stored import redact_again

        typer.echo(f"{redact_again(store)} transcripts read otherwise now")
        return
    if call is None or out is None:
        raise UsageError("name a call and --out FILE.wav, or --again")
    from .cli_access import exporting
    from .privacy.stored import write_redacted_sound

    number = _number(store, call)
    exporting(store, "sound", True, out)
    seconds = write_redacted_sound(store, number, out, "silence" if silence else load_settings().redact_sound)
    typer.echo(f"{seconds:.1f} s of it replaced, written to {out}", err=True)


@app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    no_vacuum: NoVacuum = False,
    out: Annotated[Path | None, typer.Option(help="Write the certificate to this file.")] = None,
    json: Json = False,
) -> None:
    """Take out what is older than the file in CALLQA_RETENTION keeps it; legal holds stay.

    Example: callqa purge run --dry-run
    """
    from .privacy.retention import load_policy, purge

    settings = load_settings()
    policy = load_policy(settings.retention)
    done = purge(
        open_database(settings),
        settings.home.absolute(),
        policy,
        who=acting_name(),
        today=date.today(),
        dry_run=dry_run,
        vacuum=not no_vacuum,
    )
    _report(done, out, json, "would go" if dry_run else "gone")


@app.command()
def erase(
    reason: Annotated[str, typer.Option(help="Why, for certificate and audit log.")],
    customer: Annotated[str | None, typer.Option(help="Every call of this customer number.")] = None,
    call: Annotated[list[str] | None, typer.Option(help="This call; may be repeated.")] = None,
    keep_files: Annotated[
        bool,
        typer.Option("--keep-files", help="Leave the recorder's files; a next run takes them in."),
    ] = False,
    no_vacuum: NoVacuum = False,
    out: Annotated[Path | None, typer.Option(help="Write the certificate to this file.")] = None,
    json: Json = False,
) -> None:
    """Erase a customer or calls: rows, copies, files, freed pages; ends with a signed certificate.

    Example: callqa purge erase --customer 13800001111 --reason "request of 2026-11-02" --out certificate.json
    """
    from .privacy.retention import erase as erase_calls

    settings = load_settings()
    store = open_database(settings)
    done = erase_calls(
        store,
        settings.home.absolute(),
        who=acting_name(),
        reason=reason,
        customer=customer,
        ids=[_number(store, one) for one in call] if call else None,
        keep_files=keep_files,
        vacuum=not no_vacuum,
    )
    _report(done, out, json, "gone")


@app.command()
def hold(
    reason: Annotated[str, typer.Option(help="Why.")],
    business: Annotated[str | None, typer.Option(help="All calls of this business.")] = None,
    customer: Annotated[str | None, typer.Option(help="All calls of this customer number.")] = None,
    call: Annotated[str | None, typer.Option(help="This call.")] = None,
) -> None:
    """Keep calls from being purged or erased until the hold is released.

    Example: callqa purge hold --customer 13800001111 --reason "case 2026-118"
    """
    from .privacy.audit import Action, record
    from .store.call import get_call
    from .store.erasing import add_hold

    given = [(f, v) for f, v in (("business", business), ("customer", customer), ("call", call)) if v]
    if len(given) != 1:
        raise UsageError("name one of --business, --customer, --call")
    store = open_database(load_settings())
    field, value = given[0]
    if field == "call":
        value = get_call(store, _number(store, value)).row.sha256
    number = add_hold(store, field, value, reason, acting_name())
    record(store, acting_name(), Action.HOLD, f"hold {number}", {"field": field, "reason": reason})
    typer.echo(f"hold {number} stands")


@app.command()
def release(number: Annotated[int, typer.Argument(help="The hold's number.")]) -> None:
    """Release a legal hold.

    Example: callqa purge release 3
    """
    from .privacy.audit import Action, record
    from .store.erasing import lift_hold

    store = open_database(load_settings())
    if not lift_hold(store, number):
        raise UsageError(f"there is no standing hold {number}; callqa purge holds shows all")
    record(store, acting_name(), Action.HOLD, f"hold {number}", {"released": True})
    typer.echo(f"hold {number} is released")


@app.command()
def holds(json: Json = False) -> None:
    """Show the standing legal holds.

    Example: callqa purge holds
    """
    from .store.erasing import list_holds

    rows = [row._asdict() for row in list_holds(open_database(load_settings()))]
    if json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['id']:>4}  {row['field']} {row['value']}: {row['reason']} ({row['who']})")


@app.command()
def verify(certificate: Annotated[Path, typer.Argument(help="A certificate.")]) -> None:
    """Check that a certificate of erasure was made here and not altered.

    Example: callqa purge verify certificate.json
    """
    import json

    from .privacy.certificates import check, signing_key

    try:
        content = json.loads(certificate.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{certificate} cannot be read: {error}") from error
    check(content, signing_key(load_settings().home.absolute()))
    typer.echo(f"genuine: {content['kind']}, {len(content['recordings'])} recordings, {content['at']}")


def _report(done: "Purged", out: Path | None, json: bool, word: str) -> None:
    import dataclasses
    from json import dumps

    if out is not None and done.certificate is not None:
        out.write_text(dumps(done.certificate, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if json:
        print_json(dataclasses.asdict(done))
        return
    counts = {"calls": done.calls, "sound": done.audio, "transcripts": done.transcripts, "words": done.words}
    typer.echo(f"{word}: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    if done.held:
        typer.echo(f"kept by legal holds: {done.held} calls")
    for path in done.files:
        typer.echo(f"could not be deleted: {path}", err=True)


def _number(store: "Store", call: str) -> int:
    """The number of the call that is named by it or by its recording's name."""
    from .store import ids_named

    if call.isascii() and call.isdigit():
        return int(call)
    found = ids_named(store, [call])
    if len(found) != 1:
        raise UsageError(f"{len(found)} recordings are named {call}; give the call's number")
    return found[0]
