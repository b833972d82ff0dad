"""The queue: which recording is worked on by whom. A claim is a lease that its worker keeps renewing.

Two tables are queues alike: recordings that have no result yet, and tasks on recordings that have one.
The smaller rank goes first, whichever table it is in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update
from sqlalchemy import Table as SqlTable

from .attempts import begin_attempts, end_open_attempts
from .clock import clock
from .database import Store
from .paths import to_path
from .recordings import file, recording
from .tables import Table

LEASE = timedelta(seconds=120)
"""A claim not renewed for so long is lost, whatever became of its worker."""
MAX_ATTEMPTS = 5
"""Deaths of a worker with the same recording; fewer may be chance, such as a machine without memory."""
LONGEST_WAIT = timedelta(days=1)
"""Nothing is put off for so long; a later time was written by a clock that has been set back since."""
task = Table.metadata.tables["task"]
_UNCLAIMED = {"worker": None, "claimed_at": None, "heartbeat_at": None}
_ID_OF: Mapping[SqlTable, Any] = {recording: recording.c.id, task: task.c.recording_id}


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
    kind: str = "recording"
    """recording, retranscribe or reinspect"""
    task: int | None = None
    """The task's number, when it is one."""
    rulebook: str | None = None
    """Hash of the rulebook a task asks for."""
    batch: int | None = None
    retries: int = 0
    """Passing faults so far."""
    attempt: int | None = None
    """The row that tells of this try."""

    @property
    def key(self) -> tuple[int, int | None]:
        """What tells claims apart."""
        return self.id, self.task


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of lost claims."""

    requeued: Mapping[int, str]
    """Names by number."""
    quarantined: Mapping[int, str]


def claim_next(store: Store, worker: str, *, first_try_only: bool = False) -> Claimed | None:
    """Hand the one that has waited longest to ``worker``; None when none waits.

    ``first_try_only`` leaves out those a worker has died on before.
    """
    return next(iter(claim(store, worker, most=1, first_try_only=first_try_only)), None)


def claim(
    store: Store,
    worker: str,
    *,
    host: str = "",
    most: int = 1,
    first_try_only: bool = False,
    kinds: Sequence[str] = ("recording", "retranscribe", "reinspect"),
) -> list[Claimed]:
    """Hand up to ``most`` of the same rank to ``worker``, in one transaction.

    One that a worker has died on before comes alone.
    """
    with store.write() as connection:
        moment = clock(connection)
        table, ids = _next(connection, moment, most, first_try_only, kinds)
        if not ids:
            return []
        rows = _mark(connection, table, ids, worker, moment)
        found = _described(connection, table, rows)
        attempts = begin_attempts(connection, found, worker, host, moment)
        return [replace(one, attempt=number) for one, number in zip(found, attempts, strict=True)]


def renew(store: Store, worker: str) -> None:
    """Say that ``worker`` still lives."""
    with store.write() as connection:
        moment = clock(connection)
        for table in (recording, task):
            connection.execute(update(table).where(_claims_of(table, worker)).values(heartbeat_at=moment))


def release(store: Store, worker: str, ids: Sequence[int] | None = None) -> None:
    """Hand claims (of the recordings ``ids``; without, all of the worker's) back; no attempt is counted."""
    with store.write() as connection:
        moment = clock(connection)
        for table in (recording, task):
            claims = [_claims_of(table, worker)]
            if ids is not None:
                claims.append(_ID_OF[table].in_(ids))
            back = {"status": "queued", "attempts": table.c.attempts - 1, **_UNCLAIMED}
            _put_back(connection, table, and_(*claims), back, "released", moment)


def open_counts(store: Store) -> tuple[int, int]:
    """How many recordings and tasks wait, and how many are worked on."""
    with store.read() as connection:
        waiting, running = (
            sum(_count(connection, table, table.c.status == status) for table in (recording, task))
            for status in ("queued", "running")
        )
        return waiting, running


def needs_models(store: Store) -> bool:
    """Whether anything waits that must be transcribed."""
    with store.read() as connection:
        first = select(recording.c.id).where(recording.c.status == "queued").limit(1)
        again = select(task.c.id).where(task.c.status == "queued", task.c.kind != "reinspect").limit(1)
        return any(connection.execute(query).first() for query in (first, again))


def backlog_bytes(store: Store) -> int:
    """Size of all files that wait or are worked on."""
    size = select(func.coalesce(func.sum(recording.c.size_bytes), 0))
    with store.read() as connection:
        waiting = size.where(recording.c.status.in_(("queued", "running")))
        return int(connection.execute(waiting).scalar_one())


def workers(store: Store) -> dict[str, datetime]:
    """Who holds claims, and when each was last heard of."""
    heard: dict[str, datetime] = {}
    with store.read() as connection:
        for table in (recording, task):
            query = select(table.c.worker, func.max(table.c.heartbeat_at))
            query = query.where(table.c.status == "running").group_by(table.c.worker)
            for worker, at in connection.execute(query):
                heard[worker] = max(heard.get(worker, at), at)
    return heard


def recover(
    store: Store,
    dead: Sequence[str] = (),
    *,
    max_attempts: int = MAX_ATTEMPTS,
    lease: timedelta = LEASE,
) -> Recovered:
    """Take back the claims of ``dead`` workers and those whose lease ran out.

    They join the end of the queue; what was being worked on ``max_attempts`` times when its worker died is
    quarantined (a task fails, and the old result stays), so that one file cannot stop a batch.
    """
    requeued: dict[int, str] = {}
    bad: dict[int, str] = {}
    with store.write() as connection:
        moment = clock(connection)
        for table in (recording, task):
            lost = and_(
                table.c.status == "running",
                or_(
                    table.c.worker.in_(list(dead)),
                    table.c.heartbeat_at < moment - lease,
                    table.c.heartbeat_at > moment + lease,  # the clock was set back
                ),
            )
            poison = and_(lost, table.c.attempts >= max_attempts)
            end = _quarantine(table, max_attempts, moment)
            bad |= _put_back(connection, table, poison, end, "quarantined", moment)
            again = {"status": "queued", "queued_at": moment, **_UNCLAIMED}
            requeued |= _put_back(connection, table, lost, again, "lost", moment)
    return Recovered(requeued, bad)


def blame(store: Store, worker: str, ids: Sequence[int], more: int) -> None:
    """Count ``more`` attempts against the recordings whose work hung, since each costs so much time."""
    with store.write() as connection:
        for table in (recording, task):
            mine = and_(_claims_of(table, worker), _ID_OF[table].in_(ids))
            connection.execute(update(table).where(mine).values(attempts=table.c.attempts + more))


def requeue(
    store: Store, statuses: Sequence[str] = ("failed",), ids: Sequence[int] | None = None, *, rank: int = 0
) -> int:
    """Queue ended recordings again with a clean slate; returns how many."""
    chosen = [recording.c.status.in_(statuses)]
    if ids is not None:
        chosen.append(recording.c.id.in_(ids))
    with store.write() as connection:
        fresh = {
            "status": "queued",
            "rank": rank,
            "attempts": 0,
            "retries": 0,
            "queued_at": clock(connection),
            "finished_at": None,
            "error_kind": None,
            "error": None,
            "remedy": None,
        }
        return connection.execute(update(recording).where(*chosen).values(**fresh)).rowcount


def postpone(
    store: Store, worker: str, claimed: Claimed, delay: timedelta, detail: str, steps: Sequence[Any] = ()
) -> bool:
    """Put a claim back after a passing fault, not to be taken before ``delay`` is over.

    False when it is no longer the worker's.
    """
    table, number = (recording, claimed.id) if claimed.task is None else (task, claimed.task)
    with store.write() as connection:
        moment = clock(connection)
        back = {
            "status": "queued",
            "queued_at": moment + delay,
            "attempts": table.c.attempts - 1,
            "retries": table.c.retries + 1,
            **_UNCLAIMED,
        }
        mine = and_(table.c.id == number, _claims_of(table, worker))
        return bool(_put_back(connection, table, mine, back, "retry", moment, detail, steps))


def _next(
    connection: Connection, moment: datetime, most: int, first_try_only: bool, kinds: Sequence[str]
) -> tuple[SqlTable, list[int]]:
    found: list[tuple[int, SqlTable, list[int]]] = []
    for table in (recording, task):
        waits = [table.c.status == "queued", is_due(table, moment)]
        if table is recording and "recording" not in kinds:
            continue
        if table is task:
            waits.append(task.c.kind.in_(kinds))
        if first_try_only:
            waits.append(table.c.attempts == 0)
        order = table.c.rank, table.c.queued_at, table.c.id
        query = select(table.c.id, table.c.rank, table.c.attempts).where(*waits).order_by(*order)
        rows = connection.execute(query.limit(most).with_for_update(skip_locked=True)).all()
        if rows:
            found.append((rows[0].rank, table, _company(rows)))
    if not found:
        return recording, []
    _, table, ids = min(found, key=lambda one: one[0])
    return table, ids


def is_due(table: SqlTable, moment: datetime) -> ColumnElement[bool]:
    """What is queued may be taken: all but what waits out a passing fault, whatever became of the clock."""
    at = table.c.queued_at
    return or_(at <= moment, table.c.retries == 0, at > moment + LONGEST_WAIT)


def _company(rows: Sequence[Any]) -> list[int]:
    """Those that may be claimed together with the first."""
    first, *others = rows
    if first.attempts:
        return [first.id]
    return [first.id, *(r.id for r in others if not r.attempts and r.rank == first.rank)]


def _mark(
    connection: Connection, table: SqlTable, ids: Sequence[int], worker: str, moment: datetime
) -> dict[int, Any]:
    change = update(table).where(table.c.id.in_(ids))
    change = change.values(
        status="running",
        worker=worker,
        claimed_at=moment,
        heartbeat_at=moment,
        attempts=table.c.attempts + 1,
    )
    connection.execute(change)
    query = select(table).where(table.c.id.in_(ids)).order_by(table.c.queued_at, table.c.id)
    return {row.id: row for row in connection.execute(query)}


def _described(connection: Connection, table: SqlTable, rows: Mapping[int, Any]) -> list[Claimed]:
    numbers = [row.recording_id if table is task else row.id for row in rows.values()]
    about = rows
    if table is task:
        query = select(recording).where(recording.c.id.in_(numbers))
        about = {row.id: row for row in connection.execute(query)}
    places = _places(connection, numbers)
    return [
        _claimed(row, about[number], places.get(number, ()), is_task=table is task)
        for row, number in zip(rows.values(), numbers, strict=True)
    ]


def _claimed(row: Any, about: Any, places: tuple[Place, ...], *, is_task: bool) -> Claimed:
    return Claimed(
        id=about.id,
        sha256=about.sha256,
        name=about.name,
        size_bytes=about.size_bytes,
        attempts=row.attempts,
        metadata=about.call_data,
        places=places,
        kind=row.kind if is_task else "recording",
        task=row.id if is_task else None,
        rulebook=row.rulebook if is_task else None,
        batch=row.batch_id,
        retries=row.retries,
    )


def _places(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[Place, ...]]:
    at = file.c.recording_id, file.c.path, file.c.size_bytes, file.c.mtime_ns
    rows = connection.execute(select(*at).where(file.c.recording_id.in_(numbers)).order_by(file.c.id))
    found: dict[int, tuple[Place, ...]] = {}
    for number, path, size, mtime in rows:
        found[number] = (*found.get(number, ()), Place(to_path(path), size, mtime))
    return found


def _count(connection: Connection, table: SqlTable, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _claims_of(table: SqlTable, worker: str) -> ColumnElement[bool]:
    return and_(table.c.status == "running", table.c.worker == worker)


def _quarantine(table: SqlTable, attempts: int, moment: datetime) -> dict[str, Any]:
    return {
        "status": "quarantined" if table is recording else "failed",
        "error_kind": "killed_worker",
        "error": f"its worker died or hung {attempts} times while it had this recording",
        "remedy": "look at the file by itself, then try again with: callqa retry --quarantined",
        "finished_at": moment,
        **_UNCLAIMED,
    }


def _put_back(
    connection: Connection,
    table: SqlTable,
    which: ColumnElement[bool],
    values: Mapping[str, Any],
    outcome: str,
    moment: datetime,
    detail: str | None = None,
    steps: Sequence[Any] = (),
) -> dict[int, str]:
    """Change the claims that fit; returns the names of their recordings by number."""
    change = update(table).where(which).values(**values)
    if table is recording:
        back = connection.execute(change.returning(recording.c.id, recording.c.name))
        found: dict[int, str] = dict(back.all())
        end_open_attempts(connection, list(found), None, outcome, moment, detail, steps)
        return found
    rows = connection.execute(change.returning(task.c.id, task.c.recording_id)).all()
    end_open_attempts(connection, None, [row.id for row in rows], outcome, moment, detail, steps)
    numbers = [row.recording_id for row in rows]
    names = select(recording.c.id, recording.c.name).where(recording.c.id.in_(numbers))
    return dict(connection.execute(names).all()) if numbers else {}
