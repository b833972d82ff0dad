"""The queue: which recording is worked on by whom. A claim is a lease that its worker keeps renewing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from .database import Store
from .paths import to_path
from .recordings import file, recording
from .tables import now

LEASE = timedelta(seconds=120)
"""A claim not renewed for so long is lost, whatever became of its worker."""
MAX_ATTEMPTS = 3
_UNCLAIMED = {"worker": None, "claimed_at": None, "heartbeat_at": None}


@dataclass(frozen=True, slots=True)
class Place:
    """A file that held the recording's content when it was last read."""

    path: Path
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A recording handed to one worker; ``attempts`` counts this one."""

    id: int
    sha256: str
    name: str
    size_bytes: int
    attempts: int
    metadata: Mapping[str, str]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of lost claims."""

    requeued: Mapping[int, str]
    """Names by number."""
    quarantined: Mapping[int, str]


def claim_next(store: Store, worker: str, *, first_try_only: bool = False) -> Claimed | None:
    """Hand the recording that has waited longest to ``worker``; None when none waits.

    ``first_try_only`` leaves out those a worker has died on before.
    """
    waiting = select(recording.c.id).where(recording.c.status == "queued")
    if first_try_only:
        waiting = waiting.where(recording.c.attempts == 0)
    waiting = waiting.order_by(recording.c.queued_at, recording.c.id).limit(1)
    moment = now()
    claim = (
        update(recording)
        .where(recording.c.id == waiting.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            status="running",
            worker=worker,
            claimed_at=moment,
            heartbeat_at=moment,
            attempts=recording.c.attempts + 1,
        )
        .returning(
            recording.c.id,
            recording.c.sha256,
            recording.c.name,
            recording.c.size_bytes,
            recording.c.attempts,
            recording.c.call_data,
        )
    )
    with store.write() as connection:
        row = connection.execute(claim).one_or_none()
        if row is None:
            return None
        at = file.c.path, file.c.size_bytes, file.c.mtime_ns
        places = connection.execute(select(*at).where(file.c.recording_id == row.id).order_by(file.c.id))
        found = tuple(Place(to_path(path), size, mtime) for path, size, mtime in places)
        return Claimed(row.id, row.sha256, row.name, row.size_bytes, row.attempts, row.call_data, found)


def renew(store: Store, worker: str) -> None:
    """Say that ``worker`` still lives."""
    with store.write() as connection:
        connection.execute(update(recording).where(_claims_of(worker)).values(heartbeat_at=now()))


def release(store: Store, worker: str, ids: Sequence[int] | None = None) -> None:
    """Hand claims (all of the worker's without ``ids``) back; they do not count as attempts."""
    claims = [_claims_of(worker)]
    if ids is not None:
        claims.append(recording.c.id.in_(ids))
    back = {"status": "queued", "attempts": recording.c.attempts - 1, **_UNCLAIMED}
    with store.write() as connection:
        connection.execute(update(recording).where(*claims).values(**back))


def open_counts(store: Store) -> tuple[int, int]:
    """How many recordings wait, and how many are worked on."""
    count = select(func.count()).select_from(recording)
    with store.read() as connection:
        waiting, running = (
            connection.execute(count.where(recording.c.status == status)).scalar_one()
            for status in ("queued", "running")
        )
        return waiting, running


def backlog_bytes(store: Store) -> int:
    """Size of all files that wait or are worked on."""
    size = select(func.coalesce(func.sum(recording.c.size_bytes), 0))
    with store.read() as connection:
        waiting = size.where(recording.c.status.in_(("queued", "running")))
        return int(connection.execute(waiting).scalar_one())


def workers(store: Store) -> dict[str, datetime]:
    """Who holds claims, and when each was last heard of."""
    query = select(recording.c.worker, recording.c.heartbeat_at).where(recording.c.status == "running")
    heard: dict[str, datetime] = {}
    with store.read() as connection:
        for worker, at in connection.execute(query):
            heard[worker] = max(heard.get(worker, at), at)
    return heard


def recover(store: Store, dead: Sequence[str] = (), *, max_attempts: int = MAX_ATTEMPTS) -> Recovered:
    """Take back the claims of ``dead`` workers and those whose lease ran out.

    They join the end of the queue; a recording that was being worked on ``max_attempts`` times when its
    worker died is quarantined, so that one file cannot stop a batch.
    """
    lost = and_(
        recording.c.status == "running",
        or_(recording.c.worker.in_(list(dead)), recording.c.heartbeat_at < now() - LEASE),
    )
    poison = recording.c.attempts >= max_attempts
    quarantine = {
        "status": "quarantined",
        "error_kind": "killed_worker",
        "error": f"its worker died or hung {max_attempts} times while it had this recording",
        "remedy": "look at the file by itself, then try again with: callqa retry --quarantined",
        "finished_at": now(),
    }
    again = {"status": "queued", "queued_at": now()}
    with store.write() as connection:
        bad = _take_back(connection, and_(lost, poison), quarantine)
        return Recovered(requeued=_take_back(connection, lost, again), quarantined=bad)


def requeue(store: Store, statuses: Sequence[str] = ("failed",), ids: Sequence[int] | None = None) -> int:
    """Queue ended recordings again with a clean slate; returns how many."""
    chosen = [recording.c.status.in_(statuses)]
    if ids is not None:
        chosen.append(recording.c.id.in_(ids))
    fresh = {
        "status": "queued",
        "attempts": 0,
        "queued_at": now(),
        "finished_at": None,
        "error_kind": None,
        "error": None,
        "remedy": None,
    }
    with store.write() as connection:
        return connection.execute(update(recording).where(*chosen).values(**fresh)).rowcount


def _claims_of(worker: str) -> ColumnElement[bool]:
    return and_(recording.c.status == "running", recording.c.worker == worker)


def _take_back(
    connection: Connection, which: ColumnElement[bool], values: Mapping[str, object]
) -> dict[int, str]:
    change = update(recording).where(which).values(**values, **_UNCLAIMED)
    rows = connection.execute(change.returning(recording.c.id, recording.c.name))
    return dict(rows.all())
