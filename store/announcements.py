"""The outbox: what other systems are to be told, written with what caused it and delivered later."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from .access_tables import Announcement
from .database import Store
from .tables import columns_of, now

announcement = columns_of(Announcement)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An announcement in the hands of a deliverer."""

    id: int
    event: str
    endpoint: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


_COLUMNS = [announcement.c[name] for name in Waiting.__dataclass_fields__]


def event_name(*parts: object) -> str:
    """The same name for the same happening, so that it is announced once."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]


def announce(
    connection: Connection, event: str, kind: str, payload: Mapping[str, Any], due: Mapping[str, datetime]
) -> int:
    """Put an event into the outbox for each endpoint in ``due``, with the moment it may leave.

    What an endpoint was told before is left out; returns how many were added.
    """
    told = select(announcement.c.endpoint).where(announcement.c.event == event)
    known = set(connection.execute(told).scalars())
    rows = [
        {
            "event": event,
            "endpoint": endpoint,
            "kind": kind,
            "payload": dict(payload),
            "state": "waiting",
            "attempts": 0,
            "next_at": moment,
            "created_at": now(),
        }
        for endpoint, moment in due.items()
        if endpoint not in known
    ]
    if rows:
        connection.execute(announcement.insert(), rows)
    return len(rows)


def take_due(
    store: Store,
    endpoints: Sequence[str],
    lease: timedelta,
    limit: int,
    at: datetime | None = None,
    *,
    digests: bool = False,
) -> list[Waiting]:
    """Announcements that may leave, oldest first; nobody else gets them until ``lease`` is over.

    With ``digests`` those of published digests, which leave each by itself; without it all others.
    """
    moment = at or now()
    a = announcement.c
    kind = a.kind == "digest" if digests else a.kind != "digest"
    waiting = (a.state == "waiting") & (a.next_at <= moment) & a.endpoint.in_(endpoints) & kind
    query = select(*_COLUMNS).where(waiting).order_by(a.id).limit(limit).with_for_update(skip_locked=True)
    with store.write() as connection:
        rows = [Waiting(*row) for row in connection.execute(query)]
        taken = {"next_at": moment + lease, "attempts": a.attempts + 1}
        connection.execute(update(announcement).where(a.id.in_([r.id for r in rows])).values(taken))
    return rows


def mark_delivered(store: Store, ids: Sequence[int]) -> None:
    _mark(store, ids, {"state": "delivered", "delivered_at": now(), "error": None})


def mark_failed(store: Store, ids: Sequence[int], error: str, next_at: datetime | None) -> None:
    """Try again at ``next_at``; None gives up."""
    state = {"state": "given_up"} if next_at is None else {"next_at": next_at}
    _mark(store, ids, {**state, "error": error[:500]})


def hurry(store: Store, event: str) -> None:
    """Let all of an event that was not delivered yet, given up or not, leave now."""
    a = announcement.c
    open_ = (a.event == event) & (a.state != "delivered")
    with store.write() as connection:
        change = {"state": "waiting", "attempts": 0, "next_at": now()}
        connection.execute(update(announcement).where(open_).values(change))


def told(store: Store, event: str) -> list[tuple[str, str, str | None]]:
    """Who is to hear of an event: (endpoint, state, what went wrong last)."""
    a = announcement.c
    query = select(a.endpoint, a.state, a.error).where(a.event == event).order_by(a.id)
    with store.read() as connection:
        return [(endpoint, state, error) for endpoint, state, error in connection.execute(query)]


def outbox_counts(store: Store) -> dict[tuple[str, str], int]:
    """How many announcements each endpoint has in each state."""
    a = announcement.c
    query = select(a.endpoint, a.state, func.count()).group_by(a.endpoint, a.state)
    with store.read() as connection:
        return {(endpoint, state): n for endpoint, state, n in connection.execute(query)}


def retry_given_up(store: Store) -> int:
    """Put what was given up back; returns how many."""
    change = update(announcement).where(announcement.c.state == "given_up")
    with store.write() as connection:
        return connection.execute(change.values(state="waiting", attempts=0, next_at=now())).rowcount


def _mark(store: Store, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    with store.write() as connection:
        connection.execute(update(announcement).where(announcement.c.id.in_(ids)).values(values))
