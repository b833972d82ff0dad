"""Reading for the people who review: places in a queue, flags of a page of calls, figures of a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ..inspect.types import Level
from .calls import _ORDERS, CallFilter, Order, _beyond, where
from .database import Store
from .recordings import file, recording
from .results import LEVELS, flag


@dataclass(frozen=True, slots=True)
class Failure:
    """Recordings that ended alike: ``kind``, with one reason and remedy of them and one name."""

    status: str
    kind: str
    reason: str
    remedy: str
    example: str
    count: int


def place(
    store: Store, recording_id: int, filter: CallFilter | None = None, *, order: Order = "worst"
) -> tuple[int | None, int]:
    """Which call this is in the filtered list, from 1, and how many there are.

    The place is None when the call is not in the list.
    """
    condition = where(filter or CallFilter())
    count = select(func.count()).select_from(recording)
    with store.read() as connection:
        total = connection.execute(count.where(condition)).scalar_one()
        keys = [column for column, _ in _ORDERS[order]]
        mine = select(*keys).where(recording.c.id == recording_id, condition)
        here = connection.execute(mine).one_or_none()
        if here is None:
            return None, total
        before = count.where(condition, _beyond(order, tuple(here), forward=False))
        return connection.execute(before).scalar_one() + 1, total


def flags_of(store: Store, recording_ids: Sequence[int]) -> dict[int, list[tuple[str, Level]]]:
    """Rule and severity of every flag of some calls, worst first."""
    found: dict[int, list[tuple[str, Level]]] = {one: [] for one in recording_ids}
    query = (
        select(flag.c.recording_id, flag.c.rule, flag.c.severity)
        .where(flag.c.recording_id.in_(recording_ids))
        .order_by(flag.c.severity.desc(), flag.c.position)
    )
    with store.read() as connection:
        for recording_id, rule, severity in connection.execute(query):
            found[recording_id].append((rule, LEVELS[severity]))
    return found


def failures(store: Store, filter: CallFilter | None = None) -> list[Failure]:
    """Recordings that ended without a result, grouped by what was wrong, most frequent first."""
    c = recording.c
    query = (
        select(c.status, c.error_kind, func.min(c.error), func.min(c.remedy), func.min(c.name), func.count())
        .where(c.status.in_(("failed", "quarantined", "empty")), where(filter or CallFilter()))
        .group_by(c.status, c.error_kind)
        .order_by(func.count().desc())
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [Failure(s, kind or "", error or "", fix or "", name, n) for s, kind, error, fix, name, n in rows]


def unreadable_files(store: Store, limit: int = 20) -> tuple[list[tuple[str, str, str]], int]:
    """Name, reason and remedy of files whose content could not be read, and how many there are."""
    unread: Any = file.c.recording_id.is_(None)
    query = select(file.c.name, file.c.error, file.c.remedy).where(unread).order_by(file.c.id.desc())
    with store.read() as connection:
        rows = connection.execute(query.limit(limit)).all()
        total = connection.execute(select(func.count()).select_from(file).where(unread)).scalar_one()
    return [(name, error or "", remedy or "") for name, error, remedy in rows], total


@dataclass(frozen=True, slots=True)
class FlagPlace:
    """Where a flag is: what ties a verdict to it."""

    id: int
    recording_id: int
    rule: str
    start: float
    end: float


def flag_place(store: Store, flag_id: int) -> FlagPlace | None:
    with store.read() as connection:
        row = connection.execute(_PLACE.where(flag.c.id == flag_id)).one_or_none()
        return FlagPlace(*row) if row else None


def flags_on(store: Store, recording_id: int) -> list[FlagPlace]:
    """All flags of a recording, in order."""
    query = _PLACE.where(flag.c.recording_id == recording_id).order_by(flag.c.position)
    with store.read() as connection:
        return [FlagPlace(*row) for row in connection.execute(query)]


def flag_verdicts(store: Store, recording_id: int) -> list[tuple[str, str | None]]:
    """Rule and verdict of every flag of a recording."""
    query = select(flag.c.rule, flag.c.verdict).where(flag.c.recording_id == recording_id)
    with store.read() as connection:
        return [(rule, verdict) for rule, verdict in connection.execute(query)]


def first_flags(store: Store, recording_ids: Sequence[int]) -> dict[int, float]:
    """Second of the gravest flag of each of these recordings, the first of several; flagged ones only."""
    query = (
        select(flag.c.recording_id, flag.c.start)
        .where(flag.c.recording_id.in_(recording_ids))
        .order_by(flag.c.severity, flag.c.start.desc())
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())


_PLACE = select(flag.c.id, flag.c.recording_id, flag.c.rule, flag.c.start, flag.c.end)
"""Columns of FlagPlace."""
