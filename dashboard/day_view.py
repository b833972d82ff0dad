"""The overview: a period in figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..inspect.types import Level
from ..privacy.masking import mask_phones
from ..review.comparison import ENOUGH_CALLS
from ..review.precision import wilson
from ..store.calls import STATUSES, CallFilter
from ..store.database import Store
from ..store.day_figures import Figures, FlagFigure, Period, call_figures, flag_figures
from ..store.review_queries import Failure, failures, unreadable_files
from .texts import Texts

MOST_RULES, MOST_TEAMS = 12, 8
LONG_DAYS = 62
"""A longer period is drawn by week."""
ENDED = ("inspected", "empty", "failed", "quarantined")
_NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class DayLevels:
    """Flags of one day or week, by severity."""

    day: date
    flags: dict[Level, int]


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team with its share of flagged calls and that share's 95 % interval."""

    team: str
    figures: Figures
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview shows; ``rules`` have most flags first, ``teams`` the surest trouble."""

    period: Period
    figures: Figures
    before: Figures
    """The same number of days before."""
    statuses: dict[str, int]
    days: tuple[tuple[date, Figures], ...]
    levels: tuple[DayLevels, ...]
    severities: dict[Level, int]
    rules: tuple[tuple[str, Level, int], ...]
    open_flags: int
    judged: int
    confirmed: int
    teams: tuple[TeamLine, ...]
    failures: tuple[Failure, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    unreadable_total: int

    @property
    def calls(self) -> int:
        return self.figures.calls

    @property
    def accounted(self) -> float:
        """Share of recordings that came to an end, 0 to 1; what failed is accounted for too."""
        return sum(self.statuses[s] for s in ENDED) / self.calls if self.calls else 0.0


def overview(store: Store, period: Period) -> Overview:
    """All figures of ``period``."""
    by_status = call_figures(store, period, "status")
    severities = dict.fromkeys(reversed(Level), 0)
    flags = flag_figures(store, period, "day", "rule", "severity", "verdict")
    for found in flags:
        severities[found.key[2]] += found.flags
    unread, unread_total = unreadable_files(store)
    days = call_figures(store, period, "day")
    return Overview(
        period=period,
        figures=sum(by_status.values(), _NOTHING),
        before=sum(call_figures(store, before(period)).values(), _NOTHING),
        statuses={status: by_status.get((status,), _NOTHING).calls for status in STATUSES},
        days=_by_step([(day, figures) for (day,), figures in days.items()]),
        levels=_levels(flags, long=len(days) > LONG_DAYS),
        severities=severities,
        rules=_rules(flags),
        open_flags=_with_verdict(flags, None),
        judged=_with_verdict(flags, "confirmed", "false_alarm"),
        confirmed=_with_verdict(flags, "confirmed"),
        teams=_teams(store, period),
        failures=tuple(failures(store, call_filter(period))),
        unreadable=tuple(unread),
        unreadable_total=unread_total,
    )


def before(period: Period) -> Period:
    """As many days, just before; the period itself when it has no beginning or end."""
    if not (period.since and period.until):
        return period
    length = period.until - period.since + timedelta(days=1)
    return replace(period, since=period.since - length, until=period.until - length)


def call_filter(period: Period) -> CallFilter:
    """The calls of a period, as lists and links name them."""
    return CallFilter(
        since=period.since,
        until=period.until,
        business=period.business,
        team=period.team,
        agent=period.agent,
    )


def failure_rows(day: Overview, texts: Texts) -> list[tuple[str, int, str, str, str, str]]:
    """What could not be inspected: state, count, reason, what to do, details, an example."""
    rows = [
        (
            texts(f"status.{f.status}"),
            f.count,
            texts.get(f"failure.{f.kind}", f.reason),
            texts.get(f"remedy.{f.kind}", f.remedy),
            f.reason,
            mask_phones(f.example),
        )
        for f in day.failures
    ]
    unread = texts("day.unreadable")
    return rows + [(unread, 1, why, fix, "", mask_phones(name)) for name, why, fix in day.unreadable]


def by_week(day: date) -> date:
    """The Monday of the week."""
    return day - timedelta(days=day.weekday())


def _by_step(days: Sequence[tuple[date, Figures]]) -> tuple[tuple[date, Figures], ...]:
    if len(days) <= LONG_DAYS:
        return tuple(days)
    weeks: dict[date, Figures] = {}
    for day, figures in days:
        weeks[by_week(day)] = weeks.get(by_week(day), _NOTHING) + figures
    return tuple(weeks.items())


def _levels(flags: Sequence[FlagFigure], *, long: bool) -> tuple[DayLevels, ...]:
    found: dict[date, dict[Level, int]] = {}
    for flag in flags:
        day, _, level, _ = flag.key
        counts = found.setdefault(by_week(day) if long else day, {})
        counts[level] = counts.get(level, 0) + flag.flags
    return tuple(DayLevels(day, found[day]) for day in sorted(found))


def _rules(flags: Sequence[FlagFigure]) -> tuple[tuple[str, Level, int], ...]:
    counted: dict[tuple[str, Level], int] = {}
    for flag in flags:
        _, rule, level, _ = flag.key
        counted[rule, level] = counted.get((rule, level), 0) + flag.flags
    most = sorted(counted.items(), key=lambda item: (-item[1], item[0][0]))
    return tuple((rule, level, n) for (rule, level), n in most[:MOST_RULES])


def _with_verdict(flags: Sequence[FlagFigure], *verdicts: str | None) -> int:
    return sum(flag.flags for flag in flags if flag.key[3] in verdicts)


def _teams(store: Store, period: Period) -> tuple[TeamLine, ...]:
    """Those whose share of flagged calls is surely highest; too few calls make no trouble."""
    found = call_figures(store, period, "team", inspected_only=True)
    lines = [
        TeamLine(team, figures, *wilson(figures.flagged, figures.scored))
        for (team,), figures in found.items()
        if team and figures.scored
    ]
    enough = [line for line in lines if line.figures.scored >= ENOUGH_CALLS]
    return tuple(sorted(enough or lines, key=lambda t: (-t.low, t.team))[:MOST_TEAMS])
