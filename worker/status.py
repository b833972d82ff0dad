"""Where things stand: states, hosts, workers, when it will end, the last batch, what has no result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.console import Console

from ..store import BatchRow, Problem, Store, all_problems, last_batch, status_counts, workers
from ..store.attempts import Tried, trace
from ..store.hosts import Service, services
from ..store.progress import Progress, progress
from .identity import is_dead
from .summary import problem_line


@dataclass(frozen=True, slots=True)
class Status:
    """``workers`` maps those that hold recordings to when they were last heard of."""

    counts: Mapping[str, int]
    workers: Mapping[str, datetime]
    gone: tuple[str, ...]
    """Workers that hold recordings and are dead; the next run takes back what they had."""
    batch: BatchRow | None
    problems: tuple[Problem, ...]
    progress: Progress
    services: tuple[Service, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def current_status(store: Store, *, problems: bool = False) -> Status:
    known = workers(store)
    gone = tuple(name for name in known if is_dead(name))
    alive = {name: at for name, at in known.items() if name not in gone}
    listed = all_problems(store) if problems else ()
    counts, known_services = status_counts(store), services(store)
    return Status(counts, alive, gone, last_batch(store), listed, progress(store), known_services)


def show_status(status: Status, console: Console) -> None:
    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for name, count in status.counts.items():
        line(f"{count:>7}  {name}")
    line(f"{len(status.workers)} workers are busy")
    for text in (*_host_lines(status.services), *_progress_lines(status.progress)):
        line(text)
    if status.gone:
        line(f"{len(status.gone)} workers were killed; the next one to start takes back what they had")
    nobody = not status.workers and not any(service.is_alive for service in status.services)
    if (status.counts["queued"] or status.gone) and nobody:
        line("Recordings wait and nobody works on them: callqa worker --until-empty")
    elif status.progress.tasks_waiting and nobody:
        line("Background work waits and nobody works on it: callqa worker --until-empty")
    if status.batch:
        line(_last(status.batch))
    for problem in status.problems:
        line(problem_line(problem))


def show_trace(store: Store, recording_id: int, console: Console) -> None:
    """Every attempt at one recording, step by step."""
    tried = trace(store, recording_id)
    if not tried:
        console.print("no attempt was made at it", highlight=False)
    for one in tried:
        for text in _attempt_lines(one):
            console.print(text, markup=False, highlight=False, soft_wrap=True)


def _attempt_lines(one: Tried) -> list[str]:
    begun = f"{one.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    batch = f", batch {one.batch}" if one.batch else ""
    detail = f": {one.detail}" if one.detail else ""
    lines = [f"attempt {one.number} ({one.kind}{batch}) on {one.host}, begun {begun}, {one.outcome}{detail}"]
    for name, start, seconds in one.steps:
        lines.append(f"  {name:<11} at {start:8.3f} s took {seconds:8.3f} s")
    return lines


def _host_lines(known: tuple[Service, ...]) -> list[str]:
    return [
        f"{s.host}: {s.workers} {'worker' if s.workers == 1 else 'workers'} ({s.device})"
        + ("" if s.is_alive else f", not heard of since {s.heartbeat_at.astimezone():%Y-%m-%d %H:%M:%S}")
        for s in known
    ]


def _progress_lines(p: Progress) -> list[str]:
    lines = []
    if p.postponed:
        lines.append(f"{p.postponed} of the queued wait until a passing fault is over")
    if p.tasks_waiting or p.tasks_running:
        lines.append(f"Background work: {p.tasks_waiting} wait, {p.tasks_running} run")
    if p.per_hour is not None and (p.waiting or p.running or p.postponed):
        lines.append(f"{p.per_hour:.0f} recordings an hour")
    if p.ends_at is not None:
        lines.append(f"The queue will be empty about {p.ends_at.astimezone():%Y-%m-%d %H:%M}")
    if p.tasks_end_at is not None:
        lines.append(f"The background work will be done about {p.tasks_end_at.astimezone():%Y-%m-%d %H:%M}")
    return lines


def _last(batch: BatchRow) -> str:
    begun = f"Batch {batch.id} ({batch.kind}) began {batch.started_at.astimezone():%Y-%m-%d %H:%M}"
    if batch.finished_at is None or batch.summary is None:
        return f"{begun} and has not ended."
    files, done = batch.summary.get("files", 0), batch.summary.get("done", 0)
    return f"{begun} and ended {batch.finished_at.astimezone():%H:%M}: {files} files, {done} worked on."
