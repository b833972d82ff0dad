"""What is announced, and to whom: rows of the outbox, written with what caused them.

Nothing a person said leaves in an announcement: a receiver that may see it asks callqa for the call.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from ..inspect.types import Level
from ..settings import get_settings
from ..store.announcements import announce, event_name
from ..store.batches import batch
from ..store.cases import CaseRow
from ..store.database import Store, writing
from ..store.recordings import recording
from ..store.results import LEVELS, flag
from ..store.tables import now
from .config import Kind, Mail, NotifyConfig, Webhook, load_config

_CALL = ("id", "sha256", "call_id", "business", "team", "agent", "score")
_CASE = ("id", "state", "department", "owner", "escalated", "opened_by")
_FLAG = ("id", "rule", "rule_version", "severity", "start", "end", "role", "points", "doubtful")


def announce_result(connection: Connection, recording_id: int, config: NotifyConfig | None = None) -> int:
    """Announce the flags a recording now has; call it within the transaction that stores them.

    Each endpoint is told of flags at or above its severity; one that was told of exactly these flags is
    not told again. Returns how many announcements were written.
    """
    told = _listeners(config, "flag")
    if not told:
        return 0
    row = connection.execute(select(*(recording.c[n] for n in _CALL)).where(recording.c.id == recording_id))
    call = row.one()._asdict()
    flags = _flags(connection, recording_id)
    count = 0
    for endpoint in told:
        bad = [f for f in flags if LEVELS.index(Level(f["severity"])) >= LEVELS.index(endpoint.severity)]
        if bad and (not endpoint.businesses or call["business"] in endpoint.businesses):
            event = event_name(
                "flag", call["sha256"], *((f["rule"], f["rule_version"], f["start"]) for f in bad)
            )
            payload = {"kind": "flag", "call": call, "flags": bad}
            count += announce(connection, event, "flag", payload, {endpoint.name: _when(endpoint)})
    return count


def announce_batch(
    store: Store | Connection, batch_id: int, config: NotifyConfig | None = None, **more: Any
) -> int:
    """Announce that a batch is over, with its summary; returns how many announcements were written."""
    told = _listeners(config, "batch")
    if not told:
        return 0
    with writing(store) as connection:
        found = connection.execute(select(batch).where(batch.c.id == batch_id)).one()
        payload = {
            "kind": "batch",
            "batch": batch_id,
            "started_at": found.started_at.isoformat(),
            "finished_at": found.finished_at.isoformat() if found.finished_at else None,
            "summary": _figures(found.summary or {}),
            **more,
        }
        event = event_name("batch", batch_id, found.started_at, found.finished_at)
        return announce(connection, event, "batch", payload, _due(told))


def announce_publish(
    store: Store | Connection, version: str | int, config: NotifyConfig | None = None, **more: Any
) -> int:
    """Announce that a rulebook was published; ``more`` (who, note, what changed) goes along as it is."""
    told = _listeners(config, "publish")
    if not told:
        return 0
    at = now()
    payload = {"kind": "publish", "version": version, "at": at.isoformat(), **more}
    with writing(store) as connection:
        return announce(connection, event_name("publish", version, at), "publish", payload, _due(told))


def announce_case(
    connection: Connection, case: CaseRow, days_late: int, config: NotifyConfig | None = None
) -> int:
    """Announce that an overdue case was passed upwards; call it within the transaction that does so.

    What it is about stays inside: its title is somebody's words. Returns how many announcements were written.
    """
    grave = [e for e in _listeners(config, "case") if case.severity >= LEVELS.index(e.severity)]
    business = select(recording.c.business).where(recording.c.id == case.recording_id)
    whose = connection.execute(business).scalar() if grave and case.recording_id else None
    told = [e for e in grave if not e.businesses or whose in e.businesses]
    facts = {name: getattr(case, name) for name in _CASE} | {
        "severity": LEVELS[case.severity].value,
        "deadline": case.deadline.isoformat() if case.deadline else None,
        "days_late": days_late,
    }
    event = event_name("case", case.id, case.opened_at, case.escalated)
    return announce(connection, event, "case", {"kind": "case", "case": facts}, _due(told))


def announce_digest(connection: Connection, day: date, config: NotifyConfig | None = None) -> int:
    """Announce to mail receivers with ``voice: true`` that the digest of a day was published; once each."""
    known = load_config(get_settings().notify) if config is None else config
    due = {mail.name: now() for mail in known.mail if mail.voice}
    return announce(connection, digest_event(day), "digest", {"kind": "digest", "day": day.isoformat()}, due)


def digest_event(day: date) -> str:
    return event_name("digest", day)


def _listeners(config: NotifyConfig | None, kind: Kind) -> list[Webhook | Mail]:
    known = load_config(get_settings().notify) if config is None else config
    return [e for e in known.endpoints.values() if kind in e.events]


def _due(told: list[Webhook | Mail]) -> Mapping[str, datetime]:
    return {endpoint.name: _when(endpoint) for endpoint in told}


def _when(endpoint: Webhook | Mail) -> datetime:
    """Webhooks leave at once, mails at the next hour of their digest."""
    at = now()
    if isinstance(endpoint, Webhook):
        return at
    local = at.astimezone()
    today = local.replace(hour=endpoint.hour, minute=0, second=0, microsecond=0)
    return (today if today > local else today + timedelta(days=1)).astimezone(UTC)


def _flags(connection: Connection, recording_id: int) -> list[dict[str, Any]]:
    query = select(*(flag.c[n] for n in _FLAG)).where(flag.c.recording_id == recording_id)
    rows = connection.execute(query.order_by(flag.c.position))
    return [{**row._asdict(), "severity": LEVELS[row.severity].value} for row in rows]


def _figures(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Counts only: names of files hold telephone numbers often enough."""
    return {k: v for k, v in summary.items() if isinstance(v, int | float | dict) and k != "problems"}
