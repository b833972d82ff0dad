"""Signing in, and what a browser or program shows afterwards: a random secret of which we keep the hash."""

import hashlib
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, select, update

from ..errors import CallqaError
from ..settings import get_settings
from ..store.database import Store
from ..store.tables import now
from .accounts import _row, account, account_of_identity, get_account, sign_in
from .audit import Action, record
from .passwords import is_right
from .roles import Person

FREE_TRIES = 5
"""Wrong passwords in a row before an account is locked."""
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=1)
"""The last use is written down no more often."""
MOST_UNKNOWN = 10_000
Kind = Literal["page", "token"]


class SignInRefused(CallqaError):
    """The sign-in is refused: wrong name or password (the same words for both), or locked for now."""

    def __init__(self, wait: timedelta | None = None) -> None:
        self.wait = wait
        super().__init__(
            f"too many wrong passwords; try again in {int(wait.total_seconds()) + 1} seconds"
            if wait
            else "name or password is wrong"
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A live sign-in; ``key`` names it without giving its secret away."""

    key: str
    person: Person
    expires_at: datetime


def sign_in_with_password(store: Store, name: str, password: str, at: datetime | None = None) -> str:
    """The secret of a new session; raises SignInRefused."""
    moment = at or now()
    _refuse_locked_unknown(name, moment)
    with store.read() as connection:
        found = connection.execute(select(account).where(account.c.name == name)).first()
    if found is not None and found.locked_until is not None and _utc(found.locked_until) > moment:
        record(store, name, Action.SIGN_IN_REFUSED, name, {"why": "locked"})
        raise SignInRefused(_utc(found.locked_until) - moment)
    right = is_right(found.password if found else None, password)
    if found is None or not right or found.disabled_at is not None:
        _failed(store, found, name, moment)
        raise SignInRefused
    return _begin(store, found, "page", {"by": "password"}, moment)


def sign_in_with_identity(store: Store, claims: Mapping[str, Any], at: datetime | None = None) -> str:
    """The secret of a new session for who the identity provider says it is; raises SignInRefused."""
    with store.read() as connection:
        found = account_of_identity(connection, claims)
    if found is None or found.disabled_at is not None:
        record(store, "?", Action.SIGN_IN_REFUSED, "", {"why": "unknown identity"})
        raise SignInRefused
    return _begin(store, found, "page", {"by": "identity"}, at or now())


def make_token(store: Store, name: str, days: float, label: str, *, by: str) -> str:
    """A secret for programs (``CALLQA_TOKEN``) that act as this account for so many days."""
    row = get_account(store, name)
    secret = secrets.token_urlsafe(32)
    with store.write() as connection:
        _insert(connection, row.id, secret, "token", label, timedelta(days=days), now())
        record(connection, by, Action.ACCOUNT, name, {"change": "token", "days": days, "label": label})
    return secret


def session_of(
    store: Store, secret: str | None, kind: Kind = "page", at: datetime | None = None
) -> Session | None:
    """Whose secret this is; None when it is nobody's, expired, idle for too long, or disabled."""
    if not secret or len(secret) > 200:
        return None
    moment, key = at or now(), _hashed(secret)
    query = select(sign_in.c.expires_at, sign_in.c.seen_at, account).join(account)
    with store.read() as connection:
        found = connection.execute(query.where(sign_in.c.secret == key, sign_in.c.kind == kind)).first()
    if found is None or found.disabled_at is not None or _utc(found.expires_at) <= moment:
        return None
    idle = moment - _utc(found.seen_at)
    if kind == "page" and idle > _lifetime() / 3:
        return None
    if idle > SEEN_EVERY:
        with store.write() as connection:
            connection.execute(update(sign_in).where(sign_in.c.secret == key).values(seen_at=moment))
    return Session(key, _row(found).person, _utc(found.expires_at))


def end_session(store: Store, secret: str) -> None:
    """Sign out; what is over already is no error."""
    session = session_of(store, secret)
    with store.write() as connection:
        gone = connection.execute(delete(sign_in).where(sign_in.c.secret == _hashed(secret))).rowcount
        if gone and session:
            record(connection, session.person.name, Action.SIGN_OUT, session.person.name)


def _begin(store: Store, found: Any, kind: Kind, detail: Mapping[str, Any], at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    with store.write() as connection:
        fresh = {"failures": 0, "locked_until": None}
        connection.execute(update(account).where(account.c.id == found.id).values(fresh))
        connection.execute(delete(sign_in).where(sign_in.c.expires_at < at))
        _insert(connection, found.id, secret, kind, "", _lifetime(), at)
        record(connection, found.name, Action.SIGN_IN, found.name, detail)
    return secret


def _insert(
    connection: Connection,
    account_id: int,
    secret: str,
    kind: Kind,
    label: str,
    life: timedelta,
    at: datetime,
) -> None:
    row = {"account_id": account_id, "secret": _hashed(secret), "kind": kind, "label": label[:60]}
    moments = {"created_at": at, "seen_at": at, "expires_at": at + life}
    connection.execute(sign_in.insert().values({**row, **moments}))


def _failed(store: Store, found: Any, name: str, at: datetime) -> None:
    if found is None:
        _UNKNOWN.fail(name, at)
        record(store, "?", Action.SIGN_IN_REFUSED, "", {"why": "unknown name"})
        return
    with store.write() as connection:
        # Counted in the database, not from what was read: guesses may come at the same time.
        failures = account.c.failures + 1
        changed = update(account).where(account.c.id == found.id).values(failures=failures)
        count = connection.execute(changed.returning(account.c.failures)).scalar_one()
        if count >= FREE_TRIES:
            until = at + lock_after(count)
            connection.execute(update(account).where(account.c.id == found.id).values(locked_until=until))
        why = "disabled" if found.disabled_at else "wrong password"
        record(connection, name, Action.SIGN_IN_REFUSED, name, {"why": why, "failures": count})


def lock_after(failures: int) -> timedelta:
    """How long an account is locked after so many wrong passwords in a row; doubled each time."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings: int = min(failures - FREE_TRIES, 20)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


class _Unknown:
    """Names without an account are locked alike, so that a lock does not tell who has one."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._lock = threading.Lock()

    def fail(self, name: str, at: datetime) -> None:
        with self._lock:
            if len(self._failures) >= MOST_UNKNOWN:
                self._failures.clear()
            count = self._failures.get(name, (0, at))[0] + 1
            self._failures[name] = (count, at + lock_after(count))

    def wait(self, name: str, at: datetime) -> timedelta:
        return max(self._failures.get(name, (0, at))[1] - at, timedelta())


_UNKNOWN = _Unknown()


def _refuse_locked_unknown(name: str, at: datetime) -> None:
    if wait := _UNKNOWN.wait(name, at):
        raise SignInRefused(wait)


def _lifetime() -> timedelta:
    return timedelta(hours=get_settings().session_hours)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _utc(moment: datetime) -> datetime:
    """SQLite gives moments back without their zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
