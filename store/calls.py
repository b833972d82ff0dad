"""Reading calls: lists with filters, counts, and one call with all it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import eq, ge, le
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, extract, func, or_, select, true, union_all

from ..inspect.types import Level
from .database import Store
from .recordings import recording
from .results import LEVELS, flag
from .review_tables import assignment, review_list_call
from .voice_tables import call_topic, miss_audit_call

STATUSES = ("queued", "running", "inspected", "empty", "failed", "quarantined")
NOBODY = "-"
_BY_FLAG = ("confirmed", "false_alarm", "unsure", "standing")
Order = Literal["worst", "newest", "score", "name"]
VerdictState = Literal["open", "judged", "confirmed", "false_alarm", "unsure", "standing"]
Facet = Literal["agent", "team", "business", "direction", "queue", "rulebook", "error_kind"]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls; what is left out does not narrow. Several values of one field: any of them; among
    businesses, teams and agents "" stands for calls that tell none.
    """

    status: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    business: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    customer: str | None = None
    rule: tuple[str, ...] = ()
    """Calls with a flag of one of these rules."""
    severity: Level | None = None
    """Calls with a flag at least as severe; with ``rule``, one flag must be both."""
    level: Level | None = None
    """Calls with a flag of exactly this severity; with ``rule`` and ``verdict``, one flag must be all."""
    min_score: int | None = None
    max_score: int | None = None
    since: date | None = None
    until: date | None = None
    """The last day, included."""
    verdict: VerdictState | None = None
    """open: a flag without verdict; judged: flags, and a verdict on each; standing: a flag that is no false
    alarm; else a flag with that one. With ``rule`` or ``level``, one flag must be all (but for judged).
    """
    doubtful: bool | None = None
    """Calls with (or without) flags where the transcript is not to be trusted."""
    name: str | None = None
    """A part of the file name or the whole call id."""
    rulebook: str | None = None
    assigned: tuple[str, ...] = ()
    """Calls that one of these reviewers is to do; "-" for those nobody is."""
    list: int | None = None
    """Calls of this list (see review_lists)."""
    topic: tuple[str, ...] = ()
    """Calls about one of these (see topics)."""
    hour: int | None = None
    """Calls that began in this hour, 0 to 23."""
    audit: int | None = None
    """Calls drawn for this audit (see miss_audits)."""
    heard: bool | None = None
    """With ``audit``: only those somebody heard (or nobody has yet)."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as a list shows it; see tables.Recording for the meaning of each field."""

    id: int
    sha256: str
    name: str
    status: str
    error_kind: str | None
    error: str | None
    remedy: str | None
    warnings: Sequence[str] | None
    attempts: int
    size_bytes: int
    container: str | None
    codec: str | None
    native_rate: int | None
    channels: int | None
    seconds: float | None
    call_id: str | None
    agent: str | None
    team: str | None
    business: str | None
    direction: str | None
    queue: str | None
    customer: str | None
    started_at: datetime | None
    day: date
    added_at: datetime
    finished_at: datetime | None
    call_data: Mapping[str, str]
    language: str | None
    score: int | None
    flag_count: int
    open_count: int
    doubtful_count: int
    worst: Level | None
    rulebook: str | None
    models: Mapping[str, str] | None
    metrics: Mapping[str, Any] | None
    stage_seconds: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class CallPage:
    """One page of a list; ``total`` counts all that fit the filter."""

    rows: tuple[CallRow, ...]
    total: int


_ROW = [recording.c[name] for name in CallRow.__dataclass_fields__]
_SCORE = func.coalesce(recording.c.score, 101)
_ORDERS: dict[str, tuple[tuple[ColumnElement[Any], bool], ...]] = {
    # what to sort by, and whether downwards; the id makes every order total
    "worst": ((recording.c.urgency, False), (recording.c.id, False)),
    "newest": ((recording.c.day, True), (recording.c.id, True)),
    "score": ((_SCORE, False), (recording.c.id, False)),
    "name": ((recording.c.name, False), (recording.c.id, False)),
}


