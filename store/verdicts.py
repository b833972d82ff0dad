"""Reviewers' verdicts: a history that only grows, and what of it counts now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, select, update

from ..errors import CallqaError, UsageError
from . import tables
from .claims import check_not_held
from .database import Store
from .tables import columns_of, now

VERDICTS = ("confirmed", "false_alarm", "unsure")
VerdictWord = Literal["confirmed", "false_alarm", "unsure"]
SAME_SPAN_SECONDS = 0.25
"""A flag of the same rule whose both ends lie this near is the same flag."""
verdict, flag = columns_of(tables.Verdict), columns_of(tables.Flag)
recording = columns_of(tables.Recording)


@dataclass(frozen=True, slots=True)
class VerdictEntry:
    """One line of the history; ``verdict`` is ``undo`` when it takes the line ``undoes`` back."""

    id: int
    flag_id: int | None
    rule: str
    rule_version: int
    start: float
    end: float
    quote: str
    verdict: str
    undoes: int | None
    reviewer: str
    reason: str
    comment: str
    created_at: datetime


class Overtaken(CallqaError):
    """Somebody else judged the flag in the meantime; ``entry`` is what counts now."""

    def __init__(self, entry: VerdictEntry | None) -> None:
        self.entry = entry
        now = f"it is {entry.verdict} by {entry.reviewer}" if entry else "its verdict was taken back"
        super().__init__(f"the flag was judged in the meantime: {now}; look again, then judge")


_ABOUT = ("sha256", "rule", "rule_version", "start", "end", "quote")
_COLUMNS = [verdict.c[name] for name in VerdictEntry.__dataclass_fields__]


def add_verdict(
    store: Store,
    flag_id: int,
    word: VerdictWord,
    *,
    reviewer: str,
    reason: str = "",
    comment: str = "",
    expected: Collection[int | None] | None = None,
    action: str | None = None,
) -> int:
    """Store a verdict on a flag; it replaces the one that counted before. Returns its id.

    With ``expected`` (ids of entries, None for no verdict) it is stored only when one of them counts at
    that moment and nobody else has the call on the desk; saying again what this reviewer's verdict says
    already adds nothing. An ``action`` that was stored before is not stored again. Raises Overtaken,
    HeldByOther, or UsageError when the flag is gone.
    """
    if word not in VERDICTS:
        raise UsageError(f"no such verdict: {word!r}; use one of {', '.join(VERDICTS)}")
    with store.write() as connection:
        if (done := _done(connection, action)) is not None:
            return done.id
        judged = _flag(connection, flag_id)
        entry = {"verdict": word, "reviewer": reviewer, "reason": reason, "comment": comment}
        if expected is not None:
            check_not_held(connection, judged.recording_id, reviewer)
            counts = standing(_same_flag(verdicts_on(connection, judged.sha256), judged))
            if counts and all(getattr(counts, name) == value for name, value in entry.items()):
                return counts.id
            if (counts.id if counts else None) not in expected:
                raise Overtaken(counts)
        return _append(connection, judged, {**entry, "action": action})


def undo_verdict(
    store: Store, flag_id: int, *, reviewer: str, expected: int | None = None, action: str | None = None
) -> int | None:
    """Take back the verdict that counts now, so that the one before it counts again.

    Returns the id of the entry taken back; None when there was none. With ``expected`` only that entry
    is taken back: Overtaken is raised when another counts.
    """
    with store.write() as connection:
        if (done := _done(connection, action)) is not None:
            return done.undoes
        judged = _flag(connection, flag_id)
        entry = standing(_same_flag(verdicts_on(connection, judged.sha256), judged))
        if expected is not None:
            check_not_held(connection, judged.recording_id, reviewer)
            if entry is None or entry.id != expected:
                raise Overtaken(entry)
        if entry is None:
            return None
        taken_back = {"verdict": "undo", "undoes": entry.id, "reviewer": reviewer, "action": action}
        _append(connection, judged, taken_back)
        return entry.id


def _done(connection: Connection, action: str | None) -> VerdictEntry | None:
    if action is None:
        return None
    row = connection.execute(select(*_COLUMNS).where(verdict.c.action == action)).one_or_none()
    return VerdictEntry(*row) if row else None


def verdict_history(store: Store, recording_id: int) -> tuple[VerdictEntry, ...]:
    """All entries on a recording's flags, those of earlier inspections included, oldest first."""
    query = select(recording.c.sha256).where(recording.c.id == recording_id)
    with store.read() as connection:
        sha256 = connection.execute(query).scalar_one_or_none()
        return verdicts_on(connection, sha256) if sha256 else ()


def verdicts_on(connection: Connection, sha256: str) -> tuple[VerdictEntry, ...]:
    query = select(*_COLUMNS).where(verdict.c.sha256 == sha256).order_by(verdict.c.id)
    return tuple(VerdictEntry(*row) for row in connection.execute(query))


def standing(entries: Iterable[VerdictEntry]) -> VerdictEntry | None:
    """The entry that counts: the newest that was not taken back. An undo can be undone."""
    undone: set[int | None] = set()
    for entry in sorted(entries, key=lambda e: e.id, reverse=True):
        if entry.id in undone:
            continue
        if entry.verdict != "undo":
            return entry
        undone.add(entry.undoes)
    return None


def standing_verdict(entries: Sequence[VerdictEntry], rule: str, start: float, end: float) -> str | None:
    """The verdict that counts for the flag of ``rule`` from ``start`` to ``end``."""
    entry = standing(e for e in entries if _same_span(e, rule, start, end))
    return entry.verdict if entry else None


def _same_span(entry: VerdictEntry, rule: str, start: float, end: float) -> bool:
    apart = max(abs(entry.start - start), abs(entry.end - end))
    return entry.rule == rule and apart <= SAME_SPAN_SECONDS


def _same_flag(entries: Sequence[VerdictEntry], judged: Any) -> list[VerdictEntry]:
    return [e for e in entries if _same_span(e, judged.rule, judged.start, judged.end)]


def _flag(connection: Connection, flag_id: int) -> Any:
    at = [flag.c[name] for name in ("id", "recording_id", "rule", "rule_version", "start", "end", "quote")]
    query = select(*at, recording.c.sha256).join(recording).where(flag.c.id == flag_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise UsageError(f"no flag has the number {flag_id}; the call may have been inspected again")
    return found


def _append(connection: Connection, judged: Any, entry: Mapping[str, object]) -> int:
    about = {name: getattr(judged, name) for name in _ABOUT}
    blank = {"undoes": None, "reason": "", "comment": "", "action": None}
    row = {**blank, **entry, **about, "flag_id": judged.id, "created_at": now()}
    added = int(connection.execute(verdict.insert().values(row).returning(verdict.c.id)).scalar_one())
    _refresh(connection, judged)
    return added


def _refresh(connection: Connection, judged: Any) -> None:
    """Bring the copies of what counts, in flag and recording, up to date."""
    counts = standing(_same_flag(verdicts_on(connection, judged.sha256), judged))
    word = counts.verdict if counts else None
    connection.execute(update(flag).where(flag.c.id == judged.id).values(verdict=word))
    of_call = flag.c.recording_id == judged.recording_id
    still_open = select(func.count()).where(of_call, flag.c.verdict.is_(None)).scalar_subquery()
    change = update(recording).where(recording.c.id == judged.recording_id)
    connection.execute(change.values(open_count=still_open))
