"""Background tasks, attempts with their steps, checkpoints, and who works where."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger
from sqlmodel import Field

from .tables import Table, now

_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Task(Table, table=True):
    """Work on a recording that has a result already; the result stays until the new one is there.

    ``kind`` is retranscribe or reinspect; ``status`` is queued, running, done or failed (the old result
    stays, ``error`` and ``remedy`` say why there is no new one).
    """

    __table_args__ = (
        Index("ix_task_next", "status", "rank", "queued_at", "id"),
        Index("ix_task_batch_status", "batch_id", "status"),
        _NEVER_REUSE_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int | None = Field(default=None, foreign_key="batch.id", ondelete="SET NULL")
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    kind: str
    rulebook: str | None = None
    """Hash of the rulebook to inspect with; the worker's own when None."""
    rank: int = Field(default=0, sa_type=SmallInteger)
    status: str = "queued"
    attempts: int = Field(default=0, sa_type=SmallInteger)
    retries: int = Field(default=0, sa_type=SmallInteger)
    worker: str | None = None
    claimed_at: datetime | None = None
    heartbeat_at: datetime | None = None
    queued_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None
    error_kind: str | None = None
    error: str | None = None
    remedy: str | None = None


class Attempt(Table, table=True):
    """One try at a recording, from its claim to its end.

    ``outcome`` is running, inspected, empty, failed, retry (a passing fault; tried again later), released
    (handed back untouched), lost (its worker died) or quarantined.
    """

    __table_args__ = (_NEVER_REUSE_IDS,)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    task_id: int | None = None
    batch_id: int | None = None
    kind: str
    """recording, retranscribe or reinspect"""
    number: int = Field(sa_type=SmallInteger)
    host: str
    worker: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"
    detail: str | None = None
    steps: list[Any] | None = Field(default=None, sa_type=JSON)
    """``[step, seconds after started_at, seconds it took]``, in order."""


class Checkpoint(Table, table=True):
    """A step's costly outcome, kept until the recording's result is stored."""

    sha256: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    made_by: str
    """What made it, such as the recogniser's models; another maker does not take it up."""
    packed: bytes
    made_at: datetime = Field(default_factory=now, index=True)


class Host(Table, table=True):
    """One running callqa service: who takes recordings from this queue, and when it was last heard of."""

    service: str = Field(primary_key=True)
    """The supervisor's own name: machine, process and its start."""
    host: str = Field(index=True)
    """The machine's lasting name."""
    workers: int = Field(sa_type=SmallInteger)
    device: str
    version: str
    started_at: datetime = Field(default_factory=now)
    heartbeat_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None
