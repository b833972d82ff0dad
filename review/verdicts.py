"""Giving and taking back verdicts, so that no reviewer unknowingly overwrites another."""

from collections.abc import Collection, Sequence

from ..errors import CallqaError, UsageError
from ..store.database import Store
from ..store.review_queries import FlagPlace, flag_place, flags_on
from ..store.verdicts import (
    SAME_SPAN_SECONDS,
    VerdictEntry,
    VerdictWord,
    add_verdict,
    standing,
    undo_verdict,
    verdict_history,
)


class Overtaken(CallqaError):
    """Somebody else judged the flag in the meantime; ``entry`` is what counts now."""

    def __init__(self, entry: VerdictEntry | None) -> None:
        self.entry = entry
        now = f"it is {entry.verdict} by {entry.reviewer}" if entry else "its verdict was taken back"
        super().__init__(f"the flag was judged in the meantime: {now}; look again, then judge")


def standing_entry(
    history: Sequence[VerdictEntry], rule: str, start: float, end: float
) -> VerdictEntry | None:
    """The entry that counts for the flag of ``rule`` from ``start`` to ``end`` seconds."""
    return standing(
        e
        for e in history
        if e.rule == rule and max(abs(e.start - start), abs(e.end - end)) <= SAME_SPAN_SECONDS
    )


def judge(
    store: Store,
    flag_id: int,
    word: VerdictWord,
    *,
    reviewer: str,
    comment: str = "",
    seen: Collection[int | None],
) -> int:
    """Store a verdict; ``seen`` are the entries (None: no verdict) the reviewer may replace knowingly.

    Returns the id of the entry. Saying again what this reviewer's verdict already says adds nothing, so
    an action may safely arrive twice. Raises Overtaken when something else counts by now, UsageError
    when the flag is gone.
    """
    counts = _counting(store, flag_id)
    if counts and (counts.verdict, counts.comment, counts.reviewer) == (word, comment, reviewer):
        return counts.id
    if (counts.id if counts else None) not in seen:
        raise Overtaken(counts)
    return add_verdict(store, flag_id, word, reviewer=reviewer, comment=comment)


def take_back(store: Store, recording_id: int, entry_id: int, *, reviewer: str) -> int:
    """Take back one entry, so that the verdict before it counts again; returns its flag's id.

    Raises Overtaken when the entry does not count any more, UsageError when it or its flag is gone.
    """
    history = verdict_history(store, recording_id)
    entry = next((e for e in history if e.id == entry_id), None)
    flag = next((f for f in flags_on(store, recording_id) if entry and _is_about(entry, f)), None)
    if entry is None or flag is None:
        raise UsageError(f"call {recording_id} has no verdict with the number {entry_id} on a flag of now")
    counts = standing_entry(history, flag.rule, flag.start, flag.end)
    if counts is None or counts.id != entry.id:
        raise Overtaken(counts)
    undo_verdict(store, flag.id, reviewer=reviewer)
    return flag.id


def _counting(store: Store, flag_id: int) -> VerdictEntry | None:
    flag = flag_place(store, flag_id)
    if flag is None:
        raise UsageError(f"no flag has the number {flag_id}; the call may have been inspected again")
    history = verdict_history(store, flag.recording_id)
    return standing_entry(history, flag.rule, flag.start, flag.end)


def _is_about(entry: VerdictEntry, flag: FlagPlace) -> bool:
    return standing_entry([entry], flag.rule, flag.start, flag.end) is entry
