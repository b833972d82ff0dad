"""Claims, assignments, added flags and corrections of reviewers; figures of a day, added up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


URGENCY = (
    "CASE WHEN worst IS NULL THEN 5 ELSE 4 - worst END * 10000"
    " + CASE WHEN doubtful_count > 0 THEN 1000 ELSE 0 END + CASE WHEN score IS NULL THEN 101 ELSE score END"
)


def upgrade() -> None:
    _queue()
    _lists()
    _added()
    _rollups()


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _recording(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = f"fk_{table}_recording_id"
    key = sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=name, ondelete="CASCADE")
    return sa.Column("recording_id", sa.Integer(), nullable=False), key


def _queue() -> None:
    # SQLite can only add a column that is worked out on reading.
    stored = op.get_bind().dialect.name == "postgresql" or None
    urgency = sa.Column("urgency", sa.Integer(), sa.Computed(URGENCY, persisted=stored), nullable=True)
    op.add_column("recording", urgency)
    op.create_index("ix_recording_urgency", "recording", ["urgency", "id", "open_count", "flag_count"])
    op.add_column("verdict", _text("action", nullable=True))
    op.create_index("ix_verdict_action", "verdict", ["action"], unique=True)
    op.create_table(
        "review_claim",
        *_recording("review_claim"),
        _text("reviewer"),
        _text("session"),
        sa.Column("claimed_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name="pk_review_claim"),
    )
    op.create_index("ix_review_claim_session", "review_claim", ["session"])
    op.create_table(
        "assignment",
        *_recording("assignment"),
        _text("reviewer"),
        _text("assigned_by"),
        _moment("assigned_at"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_reviewer_recording", "assignment", ["reviewer", "recording_id"])


def _lists() -> None:
    op.create_table(
        "review_list",
        sa.Column("id", sa.Integer(), nullable=False),
        *(_text(name) for name in ("name", "query", "made_by")),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("id", name="pk_review_list"),
        sa.UniqueConstraint("name", name="uq_review_list_name"),
    )
    op.create_table(
        "review_list_call",
        sa.Column("list_id", sa.Integer(), nullable=False),
        *_recording("review_list_call"),
        sa.Column("start", sa.Float(), nullable=False),
        _moment("done_at", nullable=True),
        _text("done_by", nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"], ["review_list.id"], name="fk_review_list_call_list_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "recording_id", name="pk_review_list_call"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_list_call_recording_id", "review_list_call", ["recording_id"])


def _added() -> None:
    op.create_table(
        "added_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("action"),
        *_recording("added_flag"),
        _text("rule"),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("start", "end")),
        _text("role"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("utterance", "first", "last")),
        *(_text(name) for name in ("quote", "reviewer", "comment")),
        _moment("created_at"),
        _moment("withdrawn_at", nullable=True),
        _text("withdrawn_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_added_flag"),
        sa.UniqueConstraint("action", name="uq_added_flag_action"),
    )
    op.create_index("ix_added_flag_recording_id", "added_flag", ["recording_id"])
    op.create_index("ix_added_flag_rule_recording", "added_flag", ["rule", "recording_id"])
    op.create_table(
        "transcript_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("action"),
        *_recording("transcript_edit"),
        _text("kind"),
        sa.Column("position", sa.Integer(), nullable=True),
        _text("before", nullable=True),
        _text("after", nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        _text("reviewer"),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["undoes"], ["transcript_edit.id"], name="fk_transcript_edit_undoes"),
        sa.PrimaryKeyConstraint("id", name="pk_transcript_edit"),
        sa.UniqueConstraint("action", name="uq_transcript_edit_action"),
    )
    op.create_index("ix_transcript_edit_recording_id", "transcript_edit", ["recording_id"])


def _rollups() -> None:
    """Figures of a day; their triggers are made after the last migration (store.rollups)."""
    whole = ("calls", "scored", "flags", "open_flags", "flagged", "grave", "measured", "interruptions")
    counts = ("talk_n", "rate_n", "loud_n", "customer_loud_n")
    sums = ("seconds", "silence", "overlap", "talk", "rate", "loud", "customer_loud")
    keys = ("business", "team", "agent", "status")
    op.create_table(
        "call_day",
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in keys),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*whole, *counts)),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("score_sum", "score_squares")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in sums),
        sa.PrimaryKeyConstraint("day", *keys, name="pk_call_day"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_day_agent_day", "call_day", ["agent", "day"])
    op.create_index("ix_call_day_team_day", "call_day", ["team", "day"])
    op.create_table(
        "flag_day",
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("business", "team", "rule")),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("day", "business", "team", "rule", "rule_version", "severity", "verdict"), name="pk_flag_day"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_flag_day_rule_day", "flag_day", ["rule", "day"])
    op.create_index("ix_verdict_rule_id", "verdict", ["rule", "id"])
