"""``callqa digest``: the customers' voice of a day."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    from .store.digests import get_digest, publish_digest
    from .voice.digest import draw_up

    if language not in ("zh", "en"):
        raise UsageError(f"the digest is written in zh or en, not {language}")
    if out is not None and not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}")
    store = open_database(load_settings())
    which = day.date() if day else date.today() - timedelta(days=1)
    row = get_digest(store, which)
    if row is None or (redo and row.state == "draft"):
        draw_up(store, which)
    if publish:
        publish_digest(store, which, by="callqa")
    row = get_digest(store, which)
    assert row is not None
    if out is not None:
        out.write_text(_html(store, row, language), encoding="utf-8")
    if mail:
        _mail(store, row)
    if json:
        print_json(dict(row.content) | {"state": row.state})
    else:
        _show(row, out)


def _html(store: "Store", row: "DigestRow", language: str) -> str:
    from .store.call import get_call
    from .store.digests import clips_of
    from .voice.clip_sound import clip_sound
    from .voice.digest_file import to_html

    clips = clips_of(store, row.id, hidden=False)
    return to_html(
        row, clips, lambda c: clip_sound(store, get_call(store, c.recording_id), c.start, c.end), language
    )


def _mail(store: "Store", row: "DigestRow") -> None:
    from .notify.config import load_config
    from .notify.voice_mail import mail_voice
    from .notify.webhooks import NotDelivered
    from .voice.digest_file import summary

    if row.state != "published":
        raise UsageError(f"the digest of {row.day} is a draft; publish it on the page or with --publish")
    config = load_config(load_settings().notify)
    name = f"callqa-digest-{row.day.isoformat()}.html"
    try:
        sent = mail_voice(config, lambda word: (*summary(row, word), _html(store, row, word)), name)
    except NotDelivered as error:
        raise CallqaError(str(error)) from error
    if not sent:
        raise UsageError("nobody is to get it: CALLQA_NOTIFY names no mail receiver with `voice: true`")
    typer.echo(f"sent to {sent} receivers", err=True)


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
