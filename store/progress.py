"""How far the work is: rates, what remains and when it ends, and what each stage took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, func, not_, select

from .batches import _seen_by
from .clock import clock, in_zone
from .database import Store
from .queue import is_due, task
from .recordings import file, recording

STAGES = ("probe", "fetch", "decode", "peaks", "resume", "transcribe", "inspect", "redact")
WINDOWS = (timedelta(minutes=10), timedelta(hours=2))
"""The shorter one when enough was done in it, else the longer."""
_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """``waiting`` are ready to be taken, ``postponed`` wait out a passing fault."""

    waiting: int
    postponed: int
    running: int
    tasks_waiting: int
    tasks_running: int
    per_hour: float | None
    """Recordings ended an hour of late; None when too few did."""
    ends_at: datetime | None
    """When all that waits will be done at that rate."""
    tasks_end_at: datetime | None = None
    """When the background work will be done, which comes after."""


def progress(store: Store) -> Progress:
    """Over the whole queue."""
    with store.read() as connection:
        moment = clock(connection)
        waits, runs = recording.c.status == "queued", recording.c.status == "running"
        postponed = _count(connection, recording, and_(waits, not_(is_due(recording, moment))))
        waiting = _count(connection, recording, waits) - postponed
        running = _count(connection, recording, runs)
        tasks, at_tasks = (_count(connection, task, task.c.status == s) for s in ("queued", "running"))
        rate = _rate(connection, recording, moment)
        task_rate = _rate(connection, task, moment) if tasks + at_tasks else None
        remaining = waiting + postponed + running
        ends_at = moment + timedelta(hours=remaining / rate) if rate and remaining else None
        tasks_end_at = None
        if task_rate and not (remaining and ends_at is None):
            tasks_end_at = (ends_at or moment) + timedelta(hours=(tasks + at_tasks) / task_rate)
        return Progress(waiting, postponed, running, tasks, at_tasks, rate, ends_at, tasks_end_at)


def stage_seconds(store: Store, batch_id: int) -> tuple[float, Mapping[str, float]]:
    """Seconds of sound in the batch's results, and seconds that each stage took on them."""
    ours = select(file.c.recording_id).where(_seen_by(batch_id))
    columns = [func.sum(recording.c.stage_seconds[stage].as_float()).label(stage) for stage in STAGES]
    query = select(func.sum(recording.c.seconds), *columns).where(
        recording.c.id.in_(ours), recording.c.status.in_(("inspected", "empty"))
    )
    with store.read() as connection:
        audio, *sums = connection.execute(query).one()
    taken = {stage: round(s, 2) for stage, s in zip(STAGES, sums, strict=True) if s is not None}
    return round(audio or 0.0, 2), taken


def _rate(connection: Connection, table: Table, moment: datetime) -> float | None:
    """How many end an hour, by those that ended of late."""
    for window in WINDOWS:
        ended = table.c.finished_at
        query = select(func.count(), func.min(ended)).where(ended > moment - window)
        count, first = connection.execute(query).one()
        if count >= _ENOUGH:
            hours: float = max((moment - in_zone(first)).total_seconds(), 1.0) / 3600
            return round(float(count) / hours, 1)
    return None


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(which)
    return int(connection.execute(query).scalar_one())
