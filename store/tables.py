"""The tables. One call's bulky parts lie in one compressed blob, so that rows stay slim.

A change here needs a migration in ``migrations/versions`` and its number in ``database.REVISION``;
a test holds the two together.
"""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import NaiveDatetime
from sqlalchemy import JSON, BigInteger, Column, Computed, Index, Integer, MetaData, SmallInteger
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, SQLModel

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}
URGENCY = (
    "CASE WHEN worst IS NULL THEN 5 ELSE 4 - worst END * 10000"
    " + CASE WHEN doubtful_count > 0 THEN 1000 ELSE 0 END + CASE WHEN score IS NULL THEN 101 ELSE score END"
)
"""What to review first: the worst severity, then what can be trusted, then the lowest score."""


def now() -> datetime:
    return datetime.now(UTC)


class Table(SQLModel):
    """Base of all tables of callqa."""

    metadata = MetaData(naming_convention=_NAMES)


class Recording(Table, table=True):
    """One recording, known by the hash of its content: its way through the queue and its result.

    ``status`` is one of: queued (waits for a worker), running (a worker has it), inspected (done),
    empty (no speech in it), failed (with ``error`` and ``remedy``), quarantined (it took a worker down
    again and again).
    """

    __table_args__ = (
        Index("ix_recording_next", "status", "rank", "queued_at", "id"),
        Index("ix_recording_worst_score", "worst", "score"),
        Index("ix_recording_urgency", "urgency", "id", "open_count", "flag_count"),
        _NEVER_REUSE_IDS,
    )

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    name: str = Field(index=True)
    path: str
    size_bytes: int = Field(sa_type=BigInteger)
    container: str | None = None
    codec: str | None = None
    native_rate: int | None = None
    """Hz"""
    channels: int | None = Field(default=None, sa_type=SmallInteger)
    seconds: float | None = None

    status: str = "queued"
    error_kind: str | None = None
    error: str | None = None
    remedy: str | None = None
    warnings: list[str] | None = Field(default=None, sa_type=JSON)
    attempts: int = Field(default=0, sa_type=SmallInteger)
    """How often a worker took it and did not hand it back."""
    rank: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    """Smaller is taken first: 0 is usual, 10 is background work."""
    retries: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    """Passing faults so far, each waited out."""
    batch_id: int | None = None
    """The batch that queued it last."""
    worker: str | None = None
    claimed_at: datetime | None = None
    heartbeat_at: datetime | None = None
    added_at: datetime = Field(default_factory=now)
    queued_at: datetime = Field(default_factory=now)
    """Not taken before; in the future while a passing fault is waited out."""
    finished_at: datetime | None = Field(default=None, index=True)
    stage_seconds: dict[str, float] | None = Field(default=None, sa_type=JSON)

    call_id: str | None = Field(default=None, index=True)
    agent: str | None = Field(default=None, index=True)
    team: str | None = Field(default=None, index=True)
    business: str | None = Field(default=None, index=True)
    direction: str | None = None
    queue: str | None = Field(default=None, index=True)
    customer: str | None = Field(default=None, index=True)
    started_at: NaiveDatetime | None = None
    """The call centre's own wall clock, as the call data gave it."""
    day: date = Field(index=True)
    """Day of ``started_at``, or the day it was added when the call data names none."""
    call_data: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """All call metadata as given, the columns above included."""

    language: str | None = None
    score: int | None = Field(default=None, sa_type=SmallInteger)
    flag_count: int = Field(default=0, sa_type=SmallInteger)
    open_count: int = Field(default=0, sa_type=SmallInteger)
    """Flags without a verdict."""
    doubtful_count: int = Field(default=0, sa_type=SmallInteger)
    worst: int | None = Field(default=None, sa_type=SmallInteger)
    """Highest severity among the flags, 0 informational to 4 critical."""
    urgency: int | None = Field(default=None, sa_column=Column(Integer, Computed(URGENCY)))
    """Smaller comes first in a queue; the database works it out (see URGENCY)."""
    rulebook: str | None = None
    models: dict[str, str] | None = Field(default=None, sa_type=JSON)
    metrics: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class File(Table, table=True):
    """A file a batch has seen: under which names and paths a recording is known.

    ``recording_id`` is None when the file could not be read, with the reason in ``error``.
    """

    id: int | None = Field(default=None, primary_key=True)
    path: str = Field(unique=True)
    name: str
    recording_id: int | None = Field(default=None, foreign_key="recording.id", index=True, ondelete="CASCADE")
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    mtime_ns: int | None = Field(default=None, sa_type=BigInteger)
    error: str | None = None
    remedy: str | None = None


