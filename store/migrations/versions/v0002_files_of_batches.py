"""A file may have been seen by several batches."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Kept aside first: SQLite copies the table to drop a column, and deletes what refers to the old one.
    op.execute(
        "CREATE TEMPORARY TABLE seen AS SELECT batch_id, id AS file_id FROM file WHERE batch_id IS NOT NULL"
    )
    with op.batch_alter_table("file") as table:
        table.drop_index("ix_file_batch_id")
        table.drop_constraint("fk_file_batch_id", type_="foreignkey")
        table.drop_column("batch_id")
    op.create_table(
        "batch_file",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name="fk_batch_file_batch_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name="fk_batch_file_file_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id", "file_id", name="pk_batch_file"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_batch_file_file_id", "batch_file", ["file_id"])
    op.execute("INSERT INTO batch_file (batch_id, file_id) SELECT batch_id, file_id FROM seen")
    op.execute("DROP TABLE seen")
