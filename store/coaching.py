"""Calls of one agent or team that teach something."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from ..inspect.types import Level
from .calls import CallFilter, where
from .database import Store
from .recordings import recording
from .results import LEVELS, flag

_GRAVE, _GOOD_SCORE, _LONG_ENOUGH = LEVELS.index(Level.HIGH), 95, 30.0


@dataclass(frozen=True, slots=True)
class CoachCall:
    """A call and the flag to hear in it; a good example has none."""

    recording_id: int
    name: str
    agent: str | None
    started_at: datetime | None
    day: date
    score: int | None
    seconds: float | None
    rule: str | None = None
    severity: Level | None = None
    verdict: str | None = None
    start: float | None = None
    end: float | None = None
    quote: str | None = None


_CALL = [recording.c[name] for name in ("id", "name", "agent", "started_at", "day", "score", "seconds")]


def coach_calls(store: Store, filter: CallFilter, limit: int = 8) -> list[CoachCall]:
    """One flag of each of the calls that need talking about: confirmed ones first, then grave ones that
    nobody has judged. What was a false alarm is no matter for coaching."""
    rank = case((flag.c.verdict == "confirmed", 0), else_=1)
    best = func.row_number().over(
        partition_by=flag.c.recording_id, order_by=(rank, flag.c.severity.desc(), flag.c.position)
    )
    of_flag = [flag.c[name] for name in ("rule", "severity", "verdict", "start", "end", "quote")]
    found = (
        select(*_CALL, *of_flag, best.label("place"), rank.label("rank"))
        .join(flag, flag.c.recording_id == recording.c.id)
        .where(where(filter), (flag.c.verdict == "confirmed") | (flag.c.verdict.is_(None)))
        .where((flag.c.verdict == "confirmed") | (flag.c.severity >= _GRAVE))
        .subquery()
    )
    query = select(found).where(found.c.place == 1)
    query = query.order_by(found.c.rank, found.c.severity.desc(), found.c.score, found.c.id).limit(limit)
    with store.read() as connection:
        return [_coach(tuple(row)) for row in connection.execute(query)]


def good_calls(store: Store, filter: CallFilter, limit: int = 2) -> list[CoachCall]:
    """Calls without a flag and with a high score, the longest of the newest first."""
    c = recording.c
    query = (
        select(*_CALL)
        .where(where(filter), c.score >= _GOOD_SCORE, c.flag_count == 0, c.seconds >= _LONG_ENOUGH)
        .order_by(c.day.desc(), c.seconds.desc(), c.id)
        .limit(limit)
    )
    with store.read() as connection:
        return [CoachCall(*row) for row in connection.execute(query)]


def rules_of(store: Store, filter: CallFilter, limit: int = 8) -> list[tuple[str, Level, int]]:
    """The rules with most flags on these calls."""
    count = func.count()
    query = (
        select(flag.c.rule, flag.c.severity, count)
        .join(recording, recording.c.id == flag.c.recording_id)
        .where(where(filter))
        .group_by(flag.c.rule, flag.c.severity)
        .order_by(count.desc(), flag.c.rule)
        .limit(limit)
    )
    with store.read() as connection:
        return [(rule, LEVELS[severity], n) for rule, severity, n in connection.execute(query)]


def _coach(row: tuple[object, ...]) -> CoachCall:
    call, of_flag = row[: len(_CALL)], list(row[len(_CALL) : len(_CALL) + 6])
    of_flag[1] = LEVELS[int(str(of_flag[1]))]
    return CoachCall(*call, *of_flag)  # type: ignore[arg-type]
