"""Coaching notes: a stretch of a call, a lead's words about it, and the agent's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from ..errors import UsageError
from .database import Store
from .recordings import recording
from .tables import now
from .voice_tables import coaching_note


@dataclass(frozen=True, slots=True)
class CoachingRow:
    """A note about ``start`` to ``end`` seconds of a call; ``read_at``: when the agent had read it."""

    id: int
    recording_id: int
    agent: str
    start: float
    end: float
    rule: str | None
    text: str
    written_by: str
    written_at: datetime
    read_at: datetime | None
    reply: str
    name: str


_NOTE = [
    *(coaching_note.c[name] for name in CoachingRow.__dataclass_fields__ if name in coaching_note.c),
    recording.c.name,
]


def save_note(store: Store, row: Mapping[str, Any]) -> int:
    with store.write() as connection:
        statement = coaching_note.insert().values({"written_at": now(), "reply": ""} | dict(row))
        return int(connection.execute(statement.returning(coaching_note.c.id)).scalar_one())


def notes_for(store: Store, agent: str, limit: int = 50) -> list[CoachingRow]:
    """The notes to an agent: unread ones first, then the newest."""
    c = coaching_note.c
    query = (
        select(*_NOTE)
        .join(recording, recording.c.id == c.recording_id)
        .where(c.agent == agent)
        .order_by(c.read_at.is_not(None), c.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return [CoachingRow(*row) for row in connection.execute(query)]


def answer_note(store: Store, note_id: int, *, agent: str, reply: str) -> None:
    """The agent has read the note; raises UsageError when it is another agent's, gone, or answered."""
    c = coaching_note.c
    mine = (c.id == note_id) & (c.agent == agent) & c.read_at.is_(None)
    with store.write() as connection:
        change = {"read_at": now(), "reply": reply}
        if not connection.execute(update(coaching_note).where(mine).values(change)).rowcount:
            raise UsageError("this note is not yours to answer, or is answered already")
