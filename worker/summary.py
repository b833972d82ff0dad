"""The account at the end of a batch: every file, and what became of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from ..store import (
    Problem,
    Store,
    batch_flags,
    batch_problems,
    batch_recordings,
    batch_statuses,
)
from ..store.progress import stage_seconds
from .intake import Taken

MOST_PROBLEMS = 20
_ORDER = ("inspected", "empty", "failed", "quarantined", "unreadable", "running", "queued")
_MEANING = {
    "inspected": "transcribed and inspected",
    "empty": "no speech",
    "failed": "could not be used",
    "quarantined": "took a worker down again and again",
    "unreadable": "could not be read",
    "running": "another worker has it",
    "queued": "still waits",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step took in all: seconds of a worker, for each hour of sound, and their cost."""

    seconds: float
    per_audio_hour: float | None
    cost: float | None
    """None without CALLQA_COST_PER_HOUR."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of each of the ``files`` of a batch; the statuses add up to them."""

    batch: int
    files: int
    recordings: int
    """Different contents among the files."""
    new: int
    """Recordings not seen in an earlier batch."""
    statuses: Mapping[str, int]
    aside: Mapping[str, int]
    """Files that are no recordings, by reason; not among ``files``."""
    flags: Mapping[str, int]
    """By severity."""
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    done: int
    """Recordings this run worked on."""
    audio_seconds: float
    """Sound this run worked on."""
    wall_seconds: float
    stopped: bool
    limit_reached: bool
    stages: Mapping[str, Stage] = field(default_factory=dict)
    """Of all the batch's results, whichever run made them."""

    @property
    def hours(self) -> float:
        """Of sound this run worked on."""
        return round(self.audio_seconds / 3600, 3)

    @property
    def real_time_factor(self) -> float | None:
        """Seconds this run took for a second of sound; less than 1 is faster than the calls were."""
        return round(self.wall_seconds / self.audio_seconds, 4) if self.audio_seconds else None

    @property
    def is_complete(self) -> bool:
        """Whether nothing of the batch is left to do."""
        return not self.statuses.get("queued") and not self.statuses.get("running")

    @property
    def unaccounted(self) -> int:
        """Files without a known state; other than 0 is a defect of callqa."""
        return self.files - sum(self.statuses.values())

    @property
    def has_failures(self) -> bool:
        return any(self.statuses.get(status) for status in ("failed", "quarantined", "unreadable"))

    def to_json(self) -> dict[str, Any]:
        figures = {"hours": self.hours, "real_time_factor": self.real_time_factor}
        return {**asdict(self), **figures, "unaccounted": self.unaccounted, "complete": self.is_complete}


def summarise(
    store: Store,
    batch_id: int,
    taken: Taken,
    *,
    done: int,
    audio_seconds: float,
    wall_seconds: float,
    stopped: bool,
    cost_per_hour: float = 0.0,
) -> Summary:
    """Draw up the account from what the store says, not from what the run believes to have done."""
    return Summary(
        batch=batch_id,
        files=taken.files,
        recordings=batch_recordings(store, batch_id),
        new=taken.new,
        statuses=batch_statuses(store, batch_id),
        aside=dict(taken.aside),
        flags=batch_flags(store, batch_id),
        problems=batch_problems(store, batch_id),
        notes=tuple(taken.notes),
        done=done,
        audio_seconds=round(audio_seconds, 2),
        wall_seconds=round(wall_seconds, 2),
        stopped=stopped,
        limit_reached=taken.limit_reached,
        stages=stages_of(store, batch_id, cost_per_hour),
    )


def stages_of(store: Store, batch_id: int, cost_per_hour: float = 0.0) -> dict[str, Stage]:
    """What each step took on the batch's results; ``cost_per_hour`` of one worker."""
    audio, taken = stage_seconds(store, batch_id)
    return {
        name: Stage(
            seconds,
            round(seconds / audio * 3600, 2) if audio else None,
            round(seconds / 3600 * cost_per_hour, 4) if cost_per_hour else None,
        )
        for name, seconds in taken.items()
    }


def show(summary: Summary, console: Console) -> None:
    """Print the account: a table on a terminal, plain lines elsewhere."""
    if console.is_terminal:
        console.print(_table(summary))
    else:
        for status, count, meaning in _rows(summary):
            console.print(f"{count:>7}  {status:<12} {meaning}", markup=False, highlight=False)
    for line in (*_sentences(summary), *_problem_lines(summary)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _rows(summary: Summary) -> list[tuple[str, int, str]]:
    rows = [(s, summary.statuses[s], _MEANING[s]) for s in _ORDER if summary.statuses.get(s)]
    if summary.unaccounted:
        rows.append(("unaccounted", summary.unaccounted, "please report this"))
    return [*rows, ("files", summary.files, "in this batch")]


def _table(summary: Summary) -> Table:
    table = Table(title=f"batch {summary.batch}", title_justify="left")
    table.add_column("status")
    table.add_column("files", justify="right")
    table.add_column("meaning")
    *rows, total = _rows(summary)
    for status, count, meaning in rows:
        table.add_row(status, str(count), meaning)
    table.add_section()
    table.add_row(total[0], str(total[1]), total[2])
    return table


def _sentences(summary: Summary) -> list[str]:
    lines = []
    if summary.recordings < summary.files - summary.statuses.get("unreadable", 0):
        lines.append(f"The files hold {summary.recordings} different recordings.")
    if summary.aside:
        parts = ", ".join(f"{count} {why}" for why, count in sorted(summary.aside.items()))
        lines.append(f"Left aside: {parts}.")
    if summary.flags:
        lines.append("Flags: " + ", ".join(f"{n} {level}" for level, n in summary.flags.items()) + ".")
    if summary.done:
        speed = summary.audio_seconds / summary.wall_seconds if summary.wall_seconds else 0.0
        lines.append(
            f"This run: {summary.done} recordings, {_clock(summary.audio_seconds)} of sound in "
            f"{_clock(summary.wall_seconds)} ({speed:.1f} times real time)."
        )
    elif summary.is_complete:
        lines.append("This run: nothing was left to do.")
    elif not summary.stopped:
        lines.append("Work on what waits with: callqa worker --until-empty")
    if summary.limit_reached:
        lines.append("The limit of new recordings was reached; run again for more.")
    if summary.stopped and not summary.is_complete:
        lines.append("Stopped; run the same command again to go on.")
    return lines + [f"Note: {note}" for note in summary.notes]


def _problem_lines(summary: Summary) -> list[str]:
    lines = [problem_line(p) for p in summary.problems[:MOST_PROBLEMS]]
    if len(summary.problems) > MOST_PROBLEMS:
        lines.append(f"… and {len(summary.problems) - MOST_PROBLEMS} more: callqa status --problems")
    return lines


def problem_line(p: Problem) -> str:
    return f"{p.status} {p.name}: {p.reason}" + (f"; {p.remedy}" if p.remedy else "")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
