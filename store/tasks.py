"""Background work on calls that have a result: queued in bulk, accounted for by batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, null, select, update

from .batch_tables import Task
from .batches import batch
from .calls import CallFilter, where
from .clock import clock, stamp
from .database import Store, writing
from .queue import Claimed
from .recordings import recording
from .tables import columns_of

BACKGROUND = 10
"""Rank of what may wait until the new recordings are done."""
AT_ONCE = -10
"""Rank of what a person waits for."""
task = columns_of(Task)


def add_tasks(
    store: Store | Connection,
    kind: str,
    filter: CallFilter | None = None,
    *,
    batch_id: int | None = None,
    rulebook: str | None = None,
    rank: int = BACKGROUND,
    again: bool = False,
    ids: Sequence[int] | None = None,
) -> int:
    """Queue work of ``kind`` on all calls that fit and have a result; returns how many.

    A call that waits for the same work already is left out, and without ``again`` also one that was
    inspected with ``rulebook``.
    """
    chosen = [where(filter or CallFilter()), recording.c.status.in_(_READY[kind]), ~_waits(kind, rulebook)]
    if rulebook is not None and not again:
        chosen.append(recording.c.rulebook.is_distinct_from(rulebook))
    if ids is not None:
        chosen.append(recording.c.id.in_(ids))
    with writing(store) as connection:
        return _insert(connection, kind, and_(*chosen), batch_id, rulebook, rank)


def task_statuses(store: Store, batch_id: int) -> dict[str, int]:
    """How many of a batch's tasks are in which state."""
    query = select(task.c.status, func.count()).where(task.c.batch_id == batch_id).group_by(task.c.status)
    with store.read() as connection:
        return dict(connection.execute(query).all())


def task_problems(store: Store, batch_id: int, most: int = 1000) -> tuple[Mapping[str, Any], ...]:
    """Tasks that failed, with reason and remedy."""
    columns = recording.c.name, task.c.kind, task.c.error_kind, task.c.error, task.c.remedy
    query = select(*columns).join_from(task, recording).where(task.c.batch_id == batch_id)
    with store.read() as connection:
        rows = connection.execute(query.where(task.c.status == "failed").order_by(task.c.id).limit(most))
        return tuple(row._asdict() for row in rows)


def close_task_batches(store: Store) -> list[int]:
    """End the batches of background work of which nothing is left to do; returns their numbers."""
    open_tasks = exists().where(task.c.batch_id == batch.c.id, task.c.status.in_(("queued", "running")))
    over = batch.c.kind.in_(tuple(_READY)) & batch.c.finished_at.is_(None) & ~open_tasks
    with store.read() as connection:
        numbers = list(connection.execute(select(batch.c.id).where(over)).scalars())
    ended = []
    for number in numbers:
        counts = task_statuses(store, number)
        summary = {"tasks": counts, "done": counts.get("done", 0), "files": sum(counts.values())}
        with store.write() as connection:
            values = {"finished_at": clock(connection), "summary": summary}
            mine = (batch.c.id == number) & batch.c.finished_at.is_(None)
            if connection.execute(update(batch).where(mine).values(values)).rowcount:
                ended.append(number)
    return ended


def end_task(
    connection: Connection, claimed: Claimed, worker: str, status: str = "done", **more: str | None
) -> bool:
    """Mark a claimed task as over; False when it is no longer the worker's."""
    mine = and_(task.c.id == claimed.task, task.c.worker == worker, task.c.status == "running")
    values = {
        "status": status,
        "worker": None,
        "claimed_at": None,
        "heartbeat_at": None,
        "finished_at": stamp(connection),
        **more,
    }
    return connection.execute(update(task).where(mine).values(values)).rowcount == 1


_READY = {
    "retranscribe": ("inspected", "empty"),
    "reinspect": ("inspected",),
}


def _waits(kind: str, rulebook: str | None) -> ColumnElement[bool]:
    same = [task.c.recording_id == recording.c.id, task.c.kind == kind, task.c.status == "queued"]
    if rulebook is not None:
        same.append(task.c.rulebook == rulebook)
    return exists().where(*same)


def _insert(
    connection: Connection,
    kind: str,
    which: ColumnElement[bool],
    batch_id: int | None,
    rulebook: str | None,
    rank: int,
) -> int:
    values = {
        "batch_id": literal(batch_id) if batch_id is not None else null(),
        "recording_id": recording.c.id,
        "kind": literal(kind),
        "rulebook": literal(rulebook) if rulebook is not None else null(),
        "rank": literal(rank),
        "status": literal("queued"),
        "attempts": literal(0),
        "retries": literal(0),
        "queued_at": literal(clock(connection), type_=task.c.queued_at.type),
    }
    chosen = select(*values.values()).where(which).order_by(recording.c.id)
    return connection.execute(task.insert().from_select(list(values), chosen)).rowcount
