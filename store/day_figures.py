"""Figures of a period, read from the sums of each day; no call or flag is counted here."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Table, func, select

from ..inspect.types import Level
from .database import Store
from .results import LEVELS
from .rollup_tables import call_day, flag_day

CallKey = Literal["day", "business", "team", "agent", "status"]
Group = Literal["business", "team", "agent"]
GROUPS: tuple[Group, ...] = get_args(Group)
FlagKey = Literal["day", "business", "team", "rule", "rule_version", "severity", "verdict"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` to ``until`` (both included; None: no limit) of these businesses, teams and agents.

    What is empty does not narrow.
    """

    since: date | None = None
    until: date | None = None
    business: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over calls; see rollup_tables.CallDay for the meaning of each. Means are None without calls."""

    calls: int = 0
    seconds: float = 0.0
    scored: int = 0
    score_sum: int = 0
    score_squares: int = 0
    flags: int = 0
    open_flags: int = 0
    flagged: int = 0
    grave: int = 0
    measured: int = 0
    silence: float = 0.0
    overlap: float = 0.0
    interruptions: int = 0
    talk_n: int = 0
    talk: float = 0.0
    rate_n: int = 0
    rate: float = 0.0
    loud_n: int = 0
    loud: float = 0.0
    customer_loud_n: int = 0
    customer_loud: float = 0.0

    def __add__(self, other: "Figures") -> "Figures":
        names = (field.name for field in fields(self))
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def mean_score(self) -> float | None:
        return _mean(self.score_sum, self.scored)

    @property
    def score_deviation(self) -> float:
        """Standard deviation of the scores within the sample; 0 with fewer than two."""
        if self.scored < 2:
            return 0.0
        about_mean = self.score_squares - self.score_sum**2 / self.scored
        return float(max(0.0, about_mean / (self.scored - 1)) ** 0.5)

    @property
    def flagged_share(self) -> float | None:
        """Share of inspected calls with a flag of medium severity or worse."""
        return _mean(self.flagged, self.scored)

    @property
    def mean_silence(self) -> float | None:
        """Seconds a call."""
        return _mean(self.silence, self.measured)

    @property
    def mean_overlap(self) -> float | None:
        """Seconds a call."""
        return _mean(self.overlap, self.measured)

    @property
    def mean_interruptions(self) -> float | None:
        return _mean(self.interruptions, self.measured)

    @property
    def mean_talk(self) -> float | None:
        """The agent's share of the speech."""
        return _mean(self.talk, self.talk_n)

    @property
    def mean_rate(self) -> float | None:
        """The agent's characters a minute."""
        return _mean(self.rate, self.rate_n)

    @property
    def mean_loudness(self) -> float | None:
        """The agent's, in dBFS."""
        return _mean(self.loud, self.loud_n)

    @property
    def mean_customer_loudness(self) -> float | None:
        return _mean(self.customer_loud, self.customer_loud_n)


_FRACTIONS = frozenset(field.name for field in fields(Figures) if isinstance(field.default, float))


@dataclass(frozen=True, slots=True)
class FlagFigure:
    """How many flags share the values of ``key``, in the order they were asked for."""

    key: tuple[Any, ...]
    flags: int


def call_figures(
    store: Store, period: Period, *keys: CallKey, inspected_only: bool = False
) -> dict[tuple[Any, ...], Figures]:
    """Figures for every combination of ``keys`` that has calls, in order of the keys.

    Unknown business, team or agent is "".
    """
    columns = [call_day.c[key] for key in keys]
    sums = [func.sum(call_day.c[field.name]) for field in fields(Figures)]
    query = select(*columns, *sums).where(*_within(call_day, period), call_day.c.calls > 0)
    if inspected_only:
        query = query.where(call_day.c.status == "inspected")
    if columns:
        query = query.group_by(*columns).order_by(*columns)
    with store.read() as connection:
        rows = connection.execute(query).all()
    width = len(columns)
    return {tuple(row[:width]): _figures(row[width:]) for row in rows if row[width]}


def score_trends(store: Store, period: Period, key: Group) -> dict[str, list[float]]:
    """Mean score of each day that has scored calls, oldest first, by business, team or agent."""
    name, mean = call_day.c[key], func.sum(call_day.c.score_sum) * 1.0 / func.sum(call_day.c.scored)
    query = (
        select(name, mean)
        .where(*_within(call_day, period), call_day.c.scored > 0)
        .group_by(name, call_day.c.day)
        .order_by(name, call_day.c.day)
    )
    found: dict[str, list[float]] = {}
    with store.read() as connection:
        for one, score in connection.execute(query):
            found.setdefault(one, []).append(round(float(score), 2))
    return found


def flag_figures(store: Store, period: Period, *keys: FlagKey) -> list[FlagFigure]:
    """Flags for every combination of ``keys``, most first. A period cannot name agents here.

    A severity is given as Level, a missing verdict as None.
    """
    columns = [flag_day.c[key] for key in keys]
    total = func.sum(flag_day.c.flags)
    query = select(*columns, total).where(*_within(flag_day, period), flag_day.c.flags > 0)
    query = query.group_by(*columns).order_by(total.desc(), *columns)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return [FlagFigure(tuple(map(_read, keys, row[:-1])), int(row[-1])) for row in rows]


def first_and_last_day(store: Store) -> tuple[date, date] | None:
    """The days between which there are calls."""
    query = select(func.min(call_day.c.day), func.max(call_day.c.day)).where(call_day.c.calls > 0)
    with store.read() as connection:
        first, last = connection.execute(query).one()
    return None if first is None else (first, last)


def known_values(store: Store, key: Group) -> dict[str, int]:
    """The values a field takes and how many calls have each, most frequent first."""
    column, calls = call_day.c[key], func.sum(call_day.c.calls)
    query = select(column, calls).where(column != "", call_day.c.calls > 0).group_by(column)
    with store.read() as connection:
        rows = connection.execute(query.order_by(calls.desc(), column)).all()
    return {value: int(count) for value, count in rows}


def known_rules(store: Store) -> dict[str, int]:
    """The rules that have flags and how many, most frequent first."""
    return {str(found.key[0]): found.flags for found in flag_figures(store, Period(), "rule")}


def _within(table: Table, period: Period) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if period.since:
        chosen.append(table.c.day >= period.since)
    if period.until:
        chosen.append(table.c.day <= period.until)
    wanted = ((name, getattr(period, name)) for name in GROUPS)
    return chosen + [table.c[name].in_(values) for name, values in wanted if values]


def _figures(values: Sequence[Any]) -> Figures:
    sums = {field.name: value for field, value in zip(fields(Figures), values, strict=True)}
    plain: dict[str, Any] = {
        name: float(value or 0) if name in _FRACTIONS else int(value or 0) for name, value in sums.items()
    }
    return Figures(**plain)


def _read(key: FlagKey, value: Any) -> Level | Any:
    if key == "severity":
        return LEVELS[value]
    return (value or None) if key == "verdict" else value


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None
