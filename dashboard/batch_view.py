"""The batch page: how the work goes on and when it will be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..privacy.masking import mask_phones
from ..store.attempts import Tried
from ..store.batch_progress import (
    Ended,
    finished_by_step,
    finished_since,
    last_batches,
    tried_again,
    without_result,
)
from ..store.batches import BatchRow
from ..store.calls import STATUSES
from ..store.database import Store
from ..store.day_figures import Period, call_figures
from ..store.hosts import Service, services
from ..store.queue import backlog_bytes, open_counts, workers
from .formats import local_time
from .texts import Texts

MOST_PROBLEMS = 200
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BatchView:
    """Everything the batch page shows. Tasks on calls that have a result count as waiting too."""

    statuses: dict[str, int]
    waiting: int
    running: int
    backlog: int
    """Bytes."""
    last_hour: int
    retries: int
    steps: tuple[tuple[datetime, int], ...]
    services: tuple[Service, ...]
    claims: dict[str, datetime]
    """Workers that hold recordings, and when each was last heard of."""
    batches: tuple[BatchRow, ...]
    problems: tuple[Ended, ...]
    unended: dict[str, int]
    """How many recordings have no result, by state."""

    @property
    def left(self) -> int:
        return self.waiting + self.running

    @property
    def seconds_left(self) -> float | None:
        """At the pace of the last hour; None while nothing was finished in it, 0 when nothing is left."""
        if not self.left:
            return 0.0
        return 3600.0 * self.left / self.last_hour if self.last_hour else None

    @property
    def nobody_works(self) -> bool:
        """Recordings wait, and no worker was heard of."""
        return bool(self.waiting) and not self.claims and not any(s.is_alive for s in self.services)


def batch_view(store: Store) -> BatchView:
    """As things stand now."""
    found = call_figures(store, Period(), "status")
    statuses = {s: found[s,].calls if (s,) in found else 0 for s in STATUSES}
    waiting, running = open_counts(store)
    problems = without_result(store, limit=MOST_PROBLEMS)
    return BatchView(
        statuses=statuses,
        waiting=waiting,
        running=running,
        backlog=backlog_bytes(store),
        last_hour=finished_since(store, _HOUR),
        retries=tried_again(store),
        steps=tuple(finished_by_step(store)),
        services=services(store),
        claims=workers(store),
        batches=tuple(last_batches(store)),
        problems=tuple(problems),
        unended={s: statuses[s] for s in ("quarantined", "failed", "empty")},
    )


def eta_text(view: BatchView, texts: Texts, now: datetime | None = None) -> str:
    """When the queue will be empty, in words."""
    left = view.seconds_left
    if left is None:
        return texts("batch.eta_unknown")
    if not left:
        return texts("batch.eta_idle")
    done = local_time((now or datetime.now(UTC)) + timedelta(seconds=left))
    return texts("batch.eta_value", at=f"{done:%m-%d %H:%M}", left=_span(left))


def problem_rows(problems: Sequence[Ended], texts: Texts) -> list[dict[str, Any]]:
    """Rows for the grid, by heading."""
    return [
        {
            texts("batch.name"): mask_phones(one.name),
            texts("column.status"): texts(f"status.{one.status}"),
            texts("day.reason"): texts.get(f"failure.{one.kind}", one.reason),
            texts("day.remedy"): texts.get(f"remedy.{one.kind}", one.remedy),
            texts("batch.attempts"): one.attempts,
            texts("batch.ended"): f"{local_time(one.finished_at):%m-%d %H:%M}" if one.finished_at else "",
            texts("day.details"): one.reason,
        }
        for one in problems
    ]


def worker_rows(view: BatchView, texts: Texts) -> list[dict[str, Any]]:
    """Services that were heard of, and workers that hold recordings without one."""
    rows = [
        (f"{s.host} · {s.service}", s.is_alive, s.heartbeat_at, f"{s.workers} × {s.device}")
        for s in view.services
    ]
    if not rows:
        rows = [(name, True, at, "") for name, at in view.claims.items()]
    return [
        {
            texts("batch.worker"): name,
            texts("column.status"): texts("batch.worker_alive" if alive else "batch.worker_gone"),
            texts("batch.heard"): f"{local_time(at):%m-%d %H:%M:%S}",
            texts("batch.held"): more,
        }
        for name, alive, at, more in rows
    ]


def batch_rows(view: BatchView, texts: Texts) -> list[dict[str, Any]]:
    """The last batches, newest first."""
    return [
        {
            texts("batch.number"): row.id,
            texts("batch.began"): f"{local_time(row.started_at):%Y-%m-%d %H:%M}",
            texts("batch.ended"): (
                f"{local_time(row.finished_at):%H:%M}" if row.finished_at else texts("batch.not_ended")
            ),
            texts("batch.files"): (row.summary or {}).get("files"),
            texts("batch.paths"): "、".join(row.paths[:3]) + ("…" if len(row.paths) > 3 else ""),
        }
        for row in view.batches
    ]


def trace_rows(attempts: Sequence[Tried], texts: Texts) -> list[dict[str, Any]]:
    """What was tried with a recording, step by step."""
    return [
        {
            texts("batch.attempts"): one.number,
            texts("batch.began"): f"{local_time(one.started_at):%m-%d %H:%M:%S}",
            texts("batch.worker"): one.host,
            texts("batch.outcome"): texts.get(f"outcome.{one.outcome}", one.outcome),
            texts("batch.steps"): " → ".join(f"{step} {took:.1f}s" for step, _, took in one.steps),
            texts("day.details"): one.detail or "",
        }
        for one in attempts
    ]


def size_text(size: int) -> str:
    """
    >>> size_text(3_400_000)
    '3.4 MB'
    """
    value, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit in ("B", "kB") else f"{value:.1f} {unit}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{max(1, minutes)} min"
