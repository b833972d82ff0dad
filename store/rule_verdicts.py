"""What reviewers said about the flags of one rule, whatever became of the flags since."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from .database import Store
from .recordings import recording
from .verdicts import SAME_SPAN_SECONDS, VerdictEntry, standing, verdict

MOST = 5000
_ENTRY = [verdict.c[name] for name in VerdictEntry.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """A flag's verdict that counts; ``recording_id`` and ``name`` are of the call it was given on."""

    entry: VerdictEntry
    sha256: str
    recording_id: int | None = None
    name: str = ""


def rule_verdicts(store: Store, rule: str, limit: int = MOST) -> list[RuleVerdict]:
    """The verdicts that count on flags of ``rule``, by the moment they were given, oldest first.

    Built from the newest ``limit`` entries of its history.
    """
    query = (
        select(verdict.c.sha256, *_ENTRY)
        .where(verdict.c.rule == rule)
        .order_by(verdict.c.id.desc())
        .limit(limit)
    )
    by_flag: dict[tuple[str, int], list[VerdictEntry]] = {}
    with store.read() as connection:
        for sha256, *values in connection.execute(query):
            entry = VerdictEntry(*values)
            by_flag.setdefault((sha256, _place(by_flag, sha256, entry)), []).append(entry)
    counting = ((sha256, standing(entries)) for (sha256, _), entries in by_flag.items())
    found = [RuleVerdict(entry, sha256) for sha256, entry in counting if entry]
    return sorted(found, key=lambda one: one.entry.id)


def with_calls(store: Store, found: Sequence[RuleVerdict]) -> list[RuleVerdict]:
    """The same with the calls they were given on; calls that are gone are left out."""
    hashes = {one.sha256 for one in found}
    query = select(recording.c.sha256, recording.c.id, recording.c.name).where(recording.c.sha256.in_(hashes))
    with store.read() as connection:
        calls = {sha256: (number, name) for sha256, number, name in connection.execute(query)}
    known = (one for one in found if one.sha256 in calls)
    return [RuleVerdict(one.entry, one.sha256, *calls[one.sha256]) for one in known]


def _place(by_flag: dict[tuple[str, int], list[VerdictEntry]], sha256: str, entry: VerdictEntry) -> int:
    """Which flag of its call the entry is about: flags are told apart by where they begin."""
    number = 0
    while (sha256, number) in by_flag:
        other = by_flag[sha256, number][0]
        apart = max(abs(other.start - entry.start), abs(other.end - entry.end))
        if apart <= SAME_SPAN_SECONDS:
            return number
        number += 1
    return number
