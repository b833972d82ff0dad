"""Who has which call on the desk: a lease, so that two reviewers never hold the same call."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from ..errors import CallqaError
from .database import Store, insert_into
from .review_tables import review_claim

LEASE_SECONDS = 180.0
"""How long a claim holds without being renewed; longer than a browser delays the timers of a page behind."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``reviewer`` has the call, in one page (``session``), until ``expires_at`` (Unix seconds)."""

    recording_id: int
    reviewer: str
    session: str
    expires_at: float


class HeldByOther(CallqaError):
    """Somebody else has the call on the desk; ``claim`` says who."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        super().__init__(f"{claim.reviewer} is reviewing call {claim.recording_id} right now")


def claim_call(
    store: Store,
    recording_id: int,
    reviewer: str,
    session: str,
    *,
    take_over: bool = False,
    now: float | None = None,
) -> Claim:
    """Claim or renew; returns the claim that stands, which is another reviewer's when that one holds.

    The session's claim on any other call ends. Several pages of one reviewer share a call. With
    ``take_over`` the call changes hands whoever holds it.
    """
    moment = time.time() if now is None else now
    with store.write() as connection:
        leave_others(connection, session, recording_id)
        return take_claim(connection, recording_id, reviewer, session, moment, take_over)


def renew_claim(
    store: Store, recording_id: int, reviewer: str, session: str, *, now: float | None = None
) -> bool:
    """Keep a call a while longer; False when it is not this reviewer's any more.

    A page that comes late, when its session went on to another call, renews nothing.
    """
    moment = time.time() if now is None else now
    c = review_claim.c
    mine = (c.recording_id == recording_id) & (c.reviewer == reviewer) & (c.session == session)
    with store.write() as connection:
        held = connection.execute(select(c.reviewer).where(c.recording_id == recording_id)).scalar()
        kept = update(review_claim).where(mine).values(expires_at=moment + LEASE_SECONDS)
        return connection.execute(kept).rowcount > 0 or held == reviewer


def release(store: Store, recording_id: int, session: str) -> None:
    """Give the call back; nothing happens when the session does not hold it."""
    mine = (review_claim.c.recording_id == recording_id) & (review_claim.c.session == session)
    with store.write() as connection:
        connection.execute(delete(review_claim).where(mine))


def holder(store: Store, recording_id: int, *, now: float | None = None) -> Claim | None:
    """Who has the call; None when nobody does."""
    with store.read() as connection:
        return _holder(connection, recording_id, time.time() if now is None else now)


def check_not_held(connection: Connection, recording_id: int, reviewer: str) -> None:
    """Raises HeldByOther when another reviewer has the call."""
    claim = _holder(connection, recording_id, time.time())
    if claim and claim.reviewer != reviewer:
        raise HeldByOther(claim)


def take_claim(
    connection: Connection,
    recording_id: int,
    reviewer: str,
    session: str,
    now: float,
    take_over: bool = False,
) -> Claim:
    """Claim within a transaction; see ``claim_call``."""
    c = review_claim.c
    values = {"reviewer": reviewer, "session": session, "expires_at": now + LEASE_SECONDS}
    row = {"recording_id": recording_id, "claimed_at": now, **values}
    fresh = insert_into(connection, review_claim).values(row)
    connection.execute(fresh.on_conflict_do_nothing(index_elements=["recording_id"]))
    change = update(review_claim).where(c.recording_id == recording_id)
    if not take_over:
        change = change.where((c.reviewer == reviewer) | (c.expires_at <= now))
    connection.execute(change.values(values))
    query = select(c.recording_id, c.reviewer, c.session, c.expires_at).where(c.recording_id == recording_id)
    return Claim(*connection.execute(query).one())


def leave_others(connection: Connection, session: str, keep: int) -> None:
    """End the session's claims on other calls."""
    others = (review_claim.c.session == session) & (review_claim.c.recording_id != keep)
    connection.execute(delete(review_claim).where(others))


def _holder(connection: Connection, recording_id: int, now: float) -> Claim | None:
    c = review_claim.c
    query = select(c.recording_id, c.reviewer, c.session, c.expires_at)
    row = connection.execute(query.where(c.recording_id == recording_id, c.expires_at > now)).one_or_none()
    return Claim(*row) if row else None
