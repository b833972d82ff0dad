"""Background tasks, attempts with their steps, checkpoints, hosts; ranks of recordings and batches."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _ranks()
    _tasks()
    _attempts()
    _hosts()


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")


def _ranks() -> None:
    op.add_column("batch", sa.Column("kind", sa.String(), nullable=False, server_default="run"))
    op.add_column("batch", _small("rank"))
    op.add_column("batch", _text("host", nullable=True))
    op.add_column("batch", _text("occasion", nullable=True))
    op.create_index("ix_batch_occasion", "batch", ["occasion"], unique=True)
    op.add_column("recording", _small("rank"))
    op.add_column("recording", _small("retries"))
    op.add_column("recording", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.drop_index("ix_recording_next", "recording")
    op.create_index("ix_recording_next", "recording", ["status", "rank", "queued_at", "id"])


def _recording(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    name = f"fk_{table}_recording_id"
    key = sa.ForeignKeyConstraint(["recording_id"], ["recording.id"], name=name, ondelete="CASCADE")
    return sa.Column("recording_id", sa.Integer(), nullable=False), key


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        *_recording("task"),
        _text("kind"),
        _text("rulebook", nullable=True),
        _small("rank"),
        _text("status"),
        _small("attempts"),
        _small("retries"),
        _text("worker", nullable=True),
        _moment("claimed_at", nullable=True),
        _moment("heartbeat_at", nullable=True),
        _moment("queued_at"),
        _moment("finished_at", nullable=True),
        _text("error_kind", nullable=True),
        _text("error", nullable=True),
        _text("remedy", nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_task_batch_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_next", "task", ["status", "rank", "queued_at", "id"])
    op.create_index("ix_task_batch_status", "task", ["batch_id", "status"])
    op.create_index("ix_task_recording_id", "task", ["recording_id"])


def _attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        *_recording("attempt"),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        _text("kind"),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        _text("host"),
        _text("worker"),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        _text("outcome"),
        _text("detail", nullable=True),
        sa.Column("steps", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempt_recording_id", "attempt", ["recording_id"])
    op.create_table(
        "checkpoint",
        _text("sha256"),
        _text("step"),
        _text("made_by"),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("sha256", "step", name="pk_checkpoint"),
    )
    op.create_index("ix_checkpoint_made_at", "checkpoint", ["made_at"])


def _hosts() -> None:
    op.create_table(
        "host",
        _text("service"),
        _text("host"),
        sa.Column("workers", sa.SmallInteger(), nullable=False),
        _text("device"),
        _text("version"),
        _moment("started_at"),
        _moment("heartbeat_at"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("service", name="pk_host"),
    )
    op.create_index("ix_host_host", "host", ["host"])
