"""Rulebooks as they were used: saved once under their hash, never changed."""

from sqlalchemy import func, select

from ..errors import UsageError
from . import tables
from .database import Store, insert_into
from .recordings import recording
from .tables import columns_of, now

rulebook = columns_of(tables.Rulebook)


def save_rulebook(store: Store, hash: str, content: bytes) -> None:
    """Keep the rulebook; nothing happens when it is there."""
    row = {"hash": hash, "content": content, "saved_at": now()}
    with store.write() as connection:
        insert = insert_into(connection, rulebook)
        connection.execute(insert.on_conflict_do_nothing(index_elements=["hash"]), row)


def load_rulebook(store: Store, hash: str) -> bytes:
    """The content of the rulebook whose hash is, or begins with, ``hash`` (``sha256:`` may be left out).

    Raises UsageError when none or more than one fits.
    """
    start = hash if hash.startswith("sha256:") else f"sha256:{hash}"
    query = select(rulebook.c.content).where(rulebook.c.hash.startswith(start, autoescape=True)).limit(2)
    with store.read() as connection:
        found = connection.execute(query).scalars().all()
    if len(found) != 1:
        raise UsageError(f"{'no' if not found else 'more than one'} stored rulebook is named {hash}")
    return bytes(found[0])


def rulebooks_in_use(store: Store) -> dict[str, int]:
    """Hash of every stored rulebook, newest first, and how many calls were last inspected with it."""
    calls = func.count(recording.c.id)
    query = (
        select(rulebook.c.hash, calls)
        .outerjoin(recording, recording.c.rulebook == rulebook.c.hash)
        .group_by(rulebook.c.hash, rulebook.c.saved_at)
        .order_by(rulebook.c.saved_at.desc())
    )
    with store.read() as connection:
        return dict(connection.execute(query).all())
