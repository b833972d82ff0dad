"""Evaluations, samples, calibration, appeals, listening, cases, terms and digests."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from .tables import Table, columns_of, now


class QualityForm(Table, table=True):
    """A scorecard that people fill in; a change makes a new version, so that old scores stay explained."""

    __tablename__ = "quality_form"
    __table_args__ = (Index("uq_quality_form_name_version", "name", "version", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    version: int
    business: str = ""
    """Empty: for every business."""
    items: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    made_by: str
    made_at: datetime = Field(default_factory=now)
    retired_at: datetime | None = None


class Calibration(Table, table=True):
    """The same calls judged by several people, who see each other's answers only when it is closed."""

    id: int | None = Field(default=None, primary_key=True)
    title: str
    form_id: int = Field(foreign_key="quality_form.id")
    people: list[str] = Field(default_factory=list, sa_type=JSON)
    made_by: str
    made_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class CalibrationCall(Table, table=True):
    __tablename__ = "calibration_call"
    __table_args__ = ({"sqlite_with_rowid": False},)

    calibration_id: int = Field(primary_key=True, foreign_key="calibration.id", ondelete="CASCADE")
    recording_id: int = Field(primary_key=True, foreign_key="recording.id", index=True, ondelete="CASCADE")


class Evaluation(Table, table=True):
    """A form filled in for a call; rows are only ever added, the newest of its kind counts."""

    __table_args__ = (Index("ix_evaluation_evaluator_id", "evaluator", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    form_id: int = Field(foreign_key="quality_form.id")
    calibration_id: int | None = Field(
        default=None, foreign_key="calibration.id", index=True, ondelete="CASCADE"
    )
    kind: str
    """first, second (blind), calibration or appeal"""
    evaluator: str
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    score: float
    comment: str = ""
    created_at: datetime = Field(default_factory=now)


class SamplingDraw(Table, table=True):
    """Calls drawn for people to hear: how, from how many, and into which list."""

    __tablename__ = "sampling_draw"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Method, sizes, seed and filter: the same plan over the same calls draws the same."""
    population: int
    drawn: int
    list_id: int | None = Field(default=None, foreign_key="review_list.id", ondelete="SET NULL")
    drawn_by: str
    drawn_at: datetime = Field(default_factory=now)


class MissAudit(Table, table=True):
    """A random draw of calls that a rule did not flag, heard to find what it missed."""

    __tablename__ = "miss_audit"

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    since: date
    until: date
    seed: int
    strata: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    """Stratum → calls without a flag of the rule, at the time of the draw."""
    drawn_by: str
    drawn_at: datetime = Field(default_factory=now)


class MissAuditCall(Table, table=True):
    __tablename__ = "miss_audit_call"
    __table_args__ = ({"sqlite_with_rowid": False},)

    audit_id: int = Field(primary_key=True, foreign_key="miss_audit.id", ondelete="CASCADE")
    recording_id: int = Field(primary_key=True, foreign_key="recording.id", index=True, ondelete="CASCADE")
    stratum: str
    missed: bool | None = None
    """None: not heard yet."""
    start: float | None = None
    comment: str = ""
    heard_by: str | None = None
    heard_at: datetime | None = None


class Appeal(Table, table=True):
    """An agent's objection to a flag (``rule``) or to the score of a call; its history is in AppealEvent."""

    __table_args__ = (Index("ix_appeal_state_deadline", "state", "deadline"),)

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    agent: str = Field(index=True)
    rule: str | None = None
    start: float | None = None
    end: float | None = None
    quote: str = ""
    original_score: float | None = None
    """What the score was when the appeal was filed; never changed."""
    level: int = 1
    state: str = "open"
    """open, granted, rejected or withdrawn"""
    deadline: datetime
    filed_at: datetime = Field(default_factory=now)
    decided_at: datetime | None = None


class AppealEvent(Table, table=True):
    """One step of an appeal: filed, escalated, granted, rejected, withdrawn or comment."""

    __tablename__ = "appeal_event"

    id: int | None = Field(default=None, primary_key=True)
    appeal_id: int = Field(foreign_key="appeal.id", index=True, ondelete="CASCADE")
    kind: str
    level: int
    who: str
    text: str = ""
    score_before: float | None = None
    score_after: float | None = None
    at: datetime = Field(default_factory=now)


class CoachingNote(Table, table=True):
    """What a lead tells an agent about a stretch of a call, and the agent's word to it."""

    __tablename__ = "coaching_note"

    id: int | None = Field(default=None, primary_key=True)
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    agent: str = Field(index=True)
    start: float
    end: float
    rule: str | None = None
    text: str
    written_by: str
    written_at: datetime = Field(default_factory=now)
    read_at: datetime | None = None
    reply: str = ""


class ListeningList(Table, table=True):
    """Calls for a manager to hear (亲听), chosen by a person or drawn."""

    __tablename__ = "listening_list"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    prompt: str = ""
    listener: str = Field(index=True)
    how: str
    """curated or drawn"""
    due: date | None = None
    made_by: str
    made_at: datetime = Field(default_factory=now)


class ListeningItem(Table, table=True):
    __tablename__ = "listening_item"

    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="listening_list.id", index=True, ondelete="CASCADE")
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    position: int
    start: float = 0.0
    end: float | None = None
    note: str = ""
    heard_by: str | None = None
    heard_at: datetime | None = None


class ListeningAction(Table, table=True):
    """What a listener wants done about one second of a call, and what became of it."""

    __tablename__ = "listening_action"

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="listening_item.id", index=True, ondelete="CASCADE")
    second: float
    text: str
    owner: str = ""
    due: date | None = None
    state: str = "open"
    """open, done or dropped"""
    outcome: str = ""
    made_by: str
    made_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class QualityCase(Table, table=True):
    """A problem followed to its end; what happened to it is in CaseEvent."""

    __tablename__ = "quality_case"
    __table_args__ = (
        Index("ix_quality_case_state_deadline", "state", "deadline"),
        Index("ix_quality_case_department_state", "department", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    title: str
    department: str = ""
    owner: str = ""
    severity: int = 2
    state: str = "open"
    """open, working, waiting, solved or dropped"""
    deadline: date | None = None
    escalated: int = 0
    """How often it was passed upwards for being overdue."""
    recording_id: int | None = Field(
        default=None, foreign_key="recording.id", index=True, ondelete="SET NULL"
    )
    rule: str | None = None
    start: float | None = None
    end: float | None = None
    quote: str = ""
    customer_key: str | None = Field(default=None, index=True)
    """A keyed hash of the customer's number, so that repeat contacts are found without it."""
    outcome: str = ""
    opened_by: str
    opened_at: datetime = Field(default_factory=now)
    closed_at: datetime | None = None


class CaseEvent(Table, table=True):
    __tablename__ = "case_event"

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="quality_case.id", index=True, ondelete="CASCADE")
    kind: str
    who: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now)


