"""The overview: a period in figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..inspect.types import Level
from ..store.calls import CallFilter, status_counts
from ..store.database import Store
from ..store.review_queries import (
    DayCount,
    Failure,
    FlagCount,
    TeamCount,
    day_counts,
    failures,
    flag_counts,
    mean_score,
    team_counts,
    unreadable_files,
)
from .masking import mask_phones
from .texts import Texts

MOST_RULES = 12
_ENDED = ("inspected", "empty", "failed", "quarantined")


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview shows; counts of flags are by severity (worst first) and by rule."""

    statuses: dict[str, int]
    hours: float
    mean_score: float | None
    severities: dict[Level, int]
    rules: tuple[tuple[str, Level, int], ...]
    open_flags: int
    judged: int
    confirmed: int
    days: tuple[DayCount, ...]
    teams: tuple[TeamCount, ...]
    failures: tuple[Failure, ...]
    unreadable: tuple[tuple[str, str, str], ...]
    unreadable_total: int

    @property
    def calls(self) -> int:
        return sum(self.statuses.values())

    @property
    def accounted(self) -> float:
        """Share of recordings that came to an end, 0 to 1; what failed is accounted for too."""
        return sum(self.statuses[s] for s in _ENDED) / self.calls if self.calls else 0.0


def overview(store: Store, since: date | None, until: date | None) -> Overview:
    """The days from ``since`` to ``until``, both included."""
    period = CallFilter(since=since, until=until)
    flags = flag_counts(store, period)
    days = day_counts(store, period)
    unread, unread_total = unreadable_files(store)
    return Overview(
        statuses=status_counts(store, period),
        hours=sum(d.seconds for d in days) / 3600,
        mean_score=mean_score(store, period),
        severities=_by_severity(flags),
        rules=_by_rule(flags),
        open_flags=sum(f.flags for f in flags if f.verdict is None),
        judged=sum(f.flags for f in flags if f.verdict in ("confirmed", "false_alarm")),
        confirmed=sum(f.flags for f in flags if f.verdict == "confirmed"),
        days=tuple(days),
        teams=tuple(team_counts(store, period)),
        failures=tuple(failures(store, period)),
        unreadable=tuple(unread),
        unreadable_total=unread_total,
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


def _by_severity(flags: Sequence[FlagCount]) -> dict[Level, int]:
    return {level: sum(f.flags for f in flags if f.severity == level) for level in reversed(Level)}


def _by_rule(flags: Sequence[FlagCount]) -> tuple[tuple[str, Level, int], ...]:
    counted: Counter[tuple[str, Level]] = Counter()
    for f in flags:
        counted[f.rule, f.severity] += f.flags
    return tuple((rule, level, n) for (rule, level), n in counted.most_common(MOST_RULES))
