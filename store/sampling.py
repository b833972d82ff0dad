"""Drawing calls for people to hear: what can be drawn, and keeping what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..inspect.types import Level
from .calls import CallFilter, where
from .database import Store, insert_into
from .recordings import recording
from .results import LEVELS
from .review_lists import save_list
from .review_tables import assignment
from .tables import now
from .voice_tables import sampling_draw

_GRAVE = LEVELS.index(Level.HIGH)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may be drawn; ``risk`` lies between 0 and 1."""

    id: int
    agent: str | None
    team: str | None
    business: str | None
    queue: str | None
    seconds: float | None
    risk: float


@dataclass(frozen=True, slots=True)
class DrawRow:
    id: int
    name: str
    plan: Mapping[str, Any]
    population: int
    drawn: int
    list_id: int | None
    drawn_by: str
    drawn_at: datetime


def candidates(store: Store, filter: CallFilter) -> list[Candidate]:
    """Inspected calls that fit, by number."""
    c = recording.c
    query = (
        select(c.id, c.agent, c.team, c.business, c.queue, c.seconds, c.score, c.worst, c.open_count)
        .where(c.status == "inspected", where(filter))
        .order_by(c.id)
    )
    with store.read() as connection:
        return [
            Candidate(*row[:6], risk=_risk(row.score, row.worst, row.open_count))
            for row in connection.execute(query)
        ]


def _risk(score: int | None, worst: int | None, open_flags: int) -> float:
    lost = (100 - (score if score is not None else 100)) / 100
    grave = 1.0 if worst is not None and worst >= _GRAVE and open_flags else 0.0
    return min(1.0, max(lost, grave))


def save_draw(
    store: Store,
    name: str,
    plan: Mapping[str, Any],
    population: int,
    recordings: Sequence[int],
    reviewers: Sequence[str],
    *,
    by: str,
) -> tuple[int, int]:
    """Keep a draw as a list, and share it out in turn; returns the numbers of draw and list."""
    list_id = save_list(store, name, [(one, 0.0) for one in recordings], query="", by=by)
    row = {
        "name": name, "plan": dict(plan), "population": population, "drawn": len(recordings),
        "list_id": list_id, "drawn_by": by, "drawn_at": now(),
    }  # fmt: skip
    with store.write() as connection:
        made = connection.execute(sampling_draw.insert().values(row).returning(sampling_draw.c.id))
        draw_id = int(made.scalar_one())
        for place, one in enumerate(recordings if reviewers else ()):
            given = {
                "recording_id": one, "reviewer": reviewers[place % len(reviewers)], "assigned_by": by,
                "assigned_at": now(),
            }  # fmt: skip
            statement = insert_into(connection, assignment).values(given)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["recording_id"]))
    return draw_id, list_id


def draws(store: Store, limit: int = 50) -> list[DrawRow]:
    """What was drawn, newest first."""
    columns = [sampling_draw.c[name] for name in DrawRow.__dataclass_fields__]
    query = select(*columns).order_by(sampling_draw.c.id.desc()).limit(limit)
    with store.read() as connection:
        return [DrawRow(*row) for row in connection.execute(query)]
