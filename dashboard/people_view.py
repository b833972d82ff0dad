"""Agents and teams: how they do, compared fairly, and what to coach them with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from ..review.comparison import (
    ENOUGH_CALLS,
    Z_CLEAR,
    Z_LOOK,
    Standing,
    funnel,
    mean_interval,
    share_interval,
    standing,
)
from ..store.coaching import CoachCall, coach_calls, good_calls, rules_of
from ..store.database import Store
from ..store.day_figures import CallKey, Figures, Period, call_figures, score_trends
from .day_view import call_filter
from .texts import Texts

Kind = Literal["agent", "team"]
MEASURES = ("talk", "silence", "overlap", "interruptions", "rate", "loudness", "customer_loudness")
_DIGITS = {"talk": 3, "silence": 1, "overlap": 1, "interruptions": 2, "rate": 0, "loudness": 1}
_NOTHING = Figures()
_STEPS = 40


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One agent or team of a period; ``trend`` is the mean score of each day with calls."""

    name: str
    team: str
    figures: Figures
    standing: Standing
    trend: tuple[float, ...]

    @property
    def share_interval(self) -> tuple[float, float] | None:
        return share_interval(self.figures.flagged, self.figures.scored)

    @property
    def score_interval(self) -> tuple[float, float] | None:
        mean = self.figures.mean_score
        deviation = self.figures.score_deviation
        return None if mean is None else mean_interval(mean, deviation, self.figures.scored)


@dataclass(frozen=True, slots=True)
class PersonView:
    """One agent or team in detail; the figures of all stand beside."""

    name: str
    figures: Figures
    whole: Figures
    days: tuple[tuple[date, Figures], ...]
    whole_days: tuple[tuple[date, Figures], ...]
    rules: tuple[tuple[str, Any, int], ...]
    coach: tuple[CoachCall, ...]
    good: tuple[CoachCall, ...]


def people(store: Store, period: Period, kind: Kind) -> list[PersonLine]:
    """Everybody with inspected calls; those who surely differ most come first, too few calls last."""
    keys: tuple[CallKey, ...] = (kind, "team") if kind == "agent" else (kind,)
    sums: dict[str, Figures] = {}
    teams: dict[str, dict[str, int]] = {}
    for key, figures in call_figures(store, period, *keys, inspected_only=True).items():
        sums[key[0]] = sums.get(key[0], _NOTHING) + figures
        teams.setdefault(key[0], {})[key[-1]] = figures.calls
    trends = score_trends(store, period, kind)
    whole = sum(sums.values(), _NOTHING)
    lines = [
        PersonLine(
            name,
            max(teams[name], key=teams[name].__getitem__) if kind == "agent" else "",
            figures,
            standing(figures.flagged, figures.scored, whole.flagged, whole.scored),
            tuple(trends.get(name, ())),
        )
        for name, figures in sums.items()
        if name
    ]
    return sorted(lines, key=_order)


def person(store: Store, period: Period, kind: Kind, name: str) -> PersonView:
    """Everything about one agent or team in the period."""
    mine = replace(period, agent=(name,)) if kind == "agent" else replace(period, team=(name,))
    days = call_figures(store, mine, "day", inspected_only=True)
    whole = call_figures(store, period, "day", inspected_only=True)
    calls = call_filter(mine)
    return PersonView(
        name,
        sum(days.values(), _NOTHING),
        sum(whole.values(), _NOTHING),
        tuple((day, figures) for (day,), figures in days.items()),
        tuple((day, figures) for (day,), figures in whole.items()),
        tuple(rules_of(store, calls)),
        tuple(coach_calls(store, calls)),
        tuple(good_calls(store, calls)),
    )


def measure_of(figures: Figures, name: str) -> float | None:
    """The mean of one of MEASURES."""
    value: float | None = getattr(figures, f"mean_{name}")
    return None if value is None else round(value, _DIGITS.get(name, 1))


def measure_rows(view: PersonView, texts: Texts) -> list[tuple[str, float | None, float | None]]:
    """Measure, this one's mean, and the mean of all; what nobody has is left out."""
    rows = [
        (texts(f"people.{name}"), measure_of(view.figures, name), measure_of(view.whole, name))
        for name in MEASURES
    ]
    return [row for row in rows if row[1] is not None]


def funnel_points(lines: Sequence[PersonLine], texts: Texts) -> list[Mapping[str, Any]]:
    """Dots of the funnel: everybody with enough calls."""
    return [
        {
            "id": line.name,
            "name": line.name,
            "calls": line.figures.scored,
            "share": line.figures.flagged_share,
            "standing": line.standing,
            "label": texts(f"people.standing.{line.standing}"),
        }
        for line in lines
        if line.standing != "too_few"
    ]


def funnel_limits(lines: Sequence[PersonLine]) -> list[Mapping[str, float]]:
    """The bands of the funnel from the fewest to the most calls."""
    counts = [line.figures.scored for line in lines if line.figures.scored >= ENOUGH_CALLS]
    whole = sum((line.figures for line in lines), _NOTHING)
    if len(counts) < 2 or whole.flagged_share is None:
        return []
    first, last = min(counts), max(counts)
    steps = sorted({first + (last - first) * i / _STEPS for i in range(_STEPS + 1)})
    return [_limits(whole.flagged_share, calls) for calls in steps]


def _limits(share: float, calls: float) -> Mapping[str, float]:
    low, high = funnel(share, calls, Z_LOOK)
    low_clear, high_clear = funnel(share, calls, Z_CLEAR)
    return {"calls": calls, "low": low, "high": high, "low_clear": low_clear, "high_clear": high_clear}


_RANK = {"clearly_more": 0, "more": 1, "usual": 2, "fewer": 3, "clearly_fewer": 4, "too_few": 5}


def _order(line: PersonLine) -> tuple[int, float, str]:
    return _RANK[line.standing], -(line.figures.flagged_share or 0.0), line.name
