"""Claims, assignments, lists, added flags and corrections of reviewers."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger
from sqlmodel import Field

from .tables import Table, columns_of, now


class ReviewClaim(Table, table=True):
    """Who has a call on the desk right now. A claim whose time has passed is free for anybody."""

    __tablename__ = "review_claim"

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    reviewer: str
    session: str = Field(index=True)
    """One page of one browser; a session holds one call at a time."""
    claimed_at: float
    """Unix seconds, as is ``expires_at``."""
    expires_at: float


class Assignment(Table, table=True):
    """Who is to review a call."""

    __table_args__ = (Index("ix_assignment_reviewer_recording", "reviewer", "recording_id"),)

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    reviewer: str
    assigned_by: str
    assigned_at: datetime = Field(default_factory=now)


class ReviewList(Table, table=True):
    """A list of calls with a name, made from what a search found."""

    __tablename__ = "review_list"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    query: str = ""
    made_by: str
    made_at: datetime = Field(default_factory=now)


class ReviewListCall(Table, table=True):
    """A call of a list; ``start`` is the second to hear, ``done_at`` when somebody was through with it."""

    __tablename__ = "review_list_call"
    __table_args__ = ({"sqlite_with_rowid": False},)

    list_id: int = Field(primary_key=True, foreign_key="review_list.id", ondelete="CASCADE")
    recording_id: int = Field(primary_key=True, foreign_key="recording.id", index=True, ondelete="CASCADE")
    start: float = 0.0
    done_at: datetime | None = None
    done_by: str | None = None


class AddedFlag(Table, table=True):
    """A flag that no rule raised and a reviewer added; it stays when the call is inspected again."""

    __tablename__ = "added_flag"
    __table_args__ = (Index("ix_added_flag_rule_recording", "rule", "recording_id"),)

    id: int | None = Field(default=None, primary_key=True)
    action: str = Field(unique=True)
    """What the browser called it, so that it is added once however often it arrives."""
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    rule: str
    rule_version: int
    severity: int = Field(sa_type=SmallInteger)
    start: float
    end: float
    role: str
    utterance: int
    first: int
    last: int
    """Characters ``first`` to ``last`` of the utterance's text at the time."""
    quote: str
    reviewer: str
    comment: str = ""
    created_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class TranscriptEdit(Table, table=True):
    """A reviewer's change to a transcript; rows are only ever added.

    ``kind`` is text (one utterance reads ``after`` now), swap (agent and customer changed places) or undo
    (``undoes`` is taken back). ``words`` holds the utterance's words before the change, packed.
    """

    __tablename__ = "transcript_edit"

    id: int | None = Field(default=None, primary_key=True)
    action: str = Field(unique=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    kind: str
    position: int | None = None
    before: str | None = None
    after: str | None = None
    words: bytes | None = None
    undoes: int | None = Field(default=None, foreign_key="transcript_edit.id")
    reviewer: str
    created_at: datetime = Field(default_factory=now)


review_claim, assignment = columns_of(ReviewClaim), columns_of(Assignment)
review_list, review_list_call = columns_of(ReviewList), columns_of(ReviewListCall)
added_flag, transcript_edit = columns_of(AddedFlag), columns_of(TranscriptEdit)
