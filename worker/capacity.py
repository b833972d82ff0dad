"""From measured rates to machines: what a day of calls needs. No figure in here is a guess at a machine."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..store.rates import HostRate, Stored

ENOUGH_HOURS = 1.0
"""Of measured sound; below, a reckoning is drawn up all the same and says how little it stands on."""
ENOUGH_CALLS = 1000
"""Below, the empty tables and indexes of the database weigh so much that its bytes a call are too high."""


@dataclass(frozen=True, slots=True)
class Want:
    """What shall be done: ``hours`` of sound a day within ``night`` hours, results kept for ``days``.

    ``reserve`` is the share added for repeats, slow nights and a machine that is away.
    """

    hours: float
    night: float
    days: int = 365
    reserve: float = 0.25

    def __post_init__(self) -> None:
        if not 0 < self.night <= 24:
            raise UsageError(f"a night has more than 0 and at most 24 hours, not {self.night:g}")
        if self.hours <= 0 or self.days < 1 or self.reserve < 0:
            raise UsageError("hours and days must be more than 0, and the reserve not less")


@dataclass(frozen=True, slots=True)
class Speed:
    """``times`` real time of one worker on ``device``; ``cores`` each takes (None: not known)."""

    times: float
    device: str
    cores: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """For an hour of sound; None is not measured."""

    database: float | None = None
    recordings: float | None = None
    index: float | None = None


@dataclass(frozen=True, slots=True)
class Machines:
    """What recognising needs."""

    speed: Speed
    worker_hours: float
    """Of one worker, for a day's sound, without the reserve."""
    workers: int
    cores: int | None
    """None on a GPU, or when the cores a worker takes are not known."""
    gpus: int | None


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes; None is not measured."""

    database: float | None
    """Of all days kept."""
    index: float | None
    recordings_a_day: float | None
    read_a_second: float | None
    """At which recordings must be read during the night."""


@dataclass(frozen=True, slots=True)
class Capacity:
    want: Want
    machines: tuple[Machines, ...]
    disk: Disk
    notes: tuple[str, ...]


def capacity(
    want: Want, speeds: Iterable[Speed], per_hour: Bytes, *, workers_a_gpu: int = 1, notes: Iterable[str] = ()
) -> Capacity:
    """What ``want`` needs at each of ``speeds``, and on disk."""
    machines = tuple(machines_for(want, speed, workers_a_gpu) for speed in speeds)
    return Capacity(want, machines, disk_for(want, per_hour), tuple(notes))


def machines_for(want: Want, speed: Speed, workers_a_gpu: int = 1) -> Machines:
    """Workers that do the day's sound in the night, rounded up, and what they run on."""
    if speed.times <= 0:
        raise UsageError(f"a speed is more than 0 times real time, not {speed.times:g}")
    work = want.hours / speed.times
    workers = math.ceil(round(work * (1 + want.reserve) / want.night, 6))
    if speed.device.startswith("cuda"):
        return Machines(speed, work, workers, None, math.ceil(workers / workers_a_gpu))
    cores = math.ceil(workers * speed.cores) if speed.cores else None
    return Machines(speed, work, workers, cores, None)


def disk_for(want: Want, per_hour: Bytes) -> Disk:
    def times(value: float | None, hours: float) -> float | None:
        return None if value is None else value * hours

    kept, recordings = want.hours * want.days, times(per_hour.recordings, want.hours)
    read = None if recordings is None else recordings / (want.night * 3600)
    return Disk(times(per_hour.database, kept), times(per_hour.index, kept), recordings, read)


def speeds_of(rates: Iterable[HostRate], this_host: str, cores_here: int, cores: float | None) -> list[Speed]:
    """A measured speed for each machine; ``cores`` says what a worker takes, else this machine's share.

    A worker takes an equal share of its machine's cores, so on another machine that share is not known.
    """
    found = []
    for rate in rates:
        share = cores
        if share is None and rate.host == this_host and rate.workers:
            share = cores_here / rate.workers
        hours = rate.sound_seconds / 3600
        source = f"{rate.calls} calls, {hours:.2f} h of sound, on {rate.host}"
        found.append(Speed(rate.speed, ", ".join(rate.devices) or "cpu", share, source))
    return found


def bytes_of(stored: Stored, index_bytes: int = 0) -> Bytes:
    """What the stored calls take, for each hour of their sound."""
    hours = stored.sound_seconds / 3600
    if not hours:
        return Bytes()
    index = index_bytes / hours if index_bytes else None
    return Bytes(stored.database_bytes / hours, stored.recording_bytes / hours, index)


def cautions(rates: Iterable[HostRate], stored: Stored) -> list[str]:
    """What one should know before relying on the figures."""
    notes = []
    if any(rate.sound_seconds < ENOUGH_HOURS * 3600 for rate in rates):
        notes.append(f"speeds measured on less than {ENOUGH_HOURS:g} h of sound vary; run more of your calls")
    if 0 < stored.calls < ENOUGH_CALLS:
        notes.append(
            f"{stored.calls} calls are few: empty tables count among their bytes, so the database comes out "
            f"too large (from {ENOUGH_CALLS} calls on it is about right)"
        )
    return notes


def folder_bytes(folder: Path) -> int:
    """Of all files in it; 0 when there is no such folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
