"""Where things stand: states, workers, the last batch, and what has no result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rich.console import Console

from ..store import BatchRow, Problem, Store, all_problems, last_batch, status_counts, workers
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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def current_status(store: Store, *, problems: bool = False) -> Status:
    known = workers(store)
    gone = tuple(name for name in known if is_dead(name))
    alive = {name: at for name, at in known.items() if name not in gone}
    listed = all_problems(store) if problems else ()
    return Status(status_counts(store), alive, gone, last_batch(store), listed)


def show_status(status: Status, console: Console) -> None:
    def line(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    for name, count in status.counts.items():
        line(f"{count:>7}  {name}")
    line(f"{len(status.workers)} workers are busy")
    if status.gone:
        line(f"{len(status.gone)} workers were killed; the next one to start takes back what they had")
    if (status.counts["queued"] or status.gone) and not status.workers:
        line("Recordings wait and nobody works on them: callqa worker --until-empty")
    if status.batch:
        line(_last(status.batch))
    for problem in status.problems:
        line(problem_line(problem))


def _last(batch: BatchRow) -> str:
    begun = f"Batch {batch.id} began {batch.started_at.astimezone():%Y-%m-%d %H:%M}"
    if batch.finished_at is None or batch.summary is None:
        return f"{begun} and has not ended."
    files, done = batch.summary.get("files", 0), batch.summary.get("done", 0)
    return f"{begun} and ended {batch.finished_at.astimezone():%H:%M}: {files} files, {done} worked on."
