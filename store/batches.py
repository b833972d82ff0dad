"""The account of a batch: what became of every file it saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, true, update

from . import tables
from .clock import clock, in_zone
from .database import Store, insert_into, writing
from .hosts import services_of
from .paths import to_text
from .recordings import batch_file, file, recording
from .results import LEVELS, flag
from .tables import columns_of, now

batch = columns_of(tables.Batch)
IDLE = timedelta(hours=1)
"""An occasion that was begun and for so long got no recording is not in anybody's hands any more."""
# A literal, not a parameter: PostgreSQL takes two parameters for two different expressions.
_STATUS: ColumnElement[str] = func.coalesce(recording.c.status, literal_column("'unreadable'"))


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One run; ``summary`` is None while it is not over, or when it was killed."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    paths: tuple[str, ...]
    summary: Mapping[str, Any] | None
    kind: str = "run"
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file without a result; ``status`` is one of the recording's, or ``unreadable``."""

    name: str
    path: str
    status: str
    kind: str
    reason: str
    remedy: str


def start_batch(
    store: Store | Connection,
    paths: Iterable[Path],
    *,
    kind: str = "run",
    rank: int = 0,
    host: str | None = None,
) -> int:
    """Open the account of one run over ``paths``; returns its id."""
    row = {
        "paths": [to_text(p) for p in paths],
        "started_at": now(),
        "kind": kind,
        "rank": rank,
        "host": host,
    }
    with writing(store) as connection:
        return int(connection.execute(batch.insert().values(row).returning(batch.c.id)).scalar_one())


def start_occasion(
    store: Store, occasion: str, paths: Iterable[Path], *, kind: str, host: str | None = None
) -> int | None:
    """Open the account of what may happen only once; None when another host, or this one, already has.

    One that was begun and not finished, by a host that is gone since or does nothing, is taken over.
    """
    row = {
        "paths": [to_text(p) for p in paths],
        "kind": kind,
        "rank": 0,
        "host": host,
        "occasion": occasion,
    }
    with store.write() as connection:
        moment = clock(connection)
        insert = insert_into(connection, batch).values(started_at=moment, **row)
        insert = insert.on_conflict_do_nothing(index_elements=["occasion"])
        found: int | None = connection.execute(insert.returning(batch.c.id)).scalar()
        return found or _left_behind(connection, occasion, host, moment)


def _left_behind(connection: Connection, occasion: str, host: str | None, moment: datetime) -> int | None:
    """The number of an occasion begun by whoever is gone; it is the caller's now."""
    begun = select(batch.c.id, batch.c.host, batch.c.started_at)
    begun = begun.where(batch.c.occasion == occasion, batch.c.finished_at.is_(None))
    row = connection.execute(begun.with_for_update()).one_or_none()
    if row is None or _is_in_hand(connection, row, moment):
        return None
    connection.execute(update(batch).where(batch.c.id == row.id).values(host=host, started_at=moment))
    number: int = row.id
    return number


def _is_in_hand(connection: Connection, row: Any, moment: datetime) -> bool:
    """Whether a service lives on its host that was there when it began, and recordings came of late."""
    newest = select(func.max(batch_file.c.file_id)).where(batch_file.c.batch_id == row.id).scalar_subquery()
    added = select(recording.c.added_at).join(file).where(file.c.id == newest)
    began = in_zone(row.started_at)
    last = in_zone(connection.execute(added).scalar() or began)
    there = (s for s in services_of(connection, row.host or "") if s.is_alive)
    return moment - max(began, last) < IDLE and any(in_zone(s.started_at) <= began for s in there)


def finish_batch(store: Store, batch_id: int, summary: Mapping[str, Any]) -> None:
    change = {"finished_at": now(), "summary": dict(summary)}
    with store.write() as connection:
        connection.execute(update(batch).where(batch.c.id == batch_id).values(change))


def last_batch(store: Store) -> BatchRow | None:
    return next(iter(batches(store, most=1)), None)


def batches(store: Store, *, most: int = 50, kind: str | None = None) -> tuple[BatchRow, ...]:
    """The newest batches, the last one first."""
    query = select(batch).order_by(batch.c.id.desc()).limit(most)
    if kind is not None:
        query = query.where(batch.c.kind == kind)
    with store.read() as connection:
        return tuple(_batch_row(row) for row in connection.execute(query))


def _batch_row(row: Any) -> BatchRow:
    return BatchRow(
        row.id, row.started_at, row.finished_at, tuple(row.paths), row.summary, row.kind, row.host
    )


def batch_statuses(store: Store, batch_id: int) -> dict[str, int]:
    """How many of the batch's files ended how; files that could not be read are ``unreadable``."""
    query = select(_STATUS, func.count()).select_from(file.outerjoin(recording))
    with store.read() as connection:
        rows = connection.execute(query.where(_seen_by(batch_id)).group_by(_STATUS))
        return dict(rows.all())


def batch_recordings(store: Store, batch_id: int) -> int:
    """How many different contents the batch's files hold."""
    query = select(func.count(file.c.recording_id.distinct())).where(_seen_by(batch_id))
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def batch_flags(store: Store, batch_id: int) -> dict[str, int]:
    """How many flags of each severity the batch's recordings have, worst first."""
    ours = select(file.c.recording_id).where(_seen_by(batch_id))
    query = (
        select(flag.c.severity, func.count())
        .where(flag.c.recording_id.in_(ours))
        .group_by(flag.c.severity)
        .order_by(flag.c.severity.desc())
    )
    with store.read() as connection:
        return {LEVELS[severity].value: count for severity, count in connection.execute(query)}


def batch_problems(store: Store, batch_id: int) -> tuple[Problem, ...]:
    """Every file of the batch without a result, and why."""
    return _problems(store, _seen_by(batch_id))


def all_problems(store: Store) -> tuple[Problem, ...]:
    """Every file ever seen without a result, and why."""
    return _problems(store, true())


def _seen_by(batch_id: int) -> ColumnElement[bool]:
    return file.c.id.in_(select(batch_file.c.file_id).where(batch_file.c.batch_id == batch_id))


def _problems(store: Store, which: ColumnElement[bool]) -> tuple[Problem, ...]:
    query = (
        select(
            file.c.name,
            file.c.path,
            _STATUS,
            func.coalesce(recording.c.error_kind, "unreadable"),
            func.coalesce(recording.c.error, file.c.error, ""),
            func.coalesce(recording.c.remedy, file.c.remedy, ""),
        )
        .select_from(file.outerjoin(recording))
        .where(which, _STATUS.in_(("failed", "quarantined", "empty", "unreadable")))
        .order_by(_STATUS, file.c.path)
    )
    with store.read() as connection:
        return tuple(Problem(*row) for row in connection.execute(query))
