"""What is behind the trouble: reasons ranked by count, trend and severity, with who is responsible."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scipy.stats import binomtest

from ..inspect.types import Level
from ..store.database import Store
from ..store.day_figures import Period, call_figures, flag_figures
from ..store.results import LEVELS

_WEIGHTS = (0.0, 1.0, 3.0, 9.0, 27.0)
"""By severity, informational to critical: one step counts three times as much."""
SURE = 0.01
"""Chance below which a change is called a rise or a fall."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason (a rule) over a period, against the period of the same length before.

    ``flags`` and ``before`` leave false alarms out. ``chance`` is the probability of so different counts when
    nothing changed; ``weight`` what the ranking goes by: flags times severity, half as much again for a rise.
    """

    rule: str
    department: str
    severity: Level
    flags: int
    before: int
    per_hundred: float
    """Flags for every hundred inspected calls."""
    chance: float
    grew: bool
    """More for every call than before, by chance or not."""
    weight: float
    teams: tuple[tuple[str, int], ...]
    """Teams with most of them."""

    @property
    def trend(self) -> str:
        """rise, fall or steady"""
        if self.chance >= SURE:
            return "steady"
        return "rise" if self.grew else "fall"


@dataclass(frozen=True, slots=True)
class Causes:
    """All reasons of a period, the weightiest first, and what each department answers for."""

    since: date
    until: date
    calls: int
    calls_before: int
    causes: tuple[Cause, ...]

    @property
    def departments(self) -> tuple[tuple[str, int, float], ...]:
        """(department, flags, weight), the weightiest first; "" stands for nobody named."""
        flags: Counter[str] = Counter()
        weight: Counter[str] = Counter()
        for cause in self.causes:
            flags[cause.department] += cause.flags
            weight[cause.department] += cause.weight  # type: ignore[assignment]
        return tuple((name, flags[name], float(weight[name])) for name, _ in weight.most_common())


@dataclass(frozen=True, slots=True)
class _Raised:
    team: str
    severity: Level
    flags: int


def causes(
    store: Store,
    since: date,
    until: date,
    departments: Mapping[str, str],
    *,
    business: Sequence[str] = (),
    team: Sequence[str] = (),
    leave_out: Sequence[str] = (),
) -> Causes:
    """Reasons of the days ``since`` to ``until``; ``departments`` names who answers for which rule.

    ``leave_out`` are rules that tell of no trouble (praise).
    """
    length = (until - since).days + 1
    groups = tuple(business), tuple(team)
    now = Period(since, until, *groups)
    past = Period(since - timedelta(days=length), since - timedelta(days=1), *groups)
    calls, calls_before = _calls(store, now), _calls(store, past)
    raised = _raised(store, now, leave_out)
    earlier = {rule: sum(one.flags for one in mine) for rule, mine in _raised(store, past, leave_out).items()}
    found = [
        _cause(rule, mine, earlier.get(rule, 0), calls, calls_before, departments.get(rule, ""))
        for rule, mine in raised.items()
    ]
    return Causes(since, until, calls, calls_before, tuple(sorted(found, key=lambda c: (-c.weight, c.rule))))


def _cause(
    rule: str, figures: Sequence[_Raised], before: int, calls: int, calls_before: int, department: str
) -> Cause:
    flags = sum(figure.flags for figure in figures)
    severity = max((figure.severity for figure in figures), key=LEVELS.index)
    chance = change_chance(flags, calls, before, calls_before)
    weight = sum(f.flags * _WEIGHTS[LEVELS.index(f.severity)] for f in figures)
    grew = flags * calls_before > before * calls
    teams: Counter[str] = Counter()
    for figure in figures:
        teams[figure.team] += figure.flags
    return Cause(
        rule, department, severity, flags, before, round(100 * flags / calls, 2) if calls else 0.0, chance,
        grew, weight * (1.5 if grew and chance < SURE else 1.0), tuple(teams.most_common(3)),
    )  # fmt: skip


def change_chance(flags: int, calls: int, before: int, calls_before: int) -> float:
    """Two-sided chance of counts this different at the same rate per call: given their sum, the first of two
    Poisson counts is binomial (Przyborowski and Wilenski, "Homogeneity of results in testing samples from
    Poisson series", 1940). 1 where there is nothing to compare.
    """
    if not calls or not calls_before or not flags + before:
        return 1.0
    return float(binomtest(flags, flags + before, calls / (calls + calls_before)).pvalue)


def _calls(store: Store, period: Period) -> int:
    return sum(figures.scored for figures in call_figures(store, period).values())


def _raised(store: Store, period: Period, leave_out: Sequence[str]) -> dict[str, list[_Raised]]:
    """Rule → its flags that are no false alarms, by team and severity."""
    found: dict[str, list[_Raised]] = {}
    for figure in flag_figures(store, period, "rule", "severity", "team", "verdict"):
        rule, severity, team, verdict = figure.key
        if verdict != "false_alarm" and rule not in leave_out:
            found.setdefault(rule, []).append(_Raised(team, severity, figure.flags))
    return found
