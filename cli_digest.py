"""``callqa digest``: the customers' voice of a day."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .cli_access import acting_name
from .cli_common import Json, load_settings, open_database, print_json
from .errors import CallqaError, UsageError

if TYPE_CHECKING:
    from .store import Store
    from .store.digests import DigestRow

Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day; default: yesterday.")
]


def digest(
    day: Day = None,
    out: Annotated[Path | None, typer.Option(help="Write one HTML file with its sound inside.")] = None,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    publish: Annotated[bool, typer.Option(help="Say that it may go out; it is not changed after.")] = False,
    redo: Annotated[bool, typer.Option(help="Draw the draft up again from the calls of today.")] = False,
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Send it, when published, to mail receivers with `voice: true`."),
    ] = False,
    json: Json = False,
) -> None:
    """The customers' voice of a day: channels, what is new or growing, clips to hear.

    A draft is kept and can be curated on the web page before it goes out.

    Example: callqa digest --date 2026-11-21 --out digest.html
    """
    from .store.digests import get_digest
    from .voice.digest import draw_up, refuse_limited
    from .voice.edition import file_of
    from .voice.edition import publish as publish_digest

    if language not in ("zh", "en"):
        raise UsageError(f"the digest is written in zh or en, not {language}")
    if out is not None and not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}")
    store = open_database(load_settings())
    refuse_limited(store)
    which = day.date() if day else date.today() - timedelta(days=1)
    row = get_digest(store, which)
    if row is None or (redo and row.state == "draft"):
        draw_up(store, which)
    if publish:
        publish_digest(store, which, by=acting_name())
    row = get_digest(store, which)
    assert row is not None
    if out is not None:
        out.write_text(file_of(store, row, language), encoding="utf-8")
    if mail:
        _mail(store, row)
    if json:
        print_json(dict(row.content) | {"state": row.state})
    else:
        _show(row, out)


def _mail(store: "Store", row: "DigestRow") -> None:
    from .store.announcements import told
    from .voice.duties import deliver
    from .voice.edition import send

    event = send(store, row.day)
    if not told(store, event):
        raise UsageError("nobody is to get it: CALLQA_NOTIFY names no mail receiver with `voice: true`")
    deliver(store)
    receivers = told(store, event)
    done = sum(state == "delivered" for _, state, _ in receivers)
    typer.echo(f"{done} of {len(receivers)} receivers have it", err=True)
    failed = next((error for _, state, error in receivers if state != "delivered"), None)
    if failed is not None:
        raise CallqaError(f"{failed}; it is tried again (callqa notify status)")


def _show(row: "DigestRow", out: Path | None) -> None:
    content = row.content
    typer.echo(f"{row.day} ({row.state}): {content['calls']} calls")
    for channel in content["channels"]:
        usual = "" if channel["expected"] is None else f", usually {channel['expected']:.1f}"
        alarm = "  rises clearly" if channel["is_alarm"] else ""
        typer.echo(f"{channel['calls']:>7}  {channel['title']} ({channel['share']:.0%}{usual}){alarm}")
    for group in content["rises"]:
        if group["rise"]["is_real"]:
            others = f" ({'、'.join(group['others'][:3])})" if group["others"] else ""
            typer.echo(f"   rise  {group['term']}{others}: {group['calls']} calls")
    if out is not None:
        typer.echo(f"wrote {out} ({out.stat().st_size / 1e6:.1f} MB)")


def add_to(app: typer.Typer) -> None:
    app.command()(digest)
