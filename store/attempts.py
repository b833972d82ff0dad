"""What was tried on a recording: each attempt from its claim to its end, with the time of every step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, select, update

from .batch_tables import Attempt
from .clock import stamp
from .database import Store
from .tables import columns_of

if TYPE_CHECKING:
    from .queue import Claimed

attempt = columns_of(Attempt)
Step = tuple[str, float, float]
"""Its name, seconds after the attempt began, and the seconds it took."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt; ``outcome`` as in ``batch_tables.Attempt``."""

    number: int
    kind: str
    batch: int | None
    host: str
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    detail: str | None
    steps: tuple[Step, ...]


def trace(store: Store, recording_id: int) -> tuple[Tried, ...]:
    """All attempts at a recording, the first one first."""
    query = select(attempt).where(attempt.c.recording_id == recording_id).order_by(attempt.c.id)
    with store.read() as connection:
        return tuple(_tried(row) for row in connection.execute(query))


def begin_attempts(
    connection: Connection, claims: Sequence["Claimed"], worker: str, host: str, moment: datetime
) -> list[int]:
    """A row for each claim; returns their numbers in that order."""
    rows = [
        {
            "recording_id": one.id,
            "task_id": one.task,
            "batch_id": one.batch,
            "kind": one.kind,
            "number": one.attempts + one.retries,
            "host": host,
            "worker": worker,
            "started_at": moment,
            "outcome": "running",
        }
        for one in claims
    ]
    insert = attempt.insert().returning(attempt.c.id, sort_by_parameter_order=True)
    return list(connection.execute(insert, rows).scalars())


def end_attempt(
    connection: Connection,
    number: int,
    outcome: str,
    *,
    detail: str | None = None,
    steps: Iterable[Step] = (),
) -> None:
    values = {
        "outcome": outcome,
        "detail": detail,
        "steps": [list(step) for step in steps] or None,
        "ended_at": stamp(connection),
    }
    connection.execute(update(attempt).where(attempt.c.id == number).values(values))


def end_open_attempts(
    connection: Connection,
    recordings: Sequence[int] | None,
    tasks: Sequence[int] | None,
    outcome: str,
    moment: datetime,
    detail: str | None = None,
    steps: Sequence[Step] = (),
) -> None:
    """End the attempts under way at ``recordings`` themselves, or for ``tasks``."""
    if not recordings and not tasks:
        return
    if recordings:
        which = and_(attempt.c.recording_id.in_(recordings), attempt.c.task_id.is_(None))
    else:
        which = and_(attempt.c.task_id.in_(tasks or ()))
    values: dict[str, Any] = {"outcome": outcome, "ended_at": moment, "detail": detail}
    if steps:
        values["steps"] = [list(step) for step in steps]
    connection.execute(update(attempt).where(which, attempt.c.outcome == "running").values(values))


def _tried(row: Any) -> Tried:
    return Tried(
        number=row.number,
        kind=row.kind,
        batch=row.batch_id,
        host=row.host,
        worker=row.worker,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        detail=row.detail,
        steps=tuple((name, start, seconds) for name, start, seconds in row.steps or ()),
    )
