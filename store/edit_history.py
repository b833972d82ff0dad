"""Reviewers' changes to transcripts: a history that only grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ..transcribe.types import Word
from .packing import unpack_words
from .review_tables import transcript_edit


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the history: utterance ``position`` was made to read ``after`` (kind text), agent and
    customer changed places (swap), or the line ``undoes`` was taken back (undo).
    """

    id: int
    kind: str
    position: int | None
    before: str | None
    after: str | None
    words: tuple[Word, ...]
    """The utterance's words before a change of its text."""
    undoes: int | None
    reviewer: str
    created_at: datetime


_COLUMNS = [transcript_edit.c[name] for name in Edit.__dataclass_fields__]


def edits_on(connection: Connection, recording_id: int) -> tuple[Edit, ...]:
    c = transcript_edit.c
    rows = connection.execute(select(*_COLUMNS).where(c.recording_id == recording_id).order_by(c.id))
    return tuple(Edit(**{**row._asdict(), "words": unpack_words(row.words)}) for row in rows)


def edits_on_many(connection: Connection, recording_ids: Sequence[int]) -> dict[int, tuple[Edit, ...]]:
    """The histories of those of these calls that have one."""
    c = transcript_edit.c
    query = select(c.recording_id).where(c.recording_id.in_(recording_ids)).distinct()
    return {one: edits_on(connection, one) for one in connection.execute(query).scalars().all()}


def standing_edits(history: Sequence[Edit]) -> list[Edit]:
    """Those that were not taken back, oldest first."""
    undone = {edit.undoes for edit in history if edit.kind == "undo"}
    return [edit for edit in history if edit.kind != "undo" and edit.id not in undone]


def last_edits(history: Sequence[Edit]) -> dict[int | None, int]:
    """The newest standing edit of each line; under None the newest swap."""
    return {edit.position: edit.id for edit in standing_edits(history)}


def originals(history: Sequence[Edit]) -> dict[int, str]:
    """What the recogniser wrote in each line that reads differently now."""
    first: dict[int, str] = {}
    for edit in standing_edits(history):
        if edit.position is not None:
            first.setdefault(edit.position, edit.before or "")
    return first