def list_calls(
    store: Store,
    filter: CallFilter | None = None,
    *,
    order: Order = "worst",
    limit: int = 50,
    offset: int = 0,
) -> CallPage:
    """One page of the calls that fit, and how many there are in all."""
    condition = where(filter or CallFilter())
    page = select(*_ROW).where(condition).order_by(*_sorting(order)).limit(limit).offset(offset)
    with store.read() as connection:
        rows = tuple(to_row(row) for row in connection.execute(page))
        total = connection.execute(select(func.count()).select_from(recording).where(condition)).scalar_one()
    return CallPage(rows, total)


def neighbours(
    store: Store, recording_id: int, filter: CallFilter | None = None, *, order: Order = "worst"
) -> tuple[int | None, int | None]:
    """The calls before and after this one in the filtered list; the call itself need not fit the filter."""
    condition = where(filter or CallFilter())
    with store.read() as connection:
        keys = [column for column, _ in _ORDERS[order]]
        here = connection.execute(select(*keys).where(recording.c.id == recording_id)).one_or_none()
        if here is None:
            return None, None
        found = []
        for forward in (False, True):
            beside = select(recording.c.id).where(condition, _beyond(order, tuple(here), forward))
            nearest = beside.order_by(*_sorting(order, forward)).limit(1)
            found.append(connection.execute(nearest).scalar())
    return found[0], found[1]


def status_counts(store: Store, filter: CallFilter | None = None) -> dict[str, int]:
    """How many recordings are in each of STATUSES, none left out."""
    query = (
        select(recording.c.status, func.count())
        .where(where(filter or CallFilter()))
        .group_by(recording.c.status)
    )
    with store.read() as connection:
        counted: dict[str, int] = dict(connection.execute(query).all())
    return {status: counted.get(status, 0) for status in STATUSES}


def facet(store: Store, field: Facet, filter: CallFilter | None = None) -> dict[str, int]:
    """The values a field takes and how many calls have each, most frequent first."""
    column, count = recording.c[field], func.count()
    query = (
        select(column, count)
        .where(column.is_not(None), where(filter or CallFilter()))
        .group_by(column)
        .order_by(count.desc(), column)
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())


def rule_counts(store: Store, filter: CallFilter | None = None) -> dict[str, int]:
    """How many of the calls have a flag of each rule, most frequent first."""
    calls = func.count(flag.c.recording_id.distinct())
    query = (
        select(flag.c.rule, calls)
        .join(recording, recording.c.id == flag.c.recording_id)
        .where(where(filter or CallFilter()))
        .group_by(flag.c.rule)
        .order_by(calls.desc(), flag.c.rule)
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())


def where(filter: CallFilter) -> ColumnElement[bool]:
    """The filter as an SQL condition on ``recording``."""
    c = recording.c
    several = ("status", "agent", "team", "business", "direction", "queue")
    chosen: list[ColumnElement[bool]] = [
        _any_of(c[name], values) for name in several if (values := getattr(filter, name))
    ]
    bounds = (
        (c.customer, eq, filter.customer),
        (c.rulebook, eq, filter.rulebook),
        (c.score, ge, filter.min_score),
        (c.score, le, filter.max_score),
        (c.day, ge, filter.since),
        (c.day, le, filter.until),
        (c.doubtful_count > 0, eq, filter.doubtful),
    )
    chosen += [holds(column, value) for column, holds, value in bounds if value is not None]
    if filter.name:
        # Apart from each other each is looked up in its own index; together they read every row.
        alike = select(c.id).where(c.name.contains(filter.name, autoescape=True))
        chosen.append(c.id.in_(union_all(alike, select(c.id).where(c.call_id == filter.name))))
    if filter.hour is not None:
        chosen.append(extract("hour", c.started_at) == filter.hour)
    return and_(
        true(), *chosen, *_flag_conditions(filter), *_queue_conditions(filter), *_voice_conditions(filter)
    )


