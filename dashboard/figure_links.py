"""Where each figure of a page leads: the list of exactly the calls it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from ..inspect.types import Level
from ..review.audits import AuditState
from ..store.calls import STATUSES, CallFilter
from ..store.day_figures import Period
from ..store.heat import HeatCell
from ..voice.causes import Causes
from .day_view import ENDED, Overview, call_filter
from .filters import View
from .people_view import Kind, PersonView

Counts = Literal["calls", "flags", "seconds"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A figure: ``value`` of the calls in the list of ``view``, or of their flags that fit it, or seconds."""

    value: float
    counts: Counts
    view: View


Figures = dict[str, Linked]


def of_overview(day: Overview) -> Figures:
    """The figures on top, and ``level.…`` and ``rule.…`` of the charts."""
    period, all_calls = day.period, call_filter(day.period)
    inspected = replace(all_calls, status=("inspected",))
    found = {
        "calls": _calls(day.calls, all_calls),
        "hours": Linked(day.figures.seconds, "seconds", View(all_calls)),
        "coverage": _calls(sum(day.statuses[s] for s in ENDED), replace(all_calls, status=ENDED)),
        "mean_score": _calls(day.figures.scored, inspected),
        "flags": _flags(day.figures.flags, replace(all_calls, severity=Level.INFORMATIONAL)),
        "open": _flags(day.open_flags, replace(all_calls, verdict="open")),
        "confirmed_rate": _flags(day.confirmed, replace(all_calls, verdict="confirmed")),
    }
    found |= {f"level.{level}": _flags(n, of_level(period, level)) for level, n in day.severities.items()}
    return found | _rules(all_calls, day.rules)


def of_level(period: Period, level: Level) -> CallFilter:
    return replace(call_filter(period), level=level)


def of_statuses(day: Overview) -> Figures:
    chosen = call_filter(day.period)
    return {s: _calls(day.statuses[s], replace(chosen, status=(s,))) for s in STATUSES}


def of_person(kind: Kind, period: Period, view: PersonView) -> Figures:
    """The figures of an agent or team, and ``rule.…`` of the chart."""
    calls, mine = calls_of(kind, period, view.name), view.figures
    found = {
        "calls": _calls(mine.scored, calls),
        "score": _calls(mine.scored, calls),
        "flagged_share": _calls(mine.flagged, replace(calls, severity=Level.MEDIUM)),
        "flags": _flags(mine.flags, replace(calls, severity=Level.INFORMATIONAL)),
        "open": _flags(mine.open_flags, replace(calls, verdict="open")),
    }
    return found | _rules(calls, view.rules)


def calls_of(kind: Kind, period: Period, name: str) -> CallFilter:
    """The inspected calls of an agent or team."""
    mine = replace(period, agent=(name,)) if kind == "agent" else replace(period, team=(name,))
    return replace(call_filter(mine), status=("inspected",))


def of_causes(found: Causes, period: Period) -> Figures:
    """``cause.…`` by rule, ``before.…`` in the period before, ``department.…`` by who answers for it."""
    standing = replace(call_filter(period), agent=(), verdict="standing")
    length = found.until - found.since
    last = date.fromordinal(found.since.toordinal() - 1)
    past = replace(standing, since=last - length, until=last)
    links = {"calls": _calls(found.calls, replace(standing, verdict=None, status=("inspected",)))}
    for cause in found.causes:
        links[f"cause.{cause.rule}"] = _flags(cause.flags, replace(standing, rule=(cause.rule,)))
        links[f"before.{cause.rule}"] = _flags(cause.before, replace(past, rule=(cause.rule,)))
    for name, flags, _ in found.departments:
        rules = tuple(cause.rule for cause in found.causes if cause.department == name)
        links[f"department.{name}"] = _flags(flags, replace(standing, rule=rules))
    return links


def of_heat(cells: Sequence[HeatCell], period: Period, rules: Sequence[str]) -> Figures:
    """Flagged calls by ``hour|team``."""
    base = replace(call_filter(period), status=("inspected",), verdict="standing", rule=tuple(rules))
    return {
        f"{cell.hour}|{cell.team}": _calls(cell.flagged, replace(base, team=(cell.team,), hour=cell.hour))
        for cell in cells
    }


def of_digest(day: date, content: Mapping[str, Any]) -> Figures:
    """Calls of the day and of each ``channel.…``, as they were when the digest was drawn up."""
    calls = CallFilter(since=day, until=day, status=("inspected",))
    found = {"calls": _calls(content["calls"], calls)}
    for channel in content["channels"]:
        mine = replace(calls, topic=(channel["name"],))
        found[f"channel.{channel['name']}"] = _calls(channel["calls"], mine)
    return found


def of_audit(state: AuditState) -> Figures:
    drawn = CallFilter(audit=state.audit.id)
    return {
        "heard": _calls(state.estimate.heard, replace(drawn, heard=True)),
        "waiting": _calls(state.waiting, replace(drawn, heard=False)),
    }


def _rules(calls: CallFilter, rules: Sequence[tuple[str, Level, int]]) -> Figures:
    """A rule that changed its severity has a bar for each, and all lead to the same list."""
    flags: dict[str, int] = {}
    for rule, _, n in rules:
        flags[rule] = flags.get(rule, 0) + n
    return {f"rule.{rule}": _flags(n, replace(calls, rule=(rule,))) for rule, n in flags.items()}


def _calls(value: float, chosen: CallFilter) -> Linked:
    return Linked(value, "calls", View(chosen))


def _flags(value: float, chosen: CallFilter) -> Linked:
    return Linked(value, "flags", View(chosen))
