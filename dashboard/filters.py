"""Which calls a page shows, as it stands in the address; an odd address never breaks a page."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, get_args

from ..inspect.types import Level
from ..store.calls import STATUSES, CallFilter, Order, VerdictState

ORDERS: tuple[Order, ...] = get_args(Order)
VERDICT_STATES: tuple[VerdictState, ...] = get_args(VerdictState)
PAGE_SIZE = 50
_LISTS = ("status", "agent", "team", "business", "rule", "assigned", "topic")
Params = Mapping[str, Sequence[str]]
_T = TypeVar("_T", bound=str)


@dataclass(frozen=True, slots=True)
class View:
    """A filtered, ordered list of calls and the page of it that is shown, from 1."""

    filter: CallFilter = field(default_factory=CallFilter)
    order: Order = "worst"
    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE_SIZE


REVIEW_QUEUE = View(CallFilter(verdict="open"))
"""What is reviewed when nobody chose anything else."""


def from_params(params: Params) -> View:
    """Read an address; what makes no sense is left out."""
    chosen = CallFilter(
        status=tuple(s for s in params.get("status", ()) if s in STATUSES),
        agent=tuple(params.get("agent", ())),
        team=tuple(params.get("team", ())),
        business=tuple(params.get("business", ())),
        rule=tuple(params.get("rule", ())),
        severity=_member(params, "severity", tuple(Level)),
        level=_member(params, "level", tuple(Level)),
        max_score=_number(params, "max_score", 0, 100),
        since=_day(params, "since"),
        until=_day(params, "until"),
        verdict=_member(params, "verdict", VERDICT_STATES),
        doubtful=True if _one(params, "doubtful") == "1" else None,
        name=_one(params, "q") or None,
        assigned=tuple(params.get("assigned", ())),
        list=_number(params, "list", 1, 10**9),
        topic=tuple(params.get("topic", ())),
        hour=_number(params, "hour", 0, 23),
        audit=_number(params, "audit", 1, 10**9),
        heard={"1": True, "0": False}.get(_one(params, "heard")),
    )
    order = _member(params, "order", ORDERS) or "worst"
    return View(chosen, order, _number(params, "page", 1, 10**6) or 1)


def to_params(view: View) -> dict[str, list[str]]:
    """The address of a view; what has its default is left out."""
    f = view.filter
    params: dict[str, list[str]] = {name: list(getattr(f, name)) for name in _LISTS}
    single = {
        "severity": f.severity,
        "level": f.level,
        "max_score": f.max_score,
        "since": f.since,
        "until": f.until,
        "verdict": f.verdict,
        "doubtful": "1" if f.doubtful else None,
        "q": f.name,
        "list": f.list,
        "hour": f.hour,
        "audit": f.audit,
        "heard": None if f.heard is None else int(f.heard),
        "order": view.order if view.order != "worst" else None,
        "page": view.page if view.page > 1 else None,
    }
    params |= {name: [str(value)] for name, value in single.items() if value is not None}
    return {name: values for name, values in params.items() if values}


def narrowed(view: View) -> int:
    """How many of the less common filters are set."""
    f = view.filter
    lists = (f.status, f.agent, f.team, f.business, f.assigned, f.topic)
    single = (f.max_score, f.since, f.until, f.doubtful, f.list, f.level, f.hour, f.audit)
    return sum(map(bool, lists)) + sum(v is not None for v in single)


def _one(params: Params, name: str) -> str:
    values = params.get(name, ())
    return values[-1].strip() if values else ""


def _member(params: Params, name: str, allowed: tuple[_T, ...]) -> _T | None:
    wanted = _one(params, name)
    return next((value for value in allowed if value == wanted), None)


def _number(params: Params, name: str, low: int, high: int) -> int | None:
    text = _one(params, name)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return min(max(int(text), low), high)


def _day(params: Params, name: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(_one(params, name))
    return None
