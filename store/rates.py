"""What finished calls took and left behind: the measured ground of every reckoning of capacity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, func, select, text

from .attempts import attempt
from .database import Store
from .hosts import host
from .progress import STAGES
from .recordings import recording


@dataclass(frozen=True, slots=True)
class HostRate:
    """Calls that one machine transcribed itself; ``stages`` are seconds of one worker, by step."""

    host: str
    devices: tuple[str, ...]
    workers: int
    """Of its services, the most one of them ran; 0 when they were forgotten."""
    calls: int
    sound_seconds: float
    stages: Mapping[str, float]

    @property
    def speed(self) -> float:
        """Seconds of sound for each second of one worker, its steps one after the other."""
        return self.sound_seconds / max(sum(self.stages.values()), 1e-9)


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies in the database, and what it takes."""

    calls: int
    sound_seconds: float
    recording_bytes: int
    """Of the recordings as the recorder wrote them; they lie outside the database."""
    database_bytes: int


def host_rates(store: Store, since: date | None = None) -> tuple[HostRate, ...]:
    """By machine, the one that transcribed most sound first; calls finished on or after ``since`` (UTC).

    A call counts for the machine of its last attempt that had a result. One whose transcript was taken
    over from a killed worker does not count, since part of its time is not known.
    """
    last = (
        select(func.max(attempt.c.id).label("id"))
        .where(attempt.c.outcome.in_(("inspected", "empty")), attempt.c.kind != "reinspect")
        .group_by(attempt.c.recording_id)
        .subquery()
    )
    sums = [func.sum(recording.c.stage_seconds[stage].as_float()) for stage in STAGES]
    query = (
        select(attempt.c.host, func.count(), func.sum(recording.c.seconds), *sums)
        .join(last, attempt.c.id == last.c.id)
        .join(recording, recording.c.id == attempt.c.recording_id)
        .where(recording.c.seconds > 0, recording.c.stage_seconds["transcribe"].as_float() > 0)
        .group_by(attempt.c.host)
    )
    if since is not None:
        query = query.where(recording.c.finished_at >= datetime.combine(since, time(), UTC))
    with store.read() as connection:
        known = _services(connection)
        found = [_rate(row, known) for row in connection.execute(query)]
    return tuple(sorted(found, key=lambda rate: -rate.sound_seconds))


def stored(store: Store) -> Stored:
    """Over every call that has a result."""
    query = select(func.count(), func.sum(recording.c.seconds), func.sum(recording.c.size_bytes)).where(
        recording.c.status.in_(("inspected", "empty")), recording.c.seconds > 0
    )
    with store.read() as connection:
        calls, seconds, size = connection.execute(query).one()
        return Stored(calls, float(seconds or 0), int(size or 0), _database_bytes(connection))


def _rate(row: Any, known: Mapping[str, tuple[set[str], int]]) -> HostRate:
    name, calls, seconds, *sums = row
    devices, workers = known.get(name, (set(), 0))
    taken = {stage: float(s) for stage, s in zip(STAGES, sums, strict=True) if s}
    return HostRate(name, tuple(sorted(devices)), workers, calls, float(seconds), taken)


def _services(connection: Connection) -> dict[str, tuple[set[str], int]]:
    found: dict[str, tuple[set[str], int]] = {}
    for name, device, workers in connection.execute(select(host.c.host, host.c.device, host.c.workers)):
        devices, most = found.get(name, (set(), 0))
        found[name] = (devices | {device}, max(most, workers))
    return found


def _database_bytes(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, free, size = (
        connection.execute(text(f"PRAGMA {name}")).scalar_one()
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
