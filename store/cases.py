"""Problems followed to their end: cases, what happened to them, and the calls that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from ..errors import UsageError
from .database import Store, insert_into
from .recordings import recording
from .tables import now
from .voice_tables import case_call, case_event, quality_case

STATES = ("open", "working", "waiting", "solved", "dropped")
OPEN_STATES = ("open", "working", "waiting")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case; ``severity`` 0 informational to 4 critical, ``escalated`` how often it was passed upwards."""

    id: int
    title: str
    department: str
    owner: str
    severity: int
    state: str
    deadline: date | None
    escalated: int
    recording_id: int | None
    rule: str | None
    start: float | None
    end: float | None
    quote: str
    customer_key: str | None
    outcome: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.deadline is not None and self.deadline < today


@dataclass(frozen=True, slots=True)
class CaseEventRow:
    id: int
    case_id: int
    kind: str
    who: str
    detail: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseCallRow:
    """A call of a case, and why it belongs to it."""

    recording_id: int
    name: str
    day: date
    started_at: datetime | None
    why: str


_CASE = [quality_case.c[name] for name in CaseRow.__dataclass_fields__]
_EVENT = [case_event.c[name] for name in CaseEventRow.__dataclass_fields__]


def add_case(store: Store, row: Mapping[str, Any], *, who: str, repeats: Sequence[int] = ()) -> int:
    """Store a case with its first event; ``repeats`` are earlier and later calls of the same customer."""
    values = {"opened_by": who, "opened_at": now(), "state": "open", "escalated": 0, "outcome": ""} | dict(
        row
    )
    with store.write() as connection:
        made = connection.execute(quality_case.insert().values(values).returning(quality_case.c.id))
        case_id = int(made.scalar_one())
        _note(connection, case_id, "opened", who, {"title": values["title"]})
        for one in repeats:
            connection.execute(
                insert_into(connection, case_call)
                .values(case_id=case_id, recording_id=one, why="repeat")
                .on_conflict_do_nothing()
            )
    return case_id


def change_case(
    store: Store,
    case_id: int,
    changes: Mapping[str, Any],
    *,
    kind: str,
    who: str,
    expected: str,
    note: str = "",
) -> None:
    """Change a case that is still in the state ``expected``, and note before and after.

    Raises UsageError when somebody else moved it in the meantime.
    """
    c = quality_case.c
    with store.write() as connection:
        before = connection.execute(select(*_CASE).where(c.id == case_id)).one_or_none()
        if before is None:
            raise UsageError(f"there is no case {case_id}")
        if before.state != expected:
            raise UsageError(f"the case is {before.state} now; load it again before you change it")
        connection.execute(update(quality_case).where(c.id == case_id).values(dict(changes)))
        told = {name: [_plain(getattr(before, name)), _plain(value)] for name, value in changes.items()}
        _note(connection, case_id, kind, who, {"changes": told, **({"note": note} if note else {})})


def escalate_case(connection: Connection, case_id: int, level: int, *, who: str) -> CaseRow | None:
    """Pass an open case upwards to ``level``; None when it is closed or somebody else passed it as far."""
    c = quality_case.c
    still = (c.id == case_id) & (c.escalated < level) & c.state.in_(OPEN_STATES)
    before = connection.execute(select(c.escalated).where(c.id == case_id)).scalar()
    change = update(quality_case).where(still).values(escalated=level).returning(*_CASE)
    row = connection.execute(change).one_or_none()
    if row is None:
        return None
    _note(connection, case_id, "escalated", who, {"changes": {"escalated": [before, level]}})
    return CaseRow(*row)


def comment_case(store: Store, case_id: int, *, who: str, text: str) -> None:
    with store.write() as connection:
        _note(connection, case_id, "comment", who, {"note": text})


def link_call(store: Store, case_id: int, recording_id: int, *, who: str, why: str = "") -> None:
    """Add a call to a case; adding it again changes nothing."""
    row = {"case_id": case_id, "recording_id": recording_id, "why": why}
    with store.write() as connection:
        added = connection.execute(insert_into(connection, case_call).values(row).on_conflict_do_nothing())
        if added.rowcount:
            _note(connection, case_id, "call", who, {"recording": recording_id, "note": why})


def get_case(store: Store, case_id: int) -> CaseRow:
    with store.read() as connection:
        row = connection.execute(select(*_CASE).where(quality_case.c.id == case_id)).one_or_none()
    if row is None:
        raise UsageError(f"there is no case {case_id}")
    return CaseRow(*row)


def cases(
    store: Store,
    *,
    states: Sequence[str] = (),
    department: str | None = None,
    owner: str | None = None,
    overdue_on: date | None = None,
    recording_id: int | None = None,
    limit: int = 500,
) -> list[CaseRow]:
    """Cases that fit: the nearest deadline first, those without one last."""
    c = quality_case.c
    chosen: list[ColumnElement[bool]] = []
    if states:
        chosen.append(c.state.in_(states))
    if department is not None:
        chosen.append(c.department == department)
    if owner is not None:
        chosen.append(c.owner == owner)
    if overdue_on is not None:
        chosen += [c.deadline < overdue_on, c.state.in_(OPEN_STATES)]
    if recording_id is not None:
        linked = select(case_call.c.case_id).where(case_call.c.recording_id == recording_id)
        chosen.append(or_(c.recording_id == recording_id, c.id.in_(linked)))
    query = select(*_CASE).where(*chosen).order_by(c.deadline.is_(None), c.deadline, c.severity.desc(), c.id)
    with store.read() as connection:
        return [CaseRow(*row) for row in connection.execute(query.limit(limit))]


def case_history(store: Store, case_id: int) -> list[CaseEventRow]:
    """Everything that happened to a case, oldest first."""
    query = select(*_EVENT).where(case_event.c.case_id == case_id).order_by(case_event.c.id)
    with store.read() as connection:
        return [CaseEventRow(*row) for row in connection.execute(query)]


def calls_of_case(store: Store, case_id: int) -> list[CaseCallRow]:
    """Further calls of a case, oldest first."""
    c = recording.c
    query = (
        select(c.id, c.name, c.day, c.started_at, case_call.c.why)
        .join(case_call, case_call.c.recording_id == c.id)
        .where(case_call.c.case_id == case_id)
        .order_by(c.day, c.started_at, c.id)
    )
    with store.read() as connection:
        return [CaseCallRow(*row) for row in connection.execute(query)]


def calls_of_customer(store: Store, recording_id: int, since: date) -> list[int]:
    """Other calls of the customer of this one from ``since`` on."""
    c = recording.c
    same = select(c.customer).where(c.id == recording_id).scalar_subquery()
    query = select(c.id).where(c.customer == same, c.id != recording_id, c.day >= since).order_by(c.day, c.id)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def _note(connection: Any, case_id: int, kind: str, who: str, detail: Mapping[str, Any]) -> None:
    row = {"case_id": case_id, "kind": kind, "who": who, "detail": dict(detail), "at": now()}
    connection.execute(case_event.insert().values(row))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
