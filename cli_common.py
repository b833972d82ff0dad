"""What several commands share: settings, the store, call filters."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import StoreError, UsageError

if TYPE_CHECKING:
    from .inspect.types import Level
    from .settings import Settings
    from .store import CallFilter, Store

Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the calls.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the calls.")]
Status = Annotated[list[str] | None, typer.Option(help="Only calls in this state; may be repeated.")]
Rule = Annotated[list[str] | None, typer.Option(help="Only calls flagged by this rule; may be repeated.")]
Severity = Annotated[str | None, typer.Option(help="Only calls with a flag at least as severe.")]
Business = Annotated[list[str] | None, typer.Option(help="Only calls of this business.")]
Team = Annotated[list[str] | None, typer.Option(help="Only calls of this team.")]
Agent = Annotated[list[str] | None, typer.Option(help="Only calls of this agent.")]


def counted(number: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def load_settings(**changes: Any) -> "Settings":
    """The settings, with what the command line says otherwise (None says nothing)."""
    from pydantic import ValidationError

    from .settings import Settings, get_settings

    given = {name: value for name, value in changes.items() if value is not None}
    try:
        settings = get_settings()
        return Settings.model_validate({**settings.model_dump(), **given}) if given else settings
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()]
        raise UsageError("settings do not make sense: " + "; ".join(lines)) from error
    except (ValueError, OSError) as error:  # TOML and its encoding
        raise UsageError(f"callqa.toml cannot be read: {error}") from error


def open_database(settings: "Settings", *, create: bool = False) -> "Store":
    """The store, limited to the calls that the account of ``CALLQA_TOKEN`` reaches.

    Only with ``create`` is one made where there is none, so that a wrong folder is noticed.
    """
    from .cli_access import acting_person
    from .store import is_there, open_store

    url = settings.resolved_database_url
    if not create and not is_there(url):
        raise StoreError(
            f"there is no database at {url}; callqa run makes one, and --home or CALLQA_HOME says where it is"
        )
    store, person = open_store(url), acting_person()
    return store.within(person.scope) if person else store


def call_filter(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    status: list[str] | None = None,
    rule: list[str] | None = None,
    severity: str | None = None,
    business: list[str] | None = None,
    team: list[str] | None = None,
    agent: list[str] | None = None,
) -> "CallFilter":
    from .store import STATUSES, CallFilter

    for word in status or ():
        if word not in STATUSES:
            raise UsageError(f"no such status: {word}; use one of {', '.join(STATUSES)}")
    return CallFilter(
        since=_day(since),
        until=_day(until),
        status=tuple(status or ()),
        rule=tuple(rule or ()),
        severity=_level(severity),
        business=tuple(business or ()),
        team=tuple(team or ()),
        agent=tuple(agent or ()),
    )


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def as_path(text: str) -> Path:
    """A path, or a URL of an object store as one."""
    from .ingest.remote import from_url, is_url

    return from_url(text) if is_url(text) else Path(text)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _level(word: str | None) -> "Level | None":
    from .inspect.types import Level

    try:
        return Level(word) if word else None
    except ValueError:
        raise UsageError(f"no such severity: {word}; use one of {', '.join(Level)}") from None