class Utterance(Table, table=True):
    """One line of a transcript; its words are in the blob of ``Content``."""

    __table_args__ = {"sqlite_with_rowid": False}

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    start: float
    end: float
    speaker: str
    role: str
    text: str
    redacted_text: str | None = None
    """None when it equals ``text``."""
    confidence: float
    doubts: str | None = None
    """Comma-separated names of transcribe.types.Doubt."""
    channel: int | None = Field(default=None, sa_type=SmallInteger)


class Content(Table, table=True):
    """Words and measures of one transcript, packed (see ``packing``)."""

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    packed: bytes


class Waveform(Table, table=True):
    """Peaks of the sound for drawing (see ingest.peaks)."""

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    per_second: int = Field(sa_type=SmallInteger)
    peaks: bytes


class Inspection(Table, table=True):
    """Every inspection a recording ever had; the newest one counts. Flags are kept of that one only."""

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    rulebook: str = Field(index=True)
    score: int = Field(sa_type=SmallInteger)
    flag_count: int = Field(sa_type=SmallInteger)
    inspected_at: datetime = Field(default_factory=now)
    results: bytes
    """How every rule ended, packed."""


class Flag(Table, table=True):
    """One evidenced hit of a rule, of the newest inspection."""

    __table_args__ = (Index("ix_flag_rule_recording", "rule", "recording_id"), _NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    position: int = Field(sa_type=SmallInteger)
    rule: str
    rule_version: int
    severity: int = Field(sa_type=SmallInteger)
    """0 informational to 4 critical."""
    start: float
    end: float
    role: str
    utterance: int | None = None
    quote: str
    points: int
    match: str
    why: str
    doubtful: bool = False
    trace: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    verdict: str | None = Field(default=None, index=True)
    """The verdict that counts now, a copy of the newest one in ``Verdict``."""


class RuleResult(Table, table=True):
    """Calls on which a rule hit, did not apply or failed; all others were searched without a hit."""

    __tablename__ = "rule_result"
    __table_args__ = {"sqlite_with_rowid": False}

    rule: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    recording_id: int = Field(primary_key=True, foreign_key="recording.id", index=True, ondelete="CASCADE")


class Rulebook(Table, table=True):
    """A rulebook as it was used; never changed."""

    hash: str = Field(primary_key=True)
    content: bytes
    saved_at: datetime = Field(default_factory=now)


class Verdict(Table, table=True):
    """A reviewer's answer to a flag; rows are only ever added.

    It is tied to the recording's content, the rule and the stretch of time, so that the same flag of a
    later inspection inherits it. ``verdict`` is confirmed, false_alarm or unsure; or undo, and then
    ``undoes`` names the row taken back.
    """

    __table_args__ = (Index("ix_verdict_flag", "sha256", "rule"), _NEVER_REUSE_IDS)

    id: int | None = Field(default=None, primary_key=True)
    flag_id: int | None = Field(default=None, index=True)
    """The flag at the time; it may have been replaced since."""
    sha256: str
    rule: str
    rule_version: int
    start: float
    end: float
    quote: str
    verdict: str
    undoes: int | None = Field(default=None, foreign_key="verdict.id")
    reviewer: str
    reason: str = ""
    comment: str = ""
    action: str | None = Field(default=None, index=True, unique=True)
    """What the browser called it, so that it counts once however often it arrives."""
    created_at: datetime = Field(default_factory=now, index=True)


class Batch(Table, table=True):
    """One run over a set of files, or over stored calls, with its summary once it is over.

    ``kind`` is run, ingest, watch, schedule, retranscribe or reinspect.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(default="run", sa_column_kwargs={"server_default": "run"})
    rank: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    host: str | None = None
    occasion: str | None = Field(default=None)
    """What may begin only once, whichever host is first: a time of a schedule."""
    started_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None
    paths: list[str] = Field(default_factory=list, sa_type=JSON)
    summary: dict[str, Any] | None = Field(default=None, sa_type=JSON)

    __table_args__ = (Index("ix_batch_occasion", "occasion", unique=True),)


class BatchFile(Table, table=True):
    """Which files a batch saw; several batches may have seen the same file, at the same time too."""

    __tablename__ = "batch_file"
    __table_args__ = {"sqlite_with_rowid": False}

    batch_id: int = Field(primary_key=True, foreign_key="batch.id", ondelete="CASCADE")
    file_id: int = Field(primary_key=True, foreign_key="file.id", index=True, ondelete="CASCADE")


def columns_of(model: type[Table]) -> SqlTable:
    """The plain table of ``model``, for SQLAlchemy core: bulk work goes through it."""
    return Table.metadata.tables[str(model.__tablename__)]
