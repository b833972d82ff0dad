"""How the work goes on: what was finished when, what was tried again, what has no result."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, cast, extract, func, literal_column, or_, select

from .batches import BatchRow, batch
from .clock import clock
from .database import Store
from .recordings import recording

STEP_SECONDS = 600
WITHOUT_RESULT = ("quarantined", "failed", "empty")


@dataclass(frozen=True, slots=True)
class Ended:
    """A recording that ended without a result."""

    id: int
    name: str
    status: str
    kind: str
    reason: str
    remedy: str
    attempts: int
    finished_at: datetime | None


def finished_by_step(store: Store, span: timedelta = timedelta(hours=24)) -> list[tuple[datetime, int]]:
    """Recordings finished in each STEP_SECONDS of the last ``span``, by the moment it began (UTC).

    Steps in which nothing was finished are left out.
    """
    c = recording.c.finished_at
    second = cast(extract("epoch", c), BigInteger)
    # A literal, not a parameter: PostgreSQL takes two parameters for two different expressions.
    step = (second - second % literal_column(str(STEP_SECONDS))).label("step")
    with store.read() as connection:
        since = clock(connection) - span
        query = select(step, func.count()).where(c >= since).group_by(step).order_by(step)
        return [(datetime.fromtimestamp(int(at), UTC), n) for at, n in connection.execute(query)]


def finished_since(store: Store, span: timedelta) -> int:
    """How many recordings were finished in the last ``span``."""
    with store.read() as connection:
        since = clock(connection) - span
        query = select(func.count()).select_from(recording).where(recording.c.finished_at >= since)
        return int(connection.execute(query).scalar_one())


def tried_again(store: Store) -> int:
    """Recordings that wait or are worked on after a try that did not end."""
    c = recording.c
    again = or_(c.retries > 0, c.attempts > 1, (c.status == "queued") & (c.attempts > 0))
    query = select(func.count()).select_from(recording).where(c.status.in_(("queued", "running")), again)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def without_result(
    store: Store, statuses: tuple[str, ...] = WITHOUT_RESULT, *, limit: int = 200
) -> list[Ended]:
    """Recordings without a result, those set aside first, then the newest."""
    c = recording.c
    columns = (c.id, c.name, c.status, c.error_kind, c.error, c.remedy, c.attempts, c.finished_at)
    found: list[Ended] = []
    with store.read() as connection:
        for status in (one for one in WITHOUT_RESULT if one in statuses):
            query = select(*columns).where(c.status == status).order_by(c.queued_at.desc(), c.id.desc())
            rows = connection.execute(query.limit(limit - len(found))).all()
            found += [_ended(row) for row in rows]
    return found


def last_batches(store: Store, limit: int = 10) -> list[BatchRow]:
    """The newest first."""
    query = select(batch).order_by(batch.c.id.desc()).limit(limit)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [BatchRow(r.id, r.started_at, r.finished_at, tuple(r.paths), r.summary) for r in rows]


def _ended(row: Any) -> Ended:
    number, name, status, kind, reason, remedy, attempts, finished_at = row
    return Ended(number, name, status, kind or "", reason or "", remedy or "", attempts, finished_at)