def _any_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    named = column.in_([value for value in values if value])
    return or_(named, column.is_(None), column == "") if "" in values else named


def to_row(row: Any) -> CallRow:
    values = row._asdict() if hasattr(row, "_asdict") else dict(row)
    values["worst"] = None if values["worst"] is None else LEVELS[values["worst"]]
    return CallRow(**values)


def _flag_conditions(filter: CallFilter) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    one = _one_flag(filter)
    if filter.rule or filter.level is not None or filter.verdict in _BY_FLAG:
        parts.append(recording.c.id.in_(select(flag.c.recording_id).where(*one)))
    elif filter.verdict == "open":
        parts.append(recording.c.open_count > 0)
    if filter.severity is not None and not filter.rule:
        parts.append(recording.c.worst >= LEVELS.index(filter.severity))
    if filter.verdict == "judged":
        parts.append(and_(recording.c.flag_count > 0, recording.c.open_count == 0))
    return parts


def _one_flag(filter: CallFilter) -> list[ColumnElement[bool]]:
    """What a single flag of the call must be."""
    f = flag.c
    parts: list[ColumnElement[bool]] = [f.rule.in_(filter.rule)] if filter.rule else []
    if filter.rule and filter.severity is not None:
        parts.append(f.severity >= LEVELS.index(filter.severity))
    if filter.level is not None:
        parts.append(f.severity == LEVELS.index(filter.level))
    if filter.verdict == "open":
        parts.append(f.verdict.is_(None))
    elif filter.verdict == "standing":
        parts.append(f.verdict.is_distinct_from("false_alarm"))
    elif filter.verdict in _BY_FLAG:
        parts.append(f.verdict == filter.verdict)
    return parts


def _voice_conditions(filter: CallFilter) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if filter.topic:
        about = select(call_topic.c.recording_id).where(call_topic.c.topic.in_(filter.topic))
        parts.append(recording.c.id.in_(about))
    if filter.audit is not None:
        drawn = select(miss_audit_call.c.recording_id).where(miss_audit_call.c.audit_id == filter.audit)
        if filter.heard is not None:
            heard = miss_audit_call.c.missed
            drawn = drawn.where(heard.is_not(None) if filter.heard else heard.is_(None))
        parts.append(recording.c.id.in_(drawn))
    return parts


def _queue_conditions(filter: CallFilter) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if filter.list is not None:
        members = select(review_list_call.c.recording_id).where(review_list_call.c.list_id == filter.list)
        parts.append(recording.c.id.in_(members))
    if filter.assigned:
        mine = assignment.c.reviewer.in_(filter.assigned)
        wanted = [recording.c.id.in_(select(assignment.c.recording_id).where(mine))]
        if NOBODY in filter.assigned:
            wanted.append(recording.c.id.not_in(select(assignment.c.recording_id)))
        parts.append(or_(*wanted))
    return parts


def _sorting(order: Order, forward: bool = True) -> list[ColumnElement[Any]]:
    return [column.desc() if down is forward else column.asc() for column, down in _ORDERS[order]]


def _beyond(order: Order, here: tuple[Any, ...], forward: bool) -> ColumnElement[bool]:
    """What lies after ``here`` in ``order`` (before it when not ``forward``)."""
    choices = []
    equal: list[ColumnElement[bool]] = []
    for (column, down), value in zip(_ORDERS[order], here, strict=True):
        further = column < value if down is forward else column > value
        choices.append(and_(*equal, further))
        equal.append(column == value)
    return or_(*choices)


def page_query(filter: CallFilter, after_id: int, limit: int) -> Select[Any]:
    """Calls by id from ``after_id`` on, for work that goes through all of them."""
    return select(*_ROW).where(where(filter), recording.c.id > after_id).order_by(recording.c.id).limit(limit)
