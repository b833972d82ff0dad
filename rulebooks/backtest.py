"""What a changed rulebook would have flagged on the stored calls, before anybody is judged by it."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ..inspect.engine import inspect_call
from ..inspect.rule import Rule, Status
from ..inspect.rulebook import Rulebook
from ..inspect.types import Flag
from ..review.precision import Precision
from ..settings import Settings
from ..store import CallFilter, Store, StoredCall, iter_calls
from ..store.calls import CallRow
from .backtest_types import Backtest, Counts, How, Judged, RuleBacktest, Sample, Workload
from .versions import detects_alike

SAMPLES = 10
"""Of each kind (gained, lost, kept) and rule."""


def backtest(
    store: Store,
    settings: Settings,
    before: Rulebook,
    after: Rulebook,
    filter: CallFilter | None = None,
    *,
    rules: Collection[str] = (),
    tick: Callable[[], None] = lambda: None,
) -> Backtest:
    """Compare two rulebooks over all stored transcripts that fit.

    Only rules that find something else are compared, of those only ``rules`` where given.
    """
    begun = time.monotonic()
    names = [n for n in changed_rules(before, after) if not rules or n in rules]
    tallies = {name: _Tally(name, _title(before, after, name)) for name in names}
    calls, days = 0, set()
    for call in iter_calls(store, filter):
        tick()
        if call.transcript is None or not call.transcript.utterances:
            continue
        calls += 1
        days.add(call.row.day)
        for name in names:
            old, new = _flags(call, before, name), _flags(call, after, name)
            tallies[name].add(call.row, old, new)
    made = tuple(t.result() for t in tallies.values())
    return Backtest(
        before.hash, after.hash, calls, calls, made, _workload(made, len(days)), time.monotonic() - begun
    )


def changed_rules(before: Rulebook, after: Rulebook) -> list[str]:
    """Rules that are new, gone, or find something else."""
    old, new = {r.id: r for r in before.rules}, {r.id: r for r in after.rules}
    return [n for n in sorted({*old, *new}) if not _same(old.get(n), new.get(n))]


def _same(a: Rule | None, b: Rule | None) -> bool:
    if a is None or b is None:
        return False
    return detects_alike(a, b) and (a.status is Status.DEPRECATED) == (b.status is Status.DEPRECATED)


def _title(before: Rulebook, after: Rulebook, name: str) -> str:
    return next(r.title for r in chain(after.rules, before.rules) if r.id == name)


def _flags(call: StoredCall, rulebook: Rulebook, name: str) -> Sequence[Flag]:
    if call.transcript is None or all(r.id != name for r in rulebook.rules):
        return ()
    return inspect_call(call.transcript, rulebook.only(name), call.row.call_data).flags


def _place(flag: Flag) -> tuple[int, float]:
    """What makes two flags of a rule the same: the utterance, or the stretch of sound."""
    return (-1, flag.start) if flag.utterance is None else (flag.utterance, 0.0)


@dataclass
class _Tally:
    rule: str
    title: str
    total: Counts = field(default_factory=Counts)
    parts: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: {by: defaultdict(Counts) for by in ("team", "business", "week")}
    )
    samples: dict[How, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: CallRow, old: Sequence[Flag], new: Sequence[Flag]) -> None:
        if not old and not new:
            return
        was, now = {_place(f) for f in old}, {_place(f) for f in new}
        counts = Counts(
            calls_gained=int(not old),
            calls_lost=int(not new),
            calls_kept=int(bool(old and new)),
            flags_gained=len(now - was),
            flags_lost=len(was - now),
            flags_kept=len(was & now),
        )
        self.total += counts
        year, week, _ = row.day.isocalendar()
        for by, key in (("team", row.team), ("business", row.business), ("week", f"{year}-W{week:02}")):
            self.parts[by][key or ""] += counts
        for how, flag in self._kinds(old, new, was, now):
            if len(self.samples[how]) < SAMPLES:
                self.samples[how].append(_sample(how, row, flag))

    def _kinds(
        self,
        old: Sequence[Flag],
        new: Sequence[Flag],
        was: set[tuple[int, float]],
        now: set[tuple[int, float]],
    ) -> Iterator[tuple[How, Flag]]:
        yield from (("kept" if _place(f) in was else "gained", f) for f in new)
        yield from (("lost", f) for f in old if _place(f) not in now)

    def result(self) -> RuleBacktest:
        none = Precision(0, 0)
        return RuleBacktest(
            self.rule,
            self.title,
            self.total,
            *(dict(sorted(self.parts[by].items())) for by in ("team", "business", "week")),
            Judged(none, none, 0, 0),
            tuple(chain.from_iterable(self.samples[how] for how in ("gained", "lost", "kept"))),
        )


def _sample(how: How, row: CallRow, flag: Flag) -> Sample:
    return Sample(how, flag.rule, row.id, row.name, flag.start, flag.end, flag.role, flag.quote, flag.why)


def _workload(rules: Sequence[RuleBacktest], days: int) -> Workload:
    flags = sum((r.counts for r in rules), Counts())
    each = max(1, days)
    return Workload(days, flags.flags_before / each, flags.flags_after / each, 1.0, False)
