"""Random draws of calls a rule did not flag, and what people heard in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select, update

from ..errors import UsageError
from .calls import CallFilter, where
from .database import Store
from .recordings import recording
from .results import flag
from .tables import now
from .voice_tables import miss_audit, miss_audit_call

NO_BUSINESS = "-"


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    rule: str
    since: date
    until: date
    seed: int
    strata: Mapping[str, int]
    drawn_by: str
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class AuditCall:
    """A drawn call; ``missed`` is None until somebody heard it."""

    audit_id: int
    recording_id: int
    stratum: str
    missed: bool | None
    start: float | None
    comment: str
    heard_by: str | None
    heard_at: datetime | None


_AUDIT = [miss_audit.c[name] for name in AuditRow.__dataclass_fields__]
_CALL = [miss_audit_call.c[name] for name in AuditCall.__dataclass_fields__]
_STRATUM = func.coalesce(recording.c.business, NO_BUSINESS)


def unflagged(store: Store, rule: str, filter: CallFilter) -> dict[str, list[int]]:
    """Inspected calls without a flag of ``rule``, by business."""
    query = select(_STRATUM, recording.c.id).where(_without(rule), where(filter)).order_by(recording.c.id)
    found: dict[str, list[int]] = {}
    with store.read() as connection:
        for stratum, one in connection.execute(query):
            found.setdefault(stratum, []).append(one)
    return found


def _without(rule: str) -> ColumnElement[bool]:
    flagged = exists().where(flag.c.rule == rule, flag.c.recording_id == recording.c.id)
    return (recording.c.status == "inspected") & ~flagged


def save_audit(
    store: Store,
    rule: str,
    since: date,
    until: date,
    seed: int,
    strata: Mapping[str, int],
    drawn: Mapping[str, Sequence[int]],
    *,
    by: str,
) -> int:
    row = {
        "rule": rule, "since": since, "until": until, "seed": seed, "strata": dict(strata), "drawn_by": by,
        "drawn_at": now(),
    }  # fmt: skip
    with store.write() as connection:
        made = connection.execute(miss_audit.insert().values(row).returning(miss_audit.c.id)).scalar_one()
        members = [
            {"audit_id": made, "recording_id": one, "stratum": stratum, "comment": ""}
            for stratum, calls in drawn.items()
            for one in calls
        ]
        if members:
            connection.execute(miss_audit_call.insert(), members)
    return int(made)


def add_to_audit(store: Store, audit_id: int, drawn: Mapping[str, Sequence[int]]) -> None:
    """Further calls of an audit, when its interval is too wide."""
    members = [
        {"audit_id": audit_id, "recording_id": one, "stratum": stratum, "comment": ""}
        for stratum, calls in drawn.items()
        for one in calls
    ]
    if members:
        with store.write() as connection:
            connection.execute(miss_audit_call.insert(), members)


def note_heard(
    store: Store,
    audit_id: int,
    recording_id: int,
    *,
    missed: bool,
    by: str,
    start: float | None = None,
    comment: str = "",
) -> None:
    """What somebody heard in a drawn call; hearing it again replaces the answer. UsageError if not drawn."""
    c = miss_audit_call.c
    change = {"missed": missed, "start": start, "comment": comment, "heard_by": by, "heard_at": now()}
    mine = (c.audit_id == audit_id) & (c.recording_id == recording_id)
    with store.write() as connection:
        if not connection.execute(update(miss_audit_call).where(mine).values(change)).rowcount:
            raise UsageError(f"call {recording_id} was not drawn for audit {audit_id}")


def get_audit(store: Store, audit_id: int) -> AuditRow:
    with store.read() as connection:
        row = connection.execute(select(*_AUDIT).where(miss_audit.c.id == audit_id)).one_or_none()
    if row is None:
        raise UsageError(f"there is no audit {audit_id}")
    return AuditRow(*row)


def audits(store: Store, rule: str | None = None) -> list[AuditRow]:
    """All audits (of one rule), newest first."""
    query = select(*_AUDIT).order_by(miss_audit.c.id.desc())
    if rule is not None:
        query = query.where(miss_audit.c.rule == rule)
    with store.read() as connection:
        return [AuditRow(*row) for row in connection.execute(query)]


def audit_calls(store: Store, audit_id: int, *, unheard: bool = False) -> list[AuditCall]:
    """The drawn calls in their order, or those nobody has heard yet."""
    c = miss_audit_call.c
    query = select(*_CALL).where(c.audit_id == audit_id).order_by(c.recording_id)
    if unheard:
        query = query.where(c.missed.is_(None))
    with store.read() as connection:
        return [AuditCall(*row) for row in connection.execute(query)]


def heard_by_stratum(store: Store, audit_id: int) -> dict[str, tuple[int, int]]:
    """Stratum → calls heard, and those of them with a miss."""
    c = miss_audit_call.c
    missed: Any = func.count(case((c.missed.is_(True), 1)))
    query = (
        select(c.stratum, func.count(c.heard_at), missed).where(c.audit_id == audit_id).group_by(c.stratum)
    )
    with store.read() as connection:
        return {stratum: (heard, found) for stratum, heard, found in connection.execute(query)}
