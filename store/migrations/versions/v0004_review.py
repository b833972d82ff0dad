"""Claims, assignments, added flags and corrections of reviewers; figures of a day, added up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _rollups()


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
