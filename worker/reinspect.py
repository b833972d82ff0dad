"""Inspecting stored transcripts again, without their sound."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..inspect.engine import inspect_call
from ..inspect.rulebook import Rulebook
from ..inspect.types import Inspection
from ..rulebooks.current import Effective
from ..store import CallFilter, Store, StoredCall, iter_calls, replace_inspection


@dataclass
class Reinspected:
    """What another rulebook changed."""

    calls: int = 0
    skipped: int = 0
    """Had been inspected with this rulebook already."""
    changed: int = 0
    """Calls whose score or flags are others now."""
    gained: Counter[str] = field(default_factory=Counter)
    """Calls with a flag of the rule that had none before."""
    lost: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        counts = {"calls": self.calls, "skipped": self.skipped, "changed": self.changed}
        return {**counts, "gained": dict(self.gained), "lost": dict(self.lost)}


def reinspect(
    store: Store,
    rulebook: Rulebook | Effective,
    filter: CallFilter | None = None,
    *,
    again: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Reinspected:
    """Inspect all transcripts that fit with ``rulebook``; verdicts stay with flags that stay.

    With Effective each call is inspected under the version that holds for its day.

    Those it has inspected already are skipped, so that a run that was killed goes on; with ``again``
    they are not.
    """
    account = Reinspected()
    for call in iter_calls(store, filter):
        tick()
        if call.transcript is None or not call.transcript.utterances:
            continue
        book = rulebook if isinstance(rulebook, Rulebook) else rulebook.on(call.row.day)
        if call.row.rulebook == book.hash and not again:
            account.skipped += 1
            continue
        inspection = inspect_call(call.transcript, book, call.row.call_data)
        replace_inspection(store, call.row.id, inspection)
        _compare(account, call, inspection)
    return account


def _compare(account: Reinspected, call: StoredCall, inspection: Inspection) -> None:
    account.calls += 1
    before, after = {f.flag.rule for f in call.flags}, {f.rule for f in inspection.flags}
    account.gained.update(after - before)
    account.lost.update(before - after)
    old = call.inspection
    same = old is not None and (old.score, old.flags) == (inspection.score, inspection.flags)
    account.changed += not same
