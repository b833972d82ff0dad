"""The next call of a queue that nobody else has on the desk."""

import time
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from .calls import _ORDERS, CallFilter, Order, _beyond, _sorting, where
from .claims import leave_others, take_claim
from .database import Store
from .recordings import recording
from .review_tables import review_claim

_TRIES = 20


def claim_beside(
    store: Store,
    recording_id: int,
    reviewer: str,
    session: str,
    filter: CallFilter,
    *,
    order: Order = "worst",
    forward: bool = True,
    now: float | None = None,
) -> int | None:
    """Claim the nearest call after (or before) this one that nobody else holds; None at the end.

    Finding and claiming are one step: two reviewers who go on at the same time get different calls.
    """
    moment = time.time() if now is None else now
    free = and_(where(filter), not_held_by_others(reviewer, moment))
    with store.write() as connection:
        keys = [column for column, _ in _ORDERS[order]]
        at = connection.execute(select(*keys).where(recording.c.id == recording_id)).one_or_none()
        for _ in range(_TRIES if at is not None else 0):
            beside = select(recording.c.id).where(free, _beyond(order, tuple(at or ()), forward))
            found = connection.execute(beside.order_by(*_sorting(order, forward)).limit(1)).scalar()
            if found is None:
                return None
            if take_claim(connection, found, reviewer, session, moment).reviewer == reviewer:
                leave_others(connection, session, found)
                return int(found)
    return None


def not_held_by_others(reviewer: str, now: float) -> ColumnElement[bool]:
    """The condition on ``recording`` that no other reviewer has the call."""
    c = review_claim.c
    return ~exists().where(c.recording_id == recording.c.id, c.reviewer != reviewer, c.expires_at > now)


def progress(store: Store, filter: CallFilter) -> tuple[int, int]:
    """Of the flagged calls that fit, whatever their verdicts: how many are judged throughout, and how many
    there are.
    """
    c = recording.c
    query = select(func.count(case((c.open_count == 0, 1))), func.count()).where(
        c.flag_count > 0, where(replace(filter, verdict=None))
    )
    with store.read() as connection:
        judged, flagged = connection.execute(query).one()
        return judged, flagged
