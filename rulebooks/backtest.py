"""What a changed rulebook would have flagged on the stored calls, before anybody is judged by it.

Three steps keep it quick over hundreds of thousands of calls. From the two versions of a rule follows what a
call must hold that they can end differently on it (``needs``); the candidate index names the calls that may
(``candidates``); the engine runs both versions on those only (``compare``). On all others nothing changes:
their stored flags count as kept, where they were inspected with a rulebook whose rule finds the same. Calls
that were not are candidates as soon as either version can flag them.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..inspect.rule import Rule, Status
from ..inspect.rulebook import Rulebook
from ..inspect.types import Flag
from ..review.precision import Precision
from ..settings import Settings
from ..store import CallFilter, Store, get_call, slim
from ..store import load_rulebook as stored_content
from ..store.slim import CallPlace
from ..store.verdicts import VerdictEntry, standing_verdict, verdicts_on
from ..transcribe.types import Transcript
from .backtest_types import Backtest, Counts, How, Judged, RuleBacktest, Sample, Workload
from .candidates import CandidateIndex
from .compare import Ends, Pair, place_of
from .current import compiled
from .need import ANY
from .needs import Plan, plan
from .parallel import run_pairs
from .tally import Tally
from .versions import detects_alike
from .workload import minutes_a_verdict

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
    scan: bool = False,
    samples: int = SAMPLES,
    tick: Callable[[], None] = lambda: None,
) -> Backtest:
    """Compare two rulebooks over all inspected calls that fit.

    Only rules that find something else are compared, of those only ``rules`` (ids) where given. With
    ``scan`` the engine reads every call; the result is the same, and that is what it is for.
    """
    begun = time.monotonic()
    index = CandidateIndex.of(store, settings)
    index.sync(tick)
    chosen = filter or CallFilter()
    job = _Job(store, index, before.hash, chosen, slim.rulebooks_of_calls(store, chosen), scan, samples)
    names = [n for n in changed_rules(before, after) if not rules or n in rules]
    done = [job.compare(Pair(name, before, after), tick) for name in names]
    calls, days = slim.inspected_counts(store, chosen)
    made = tuple(result for result, _ in done)
    examined = len(set().union(*(numbers for _, numbers in done)))
    load = _workload(store, made, days)
    return Backtest(before.hash, after.hash, calls, examined, made, load, time.monotonic() - begun)


def changed_rules(before: Rulebook, after: Rulebook) -> list[str]:
    """Rules that are new, gone, or find something else."""
    old, new = {r.id: r for r in before.rules}, {r.id: r for r in after.rules}
    return [n for n in sorted({*old, *new}) if not _alike(old.get(n), new.get(n))]


def _alike(a: Rule | None, b: Rule | None) -> bool:
    if a is None or b is None:
        return a is b
    return detects_alike(a, b) and (a.status is Status.DEPRECATED) == (b.status is Status.DEPRECATED)


@dataclass(frozen=True)
class _Job:
    """What all rules of a backtest share."""

    store: Store
    index: CandidateIndex
    before: str
    """Hash of the rulebook before the change."""
    filter: CallFilter
    rulebooks: Sequence[str | None]
    """Those the calls were inspected with."""
    scan: bool
    samples: int

    def compare(self, pair: Pair, tick: Callable[[], None]) -> tuple[RuleBacktest, set[int]]:
        """The rule's result, and the calls that were read for it."""
        way = plan(pair.before, pair.after)
        same = [h for h in self.rulebooks if h is not None and self._has(h, pair)]
        calls = slim.call_places(self.store, self._to_read(way, same), self._inspected)
        ends = self._run(pair, way, calls, tick)
        tally = Tally()
        for end in ends:
            tally.add(end, calls[end.recording_id])
        for group in slim.flag_groups(self.store, pair.name, self.filter, same):
            tally.keep(group)
        for group in slim.flag_groups(self.store, pair.name, self.filter, same, calls):
            tally.keep(group, -1)
        judged = self._judged(pair, calls, same)
        shown = self._samples(pair, tally, calls, same)
        parts = (tally.by("team"), tally.by("business"), tally.by("week"))
        return RuleBacktest(pair.name, pair.title, tally.total, *parts, judged, shown), set(calls)

    @property
    def _inspected(self) -> CallFilter:
        return replace(self.filter, status=("inspected",))

    def _has(self, stored: str, pair: Pair) -> bool:
        """Whether the stored rulebook has the rule as it is before the change."""
        if stored == self.before:
            return True
        rulebook = compiled(stored_content(self.store, stored))
        rule = next((r for r in rulebook.rules if r.id == pair.name), None)
        return _alike(rule, pair.before)

    def _to_read(self, way: Plan, same: Sequence[str]) -> set[int]:
        """The calls on which the two can end differently, or of which it is not known how they end."""
        if self.scan:
            return set(self.index.candidates(ANY))
        others = [h for h in self.rulebooks if h not in same]
        numbers = set(self.index.candidates(way.differs))
        if others:
            strange = slim.calls_with_rulebook(self.store, others, self.filter)
            numbers |= strange.intersection(self.index.candidates(way.hits))
        return numbers

    def _run(
        self, pair: Pair, way: Plan, calls: Mapping[int, CallPlace], tick: Callable[[], None]
    ) -> Iterable[Ends]:
        if way.slim:
            return run_pairs(pair, self.index, calls, tick)
        return self._run_whole(pair, calls, tick)

    def _run_whole(self, pair: Pair, calls: Iterable[int], tick: Callable[[], None]) -> Iterable[Ends]:
        def read() -> Iterator[tuple[int, Transcript, Mapping[str, str]]]:
            for number in calls:
                tick()
                call = get_call(self.store, number)
                if call.transcript is not None:
                    yield number, call.transcript, call.row.call_data

        return pair.ends(read())

    def _judged(self, pair: Pair, calls: Mapping[int, CallPlace], same: Sequence[str]) -> Judged:
        known = slim.judged_flags(self.store, pair.name, self.filter, same)
        kept = [verdict for number, verdict in known if number not in calls]
        before, after = list(kept), list(kept)
        judged = slim.recordings_judged(self.store, pair.name, [c.sha256 for c in calls.values()])
        for call in calls.values():
            if call.sha256 in judged:
                was, now = self._verdicts(pair, call)
                before += was
                after += now
        lost = [before.count(word) - after.count(word) for word in ("confirmed", "false_alarm")]
        return Judged(_precision(before), _precision(after), max(0, lost[0]), max(0, lost[1]))

    def _verdicts(self, pair: Pair, call: CallPlace) -> tuple[list[str], list[str]]:
        """The verdicts on the flags of a call, before and after."""
        with self.store.read() as connection:
            entries = verdicts_on(connection, call.sha256)
        was, now = self._flags(pair, call.id)
        return _standing(entries, was), _standing(entries, now)

    def _flags(self, pair: Pair, number: int) -> tuple[Sequence[Flag], Sequence[Flag]]:
        call = get_call(self.store, number)
        return pair.flags(call.transcript, call.row.call_data) if call.transcript else ((), ())

    def _samples(
        self, pair: Pair, tally: Tally, calls: Mapping[int, CallPlace], same: Sequence[str]
    ) -> tuple[Sample, ...]:
        hows: tuple[How, ...] = ("gained", "lost", "kept")
        found = [
            sample
            for how in hows
            for number, place in tally.some(how, self.samples)
            for sample in self._sample(pair, how, calls[number], place)
        ]
        missing = self.samples - sum(s.how == "kept" for s in found)
        stored = slim.flag_samples(self.store, pair.name, self.filter, same, 4 * self.samples)
        others = [one for one in stored if one[0] not in calls][: max(0, missing)]
        return (*found, *(s for number, flag_id in others for s in self._stored(number, flag_id)))

    def _sample(self, pair: Pair, how: How, call: CallPlace, place: tuple[int, float]) -> list[Sample]:
        was, now = self._flags(pair, call.id)
        side = was if how == "lost" else now
        return [_sample(how, call.id, call.name, f) for f in side if place_of(f) == place]

    def _stored(self, number: int, flag_id: int) -> list[Sample]:
        call = get_call(self.store, number)
        return [_sample("kept", number, call.row.name, f.flag) for f in call.flags if f.id == flag_id]


def _sample(how: How, number: int, name: str, flag: Flag) -> Sample:
    return Sample(how, flag.rule, number, name, flag.start, flag.end, flag.role, flag.quote, flag.why)


def _standing(entries: Sequence[VerdictEntry], flags: Iterable[Flag]) -> list[str]:
    words = (standing_verdict(entries, f.rule, f.start, f.end) for f in flags)
    return [word for word in words if word in ("confirmed", "false_alarm")]


def _precision(words: Sequence[str]) -> Precision:
    return Precision(words.count("confirmed"), len(words))


def _workload(store: Store, rules: Sequence[RuleBacktest], days: int) -> Workload:
    flags = sum((r.counts for r in rules), Counts())
    minutes, measured = minutes_a_verdict(slim.verdict_times(store))
    each = max(1, days)
    return Workload(days, flags.flags_before / each, flags.flags_after / each, minutes, measured)