class CaseCall(Table, table=True):
    """Further calls that belong to a case: repeat contacts, further evidence."""

    __tablename__ = "case_call"
    __table_args__ = ({"sqlite_with_rowid": False},)

    case_id: int = Field(primary_key=True, foreign_key="quality_case.id", ondelete="CASCADE")
    recording_id: int = Field(primary_key=True, foreign_key="recording.id", index=True, ondelete="CASCADE")
    why: str = ""


class CallTopic(Table, table=True):
    """What a call is about and who is responsible, by the topic rules of ``version``."""

    __tablename__ = "call_topic"
    __table_args__ = ({"sqlite_with_rowid": False},)

    recording_id: int = Field(primary_key=True, foreign_key="recording.id", ondelete="CASCADE")
    topic: str = Field(index=True)
    department: str = Field(default="", index=True)
    channels: list[str] = Field(default_factory=list, sa_type=JSON)
    version: str = ""


class TermDay(Table, table=True):
    """In how many calls of a day customers said a term."""

    __tablename__ = "term_day"
    __table_args__ = ({"sqlite_with_rowid": False},)

    day: date = Field(primary_key=True)
    term: str = Field(primary_key=True)
    calls: int


class CountedDay(Table, table=True):
    """A day whose terms are counted: ``calls`` of it, as the store was at ``signature``."""

    __tablename__ = "counted_day"

    day: date = Field(primary_key=True)
    calls: int
    signature: str
    counted_at: datetime = Field(default_factory=now)


class Digest(Table, table=True):
    """The customers' voice of one day, as it was drawn up and curated."""

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(unique=True)
    state: str = "draft"
    """draft or published"""
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    made_at: datetime = Field(default_factory=now)
    published_by: str | None = None
    published_at: datetime | None = None


class DigestClip(Table, table=True):
    """A stretch of a call that may go out with a digest."""

    __tablename__ = "digest_clip"

    id: int | None = Field(default=None, primary_key=True)
    digest_id: int = Field(foreign_key="digest.id", index=True, ondelete="CASCADE")
    recording_id: int = Field(foreign_key="recording.id", index=True, ondelete="CASCADE")
    channel: str
    rank: int
    start: float
    end: float
    quote: str
    """Redacted."""
    state: str = "shown"
    """shown, pushed (first) or hidden"""
    comment: str = ""
    changed_by: str | None = None
    changed_at: datetime | None = None


quality_form, evaluation = columns_of(QualityForm), columns_of(Evaluation)
calibration, calibration_call = columns_of(Calibration), columns_of(CalibrationCall)
sampling_draw = columns_of(SamplingDraw)
miss_audit, miss_audit_call = columns_of(MissAudit), columns_of(MissAuditCall)
appeal, appeal_event = columns_of(Appeal), columns_of(AppealEvent)
coaching_note = columns_of(CoachingNote)
listening_list, listening_item = columns_of(ListeningList), columns_of(ListeningItem)
listening_action = columns_of(ListeningAction)
quality_case, case_event, case_call = columns_of(QualityCase), columns_of(CaseEvent), columns_of(CaseCall)
call_topic, term_day, counted_day = columns_of(CallTopic), columns_of(TermDay), columns_of(CountedDay)
digest, digest_clip = columns_of(Digest), columns_of(DigestClip)
