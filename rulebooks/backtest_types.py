"""What a backtest tells."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..review.precision import Precision

How = Literal["gained", "lost", "kept"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls with a flag of the rule, and its flags: only after the change, only before it, in both."""

    calls_gained: int = 0
    calls_lost: int = 0
    calls_kept: int = 0
    flags_gained: int = 0
    flags_lost: int = 0
    flags_kept: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, n) + getattr(other, n) for n in Counts.__dataclass_fields__))

    @property
    def flags_before(self) -> int:
        return self.flags_lost + self.flags_kept

    @property
    def flags_after(self) -> int:
        return self.flags_gained + self.flags_kept

    @property
    def calls_before(self) -> int:
        return self.calls_lost + self.calls_kept

    @property
    def calls_after(self) -> int:
        return self.calls_gained + self.calls_kept


@dataclass(frozen=True, slots=True)
class Sample:
    """A flag to hear: where it is and what was said."""

    how: How
    rule: str
    recording_id: int
    name: str
    start: float
    end: float
    role: str
    quote: str
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How often reviewers agreed with the rule, as far as they judged its flags."""

    before: Precision
    after: Precision
    """Of the judged flags that the changed rule raises as well; what it raises anew nobody has judged."""
    confirmed_lost: int
    false_alarms_lost: int


@dataclass(frozen=True, slots=True)
class RuleBacktest:
    """One rule, before and after."""

    rule: str
    title: str
    counts: Counts
    by_team: Mapping[str, Counts]
    by_business: Mapping[str, Counts]
    by_week: Mapping[str, Counts]
    """Keyed by ISO week: 2026-W47."""
    judged: Judged
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """What reviewers would have to hear of these rules, a day of calls."""

    days: int
    flags_a_day_before: float
    flags_a_day_after: float
    minutes_a_verdict: float
    measured: bool
    """False: there are too few verdicts to measure, a minute is assumed."""

    @property
    def minutes_a_day_before(self) -> float:
        return self.flags_a_day_before * self.minutes_a_verdict

    @property
    def minutes_a_day_after(self) -> float:
        return self.flags_a_day_after * self.minutes_a_verdict


@dataclass(frozen=True, slots=True)
class Backtest:
    """A changed rulebook against the one that counts, over stored calls."""

    before: str
    """Hash of the rulebook."""
    after: str
    calls: int
    """All that fit the filter and have a transcript."""
    examined: int
    """Calls that the engine had to read; of the others it is known that nothing changes."""
    rules: tuple[RuleBacktest, ...]
    workload: Workload
    seconds: float

    @property
    def counts(self) -> Counts:
        return sum((rule.counts for rule in self.rules), Counts())

    def to_json(self) -> dict[str, Any]:
        """Plain data for other programs."""
        made = asdict(self)
        for rule, data in zip(self.rules, made["rules"], strict=True):
            for side in ("before", "after"):
                precision: Precision = getattr(rule.judged, side)
                data["judged"][side] |= {"value": precision.value, "interval": precision.interval}
        load = self.workload
        made["workload"] |= {
            "minutes_a_day_before": load.minutes_a_day_before,
            "minutes_a_day_after": load.minutes_a_day_after,
        }
        return made
