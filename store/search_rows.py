"""What a search reads: numbers of calls newest first, and their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from .calls import CallFilter, where
from .database import Store
from .recordings import recording
from .results import utterance
from .review_tables import transcript_edit

_BLOCK = 500


@dataclass(frozen=True, slots=True)
class SearchLine:
    """One utterance; ``redacted`` is what may be shown to anybody."""

    position: int
    start: float
    end: float
    role: str
    text: str
    redacted: str


@dataclass(frozen=True, slots=True)
class SearchCall:
    """A call as a search result names it, with its lines in order."""

    id: int
    name: str
    call_id: str | None
    day: date
    started_at: datetime | None
    seconds: float
    business: str | None
    team: str | None
    agent: str | None
    call_data: dict[str, str]
    lines: tuple[SearchLine, ...]


_CALL = [recording.c[name] for name in SearchCall.__dataclass_fields__ if name != "lines"]


def calls_to_search(store: Store, filter: CallFilter, below: int | None, limit: int) -> list[int]:
    """Numbers of the inspected calls that fit, highest first, all lower than ``below``."""
    c = recording.c
    query = select(c.id).where(c.status == "inspected", where(filter)).order_by(c.id.desc()).limit(limit)
    if below is not None:
        query = query.where(c.id < below)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def lines_of(store: Store, numbers: Sequence[int], filter: CallFilter) -> list[SearchCall]:
    """Those of these calls that fit, highest number first."""
    u = utterance.c
    columns = (u.recording_id, u.position, u.start, u.end, u.role, u.text, u.redacted_text)
    lines: dict[int, list[SearchLine]] = {}
    with store.read() as connection:
        chosen = select(*_CALL).where(recording.c.id.in_(numbers), where(filter))
        rows = connection.execute(chosen.order_by(recording.c.id.desc())).all()
        query = select(*columns).where(u.recording_id.in_([row.id for row in rows]))
        for number, position, start, end, role, text, redacted in connection.execute(
            query.order_by(u.recording_id, u.position)
        ):
            shown = text if redacted is None else redacted
            lines.setdefault(number, []).append(SearchLine(position, start, end, role, text, shown))
    return [
        SearchCall(**{**row._asdict(), "seconds": row.seconds or 0.0}, lines=tuple(lines.get(row.id, ())))
        for row in rows
    ]


def changed_since(store: Store, finished: datetime | None, edit: int) -> tuple[list[int], int]:
    """Calls whose transcript came or changed after ``finished`` and the edit number ``edit``, and the
    newest edit number.
    """
    c, e = recording.c, transcript_edit.c
    with store.read() as connection:
        newest = int(connection.execute(select(func.max(e.id))).scalar() or 0)
        edited = connection.execute(select(e.recording_id).where(e.id > edit).distinct()).scalars().all()
        later = select(c.id).where(c.finished_at > finished) if finished else None
        fresh = connection.execute(later).scalars().all() if later is not None else []
    return sorted({*edited, *fresh}, reverse=True), newest
