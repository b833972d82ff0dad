"""Tables of who may come in, what they did, what is kept or erased, and what other systems are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from .tables import Table, now

_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Account(Table, table=True):
    """Somebody who may sign in; never deleted, only disabled, so that the audit log keeps its names."""

    __table_args__ = (_NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str
    password: str | None = None
    """An argon2id hash; None: comes in through the identity provider only."""
    oidc: str | None = Field(default=None, unique=True)
    """The mail address (or ``issuer|subject``) by which the identity provider knows the person."""
    businesses: list[str] = Field(default_factory=list, sa_type=JSON)
    teams: list[str] = Field(default_factory=list, sa_type=JSON)
    agent: str | None = None
    """Limits to the calls of this agent."""
    disabled_at: datetime | None = None
    failures: int = 0
    """Wrong passwords in a row."""
    locked_until: datetime | None = None
    created_at: datetime = Field(default_factory=now)
    password_at: datetime | None = None


class SignIn(Table, table=True):
    """A running session of a browser, or a token for programs; only the hash of the secret is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (_NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    secret: str = Field(unique=True)
    """SHA-256 of what the browser or program holds."""
    account_id: int = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    kind: str
    """page or token"""
    label: str = ""
    created_at: datetime = Field(default_factory=now)
    seen_at: datetime = Field(default_factory=now)
    expires_at: datetime = Field(index=True)


class AuditLine(Table, table=True):
    """One thing somebody did; rows are only ever added, each with the hash of the one before."""

    __tablename__ = "audit_line"
    __table_args__ = (
        Index("ix_audit_line_action_id", "action", "id"),
        Index("ix_audit_line_who_id", "who", "id"),
        _NEVER_REUSE_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    at: str
    """UTC, ISO 8601 with microseconds; text, so that what was hashed is what is stored."""
    who: str
    action: str
    subject: str
    detail: str
    """JSON with sorted keys."""
    before: str
    hash: str = Field(unique=True)


class LegalHold(Table, table=True):
    """Calls that must not be erased while this stands: of one business, one customer, or one call."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_field_value", "field", "value"), _NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    field: str
    """business, customer or call (its sha256)"""
    value: str
    reason: str
    who: str
    since: datetime = Field(default_factory=now)
    lifted_at: datetime | None = None


class Erasure(Table, table=True):
    """What was erased; the certificate names no person."""

    __table_args__ = (_NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now)
    who: str
    kind: str
    """retention, customer or call"""
    recordings: int
    certificate: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Announcement(Table, table=True):
    """Something another system is to be told: written with what caused it, delivered later."""

    __table_args__ = (Index("ix_announcement_due", "state", "next_at"), _NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    event: str = Field(index=True)
    """A random name; the same at every try and for every receiver."""
    endpoint: str
    kind: str
    """flag, batch, publish or digest"""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = "waiting"
    """waiting, delivered or given_up"""
    attempts: int = 0
    next_at: datetime = Field(default_factory=now)
    error: str | None = None
    created_at: datetime = Field(default_factory=now)
    delivered_at: datetime | None = None
