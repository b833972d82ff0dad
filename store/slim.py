"""Transcripts and flags read in bulk: who said what when, without words and measures."""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import String, distinct, false, func, or_, select, type_coerce

from .calls import CallFilter, where
from .database import Store
from .packing import unpack_duration
from .recordings import recording
from .results import content, flag, utterance
from .review_tables import transcript_edit
from .verdicts import verdict

AT_ONCE = 800
"""Numbers in one query: every database takes so many."""


@dataclass(frozen=True, slots=True)
class SlimCall:
    """A call's lines in order of position, in columns; times in seconds."""

    recording_id: int
    duration: float
    positions: tuple[int, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    roles: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallPlace:
    """What tells a call's place in a breakdown, and what its call data say."""

    id: int
    name: str
    sha256: str
    day: date
    team: str | None
    business: str | None
    rulebook: str | None
    call_data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Stored flags of a rule: how many, on how many calls of a day, team and business."""

    day: date
    team: str | None
    business: str | None
    calls: int
    flags: int


_PLACE = [recording.c[name] for name in CallPlace.__dataclass_fields__]


def slim_calls(store: Store, first: int, last: int) -> Iterator[SlimCall]:
    """The transcripts of the recordings numbered ``first`` to ``last``, in that order."""
    u = utterance.c
    lines = (
        select(u.recording_id, u.position, u.start, u.end, u.role, u.text)
        .where(u.recording_id.between(first, last))
        .order_by(u.recording_id, u.position)
    )
    packed = select(content.c.recording_id, content.c.packed)
    with store.read() as connection:
        found = connection.execute(packed.where(content.c.recording_id.between(first, last)))
        durations = {number: unpack_duration(bytes(blob)) for number, blob in found}
        for number, group in groupby(connection.execute(lines), key=itemgetter(0)):
            if number in durations:
                columns = zip(*(row[1:] for row in group), strict=True)
                yield SlimCall(number, durations[number], *columns)


def transcript_stamps(store: Store, span: int) -> dict[int, int]:
    """For every ``span`` of recording numbers that holds any a number that changes with its transcripts."""
    c = recording.c
    # As text where the database has times as text: reading 200,000 of them takes longer than all else here.
    ended = select(c.id, type_coerce(c.finished_at, String)).where(c.finished_at.is_not(None))
    edits = select(transcript_edit.c.recording_id, func.max(transcript_edit.c.id))
    stamps: dict[int, int] = {}
    with store.read() as connection:
        edited = connection.execute(edits.group_by(transcript_edit.c.recording_id)).all()
        for number, mark in chain(connection.execute(ended).all(), edited):
            part = number // span
            stamps[part] = (stamps.get(part, 0) + zlib.crc32(f"{number} {mark}".encode())) & 0xFFFFFFFFFFFF
    return stamps


def call_places(store: Store, numbers: Collection[int], filter: CallFilter) -> dict[int, CallPlace]:
    """Those of the recordings that fit."""
    found: dict[int, CallPlace] = {}
    chosen = sorted(numbers)
    with store.read() as connection:
        for k in range(0, len(chosen), AT_ONCE):
            here = recording.c.id.in_(chosen[k : k + AT_ONCE])
            for row in connection.execute(select(*_PLACE).where(here, where(filter))):
                found[row.id] = CallPlace(*row)
    return found


def inspected_counts(store: Store, filter: CallFilter) -> tuple[int, int]:
    """How many inspected calls fit, and of how many days."""
    query = select(func.count(), func.count(distinct(recording.c.day)))
    with store.read() as connection:
        calls, days = connection.execute(query.where(recording.c.status == "inspected", where(filter))).one()
        return calls, days


def rulebooks_of_calls(store: Store, filter: CallFilter) -> list[str | None]:
    """The rulebooks that the calls which fit were inspected with."""
    query = select(recording.c.rulebook).distinct().where(recording.c.status == "inspected", where(filter))
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def calls_with_rulebook(store: Store, rulebooks: Sequence[str | None], filter: CallFilter) -> set[int]:
    """The inspected calls which fit and were inspected with one of these (None: with none)."""
    c = recording.c
    chosen = or_(
        c.rulebook.in_([r for r in rulebooks if r is not None]),
        c.rulebook.is_(None) if None in rulebooks else false(),
    )
    with store.read() as connection:
        query = select(c.id).where(c.status == "inspected", chosen, where(filter))
        return set(connection.execute(query).scalars())


def flag_groups(
    store: Store,
    rule: str,
    filter: CallFilter,
    rulebooks: Sequence[str | None],
    numbers: Collection[int] | None = None,
) -> list[FlagGroup]:
    """Stored flags of a rule on the calls that fit and were inspected with one of ``rulebooks``.

    With ``numbers`` of those calls only.
    """
    c = recording.c
    query = (
        select(c.day, c.team, c.business, func.count(distinct(c.id)), func.count())
        .join(flag, flag.c.recording_id == c.id)
        .where(flag.c.rule == rule, c.rulebook.in_(rulebooks), where(filter))
        .group_by(c.day, c.team, c.business)
    )
    with store.read() as connection:
        if numbers is None:
            return [FlagGroup(*row) for row in connection.execute(query)]
        chosen, found = sorted(numbers), []
        for k in range(0, len(chosen), AT_ONCE):
            rows: Any = connection.execute(query.where(c.id.in_(chosen[k : k + AT_ONCE])))
            found += [FlagGroup(*row) for row in rows]
        return found


def judged_flags(
    store: Store, rule: str, filter: CallFilter, rulebooks: Sequence[str | None]
) -> list[tuple[int, str]]:
    """Recording and verdict of every stored flag of a rule that was confirmed or called a false alarm."""
    c = recording.c
    query = (
        select(c.id, flag.c.verdict)
        .join(flag, flag.c.recording_id == c.id)
        .where(flag.c.rule == rule, flag.c.verdict.in_(("confirmed", "false_alarm")))
        .where(c.rulebook.in_(rulebooks), where(filter))
    )
    with store.read() as connection:
        return [(number, verdict) for number, verdict in connection.execute(query)]


def recordings_judged(store: Store, rule: str, sha256s: Collection[str]) -> set[str]:
    """Those of the contents on which a flag of the rule was ever judged."""
    chosen, found = sorted(sha256s), set()
    with store.read() as connection:
        for k in range(0, len(chosen), AT_ONCE):
            here = verdict.c.sha256.in_(chosen[k : k + AT_ONCE])
            query = select(verdict.c.sha256).distinct().where(verdict.c.rule == rule, here)
            found |= set(connection.execute(query).scalars())
    return found


def flag_samples(
    store: Store, rule: str, filter: CallFilter, rulebooks: Sequence[str | None], limit: int
) -> list[tuple[int, int]]:
    """Recording and number of some stored flags of a rule, newest calls first."""
    c = recording.c
    query = (
        select(c.id, flag.c.id)
        .join(flag, flag.c.recording_id == c.id)
        .where(flag.c.rule == rule, c.rulebook.in_(rulebooks), where(filter))
        .order_by(c.id.desc(), flag.c.position)
        .limit(limit)
    )
    with store.read() as connection:
        return [(number, flag_id) for number, flag_id in connection.execute(query)]


def verdict_times(store: Store, limit: int = 5000) -> list[tuple[str, datetime]]:
    """Reviewer and time of the newest verdicts, newest first."""
    query = select(verdict.c.reviewer, verdict.c.created_at).where(verdict.c.verdict != "undo")
    with store.read() as connection:
        rows = connection.execute(query.order_by(verdict.c.created_at.desc()).limit(limit))
        return [(reviewer, moment) for reviewer, moment in rows]
