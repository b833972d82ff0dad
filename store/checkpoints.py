"""Outcomes of costly steps, kept by content until the result that needs them is stored."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete, select

from .batch_tables import Checkpoint
from .clock import clock
from .database import Store, insert_into
from .tables import columns_of

KEPT = timedelta(days=7)
"""Longer than any batch lasts; what is older is of a recording nobody asked for again."""
checkpoint = columns_of(Checkpoint)


def save_checkpoints(store: Store, step: str, made_by: str, packed: Sequence[tuple[str, bytes]]) -> None:
    """Keep the outcome of ``step`` for each content hash, in one transaction."""
    with store.write() as connection:
        moment = clock(connection)
        insert = insert_into(connection, checkpoint)
        columns = ("made_by", "packed", "made_at")
        replaced = {name: insert.excluded[name] for name in columns}
        rows = [
            {"sha256": sha, "step": step, "made_by": made_by, "packed": data, "made_at": moment}
            for sha, data in packed
        ]
        connection.execute(
            insert.on_conflict_do_update(index_elements=["sha256", "step"], set_=replaced), rows
        )
        connection.execute(delete(checkpoint).where(checkpoint.c.made_at < moment - KEPT))


def load_checkpoint(store: Store, sha256: str, step: str, made_by: str) -> bytes | None:
    """What ``made_by`` had made of that content; None when there is nothing."""
    c = checkpoint.c
    query = select(c.packed).where(c.sha256 == sha256, c.step == step, c.made_by == made_by)
    with store.read() as connection:
        return connection.execute(query).scalar()


def drop_checkpoints(connection: Connection, hashes: Sequence[str]) -> None:
    """Forget what is no longer needed, within the transaction that stores the results."""
    connection.execute(delete(checkpoint).where(checkpoint.c.sha256.in_(hashes)))
