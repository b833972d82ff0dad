"""Giving and taking back verdicts, so that no reviewer unknowingly overwrites another."""

from collections.abc import Collection, Sequence

from ..errors import UsageError
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
    flag: FlagPlace,
    word: VerdictWord,
    *,
    reviewer: str,
    reason: str = "",
    comment: str = "",
    seen: Collection[int | None],
    action: str | None = None,
) -> int:
    """Store a verdict; ``seen`` are the entries (None: no verdict) the reviewer may replace knowingly.

    The check and the writing are one step. Returns the id of the entry. Saying again what this reviewer's
    verdict already says adds nothing, so an action may safely arrive twice. Raises Overtaken when
    something else counts by now, HeldByOther when somebody else has the call on the desk, UsageError when
    the flag is gone.
    """
    now = same_flag(store, flag)
    return add_verdict(
        store, now.id, word, reviewer=reviewer, reason=reason, comment=comment, expected=seen, action=action
    )


def take_back(
    store: Store, recording_id: int, entry_id: int, *, reviewer: str, action: str | None = None
) -> int:
    """Take back one entry, so that the verdict before it counts again; returns its flag's id.

    Raises Overtaken when the entry does not count any more, HeldByOther when somebody else has the call
    on the desk, UsageError when the entry or its flag is gone.
    """
    history = verdict_history(store, recording_id)
    entry = next((e for e in history if e.id == entry_id), None)
    flag = next((f for f in flags_on(store, recording_id) if entry and _is_about(entry, f)), None)
    if entry is None or flag is None:
        raise UsageError(f"call {recording_id} has no verdict with the number {entry_id} on a flag of now")
    undo_verdict(store, flag.id, reviewer=reviewer, expected=entry_id, action=action)
    return flag.id


def same_flag(store: Store, flag: FlagPlace) -> FlagPlace:
    """The flag as it is numbered now: the call may have been inspected again since it was shown."""
    there = flag_place(store, flag.id)
    if there is not None:
        return there
    for now in flags_on(store, flag.recording_id):
        apart = max(abs(now.start - flag.start), abs(now.end - flag.end))
        if now.rule == flag.rule and apart <= SAME_SPAN_SECONDS:
            return now
    raise UsageError(f"no flag has the number {flag.id}; the call may have been inspected again")


def _is_about(entry: VerdictEntry, flag: FlagPlace) -> bool:
    return standing_entry([entry], flag.rule, flag.start, flag.end) is entry
