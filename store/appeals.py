"""Appeals of agents: the state that counts, and a history that only grows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ..errors import UsageError
from .database import Store
from .tables import now
from .voice_tables import appeal, appeal_event

STATES = ("open", "granted", "rejected", "withdrawn")


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An objection; without ``rule`` it is against the score of the whole call."""

    id: int
    recording_id: int
    agent: str
    rule: str | None
    start: float | None
    end: float | None
    quote: str
    original_score: float | None
    level: int
    state: str
    deadline: datetime
    filed_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppealStep:
    id: int
    appeal_id: int
    kind: str
    level: int
    who: str
    text: str
    score_before: float | None
    score_after: float | None
    at: datetime


_APPEAL = [appeal.c[name] for name in AppealRow.__dataclass_fields__]
_STEP = [appeal_event.c[name] for name in AppealStep.__dataclass_fields__]


def open_appeal(store: Store, row: dict[str, Any], *, who: str, text: str) -> int:
    """Store an appeal with its first step; UsageError when the same thing is under appeal already."""
    c = appeal.c
    same = (c.recording_id == row["recording_id"]) & (c.rule.is_not_distinct_from(row.get("rule")))
    if row.get("start") is not None:
        same &= c.start == row["start"]
    with store.write() as connection:
        if connection.execute(select(c.id).where(same, c.state != "withdrawn")).first():
            raise UsageError("this was appealed against already; its history shows what came of it")
        made = int(connection.execute(appeal.insert().values(row).returning(c.id)).scalar_one())
        step: dict[str, Any] = {"appeal_id": made, "kind": "filed", "level": 1, "who": who, "text": text}
        connection.execute(
            appeal_event.insert().values(step | {"at": now(), "score_before": row["original_score"]})
        )
    return made


def take_step(
    store: Store,
    appeal_id: int,
    *,
    expected_level: int,
    kind: str,
    who: str,
    text: str,
    changes: dict[str, Any],
    score_before: float | None = None,
    score_after: float | None = None,
) -> None:
    """Add one step and the state it leads to, if the appeal is still open at the level the person saw."""
    c = appeal.c
    there = (c.id == appeal_id) & (c.level == expected_level) & (c.state == "open")
    step = {
        "appeal_id": appeal_id, "kind": kind, "level": expected_level, "who": who, "text": text,
        "score_before": score_before, "score_after": score_after, "at": now(),
    }  # fmt: skip
    with store.write() as connection:
        if not connection.execute(update(appeal).where(there).values(changes or {"state": "open"})).rowcount:
            raise UsageError("the appeal was decided or passed on in the meantime; look at it again")
        connection.execute(appeal_event.insert().values(step))


def pass_on(store: Store, appeal_id: int, *, level: int, deadline: datetime, who: str, text: str) -> int:
    """Open a rejected appeal again on the next level, which is returned; the first decision stays told."""
    c = appeal.c
    there = (c.id == appeal_id) & (c.level == level) & (c.state == "rejected")
    changes = {"level": level + 1, "state": "open", "deadline": deadline, "decided_at": None}
    step = {"appeal_id": appeal_id, "kind": "escalated", "level": level + 1, "who": who, "text": text}
    with store.write() as connection:
        if not connection.execute(update(appeal).where(there).values(changes)).rowcount:
            raise UsageError("the appeal was passed on in the meantime; look at it again")
        connection.execute(appeal_event.insert().values(step | {"at": now()}))
    return level + 1


def get_appeal(store: Store, appeal_id: int) -> AppealRow:
    with store.read() as connection:
        row = connection.execute(select(*_APPEAL).where(appeal.c.id == appeal_id)).one_or_none()
    if row is None:
        raise UsageError(f"there is no appeal {appeal_id}")
    return AppealRow(*row)


def appeals(
    store: Store, *, state: str | None = None, agent: str | None = None, recording_id: int | None = None
) -> list[AppealRow]:
    """Appeals that fit; open ones with the nearest deadline first."""
    query = select(*_APPEAL).order_by(appeal.c.decided_at.is_not(None), appeal.c.deadline, appeal.c.id)
    wanted: dict[str, Any] = {"state": state, "agent": agent, "recording_id": recording_id}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(appeal.c[name] == value)
    with store.read() as connection:
        return [AppealRow(*row) for row in connection.execute(query)]


def appeal_history(store: Store, appeal_id: int) -> list[AppealStep]:
    """Every step, oldest first."""
    query = select(*_STEP).where(appeal_event.c.appeal_id == appeal_id).order_by(appeal_event.c.id)
    with store.read() as connection:
        return [AppealStep(*row) for row in connection.execute(query)]
