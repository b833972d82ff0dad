"""Flags that reviewers added: what no rule had found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select, update

from ..errors import UsageError
from ..inspect.types import Level
from .calls import CallFilter, where
from .claims import check_not_held
from .database import Store
from .recordings import recording
from .results import LEVELS, flag
from .review_tables import added_flag
from .tables import now


@dataclass(frozen=True, slots=True)
class NewFlag:
    """What a reviewer heard: characters ``first`` to ``last`` of an utterance, from ``start`` to ``end``."""

    rule: str
    rule_version: int
    severity: Level
    start: float
    end: float
    role: str
    utterance: int
    first: int
    last: int
    quote: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class AddedFlag:
    """A stored NewFlag; withdrawn ones are not read."""

    id: int
    recording_id: int
    rule: str
    rule_version: int
    severity: Level
    start: float
    end: float
    role: str
    utterance: int
    first: int
    last: int
    quote: str
    comment: str
    reviewer: str
    created_at: datetime


_ROW = [added_flag.c[name] for name in AddedFlag.__dataclass_fields__]


def add_flag(store: Store, recording_id: int, new: NewFlag, *, reviewer: str, action: str) -> int:
    """Store a flag; one that arrives again under the same ``action`` is there already. Returns its id."""
    values = {name: getattr(new, name) for name in NewFlag.__dataclass_fields__}
    values["severity"] = LEVELS.index(new.severity)
    row = {
        **values,
        "recording_id": recording_id,
        "reviewer": reviewer,
        "action": action,
        "created_at": now(),
    }
    with store.write() as connection:
        found = connection.execute(select(added_flag.c.id).where(added_flag.c.action == action)).scalar()
        if found is not None:
            return int(found)
        check_not_held(connection, recording_id, reviewer)
        added = connection.execute(added_flag.insert().values(row).returning(added_flag.c.id))
        return int(added.scalar_one())


def withdraw_flag(store: Store, flag_id: int, *, reviewer: str) -> None:
    """Take an added flag back; the row stays. Raises UsageError when there is no such flag."""
    with store.write() as connection:
        call = connection.execute(
            select(added_flag.c.recording_id).where(added_flag.c.id == flag_id)
        ).scalar()
        if call is None:
            raise UsageError(f"no added flag has the number {flag_id}")
        check_not_held(connection, call, reviewer)
        standing = (added_flag.c.id == flag_id) & added_flag.c.withdrawn_at.is_(None)
        values = {"withdrawn_at": now(), "withdrawn_by": reviewer}
        connection.execute(update(added_flag).where(standing).values(values))


def added_to(connection: Connection, recording_ids: Sequence[int]) -> tuple[AddedFlag, ...]:
    c = added_flag.c
    query = select(*_ROW).where(c.recording_id.in_(recording_ids), c.withdrawn_at.is_(None))
    rows = connection.execute(query.order_by(c.recording_id, c.start, c.id)).all()
    return tuple(AddedFlag(**{**row._asdict(), "severity": LEVELS[row.severity]}) for row in rows)


def missed_counts(store: Store, filter: CallFilter | None = None) -> dict[str, int]:
    """For each rule how many added flags the rule has not found since: what it is known to miss.

    An added flag is found when the rule has a flag that overlaps it.
    """
    c = added_flag.c
    found = exists().where(
        and_(
            flag.c.recording_id == c.recording_id,
            flag.c.rule == c.rule,
            flag.c.start < c.end,
            c.start < flag.c.end,
        )
    )
    query = (
        select(c.rule, func.count())
        .join(recording, recording.c.id == c.recording_id)
        .where(c.withdrawn_at.is_(None), ~found, where(filter or CallFilter()))
        .group_by(c.rule)
        .order_by(c.rule)
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())
