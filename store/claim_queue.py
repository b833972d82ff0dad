"""The next call of a queue that nobody else has on the desk."""

import time
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, select

from .calls import _ORDERS, CallFilter, Order, _beyond, _sorting, where
from .claims import leave_others, take_claim
from .database import Store
from .recordings import recording
from .review_tables import review_claim

_TRIES = 20


def claim_beside(
    store: Store,
    recording_id: int | None,
    reviewer: str,
    session: str,
    filter: CallFilter,
    *,
    order: Order = "worst",
    forward: bool = True,
    now: float | None = None,
) -> int | None:
    """Claim the nearest call after (or before) this one that nobody else holds; None at the end.

    Without a call to begin from it is the first of the list. Finding and claiming are one step: two
    reviewers who go on at the same time get different calls.
    """
    moment = time.time() if now is None else now
    with store.write() as connection:
        beside = _free_beside(connection, recording_id, reviewer, moment, filter, order, forward)
        for _ in range(_TRIES if beside is not None else 0):
            found = connection.execute(beside).scalar() if beside is not None else None
            if found is None:
                return None
            if take_claim(connection, found, reviewer, session, moment).reviewer == reviewer:
                leave_others(connection, session, found)
                return int(found)
    return None


def free_neighbours(
    store: Store, recording_id: int, reviewer: str, filter: CallFilter, *, order: Order = "worst"
) -> tuple[int | None, int | None]:
    """The calls before and after this one in the list that no other reviewer has on the desk."""
    moment, found = time.time(), []
    with store.read() as connection:
        for forward in (False, True):
            query = _free_beside(connection, recording_id, reviewer, moment, filter, order, forward)
            found.append(connection.execute(query).scalar() if query is not None else None)
    return found[0], found[1]


def _free_beside(
    connection: Connection,
    recording_id: int | None,
    reviewer: str,
    now: float,
    filter: CallFilter,
    order: Order,
    forward: bool,
) -> Select[Any] | None:
    """The query for the nearest free call; None when there is no call to begin from."""
    condition = and_(where(filter), not_held_by_others(reviewer, now))
    if recording_id is not None:
        keys = [column for column, _ in _ORDERS[order]]
        here = connection.execute(select(*keys).where(recording.c.id == recording_id)).one_or_none()
        if here is None:
            return None
        condition = and_(condition, _beyond(order, tuple(here), forward))
    return select(recording.c.id).where(condition).order_by(*_sorting(order, forward)).limit(1)


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
