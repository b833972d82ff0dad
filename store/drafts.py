"""Drafts of the rulebook, guarded against two people overwriting each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ..errors import UsageError
from . import rulebook_tables as tables
from .database import Store, insert_into
from .tables import columns_of, now

draft = columns_of(tables.Draft)


class DraftChanged(UsageError):
    """Somebody else changed the draft meanwhile; load it again and look at what is different."""


@dataclass(frozen=True, slots=True)
class Draft:
    """See rulebook_tables.Draft for the meaning of each field."""

    name: str
    author: str
    base: int | None
    base_files: bytes
    changes: Mapping[str, str | None]
    note: str
    revision: int
    created_at: datetime
    updated_at: datetime
    updated_by: str


_COLUMNS = [draft.c[name] for name in Draft.__dataclass_fields__]


def add_draft(store: Store, name: str, *, author: str, base: int | None, base_files: bytes) -> Draft:
    """Begin an empty draft. Raises UsageError when there is one of that name."""
    row: dict[str, Any] = {"name": name, "author": author, "updated_by": author}
    row |= {"base": base, "base_files": base_files}
    moment = now()
    row |= {"changes": {}, "note": "", "revision": 1, "created_at": moment, "updated_at": moment}
    with store.write() as connection:
        insert = insert_into(connection, draft).values(row).on_conflict_do_nothing()
        added = connection.execute(insert.returning(*_COLUMNS)).one_or_none()
    if added is None:
        raise UsageError(f"there is a draft called {name} already; choose another name, or go on with it")
    return Draft(*added)


def drafts(store: Store) -> tuple[Draft, ...]:
    """All drafts, the one changed last first."""
    with store.read() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(draft.c.updated_at.desc(), draft.c.name))
        return tuple(Draft(*row) for row in rows)


def get_draft(store: Store, name: str) -> Draft:
    """Raises UsageError when there is none of that name."""
    with store.read() as connection:
        found = connection.execute(select(*_COLUMNS).where(draft.c.name == name)).one_or_none()
    if found is None:
        raise UsageError(f"there is no draft called {name}; see callqa rules drafts")
    return Draft(*found)


def change_draft(
    store: Store,
    name: str,
    changes: Mapping[str, str | None],
    *,
    revision: int,
    author: str,
    note: str | None = None,
    base: tuple[int | None, bytes] | None = None,
) -> Draft:
    """Replace all changes of the draft that stands at ``revision``; with ``base`` also what it began from.

    Raises DraftChanged when it stands at another one by now.
    """
    values = {"changes": dict(changes), "revision": revision + 1, "updated_at": now(), "updated_by": author}
    values |= {} if note is None else {"note": note}
    values |= {} if base is None else {"base": base[0], "base_files": base[1]}
    here = update(draft).where(draft.c.name == name, draft.c.revision == revision)
    with store.write() as connection:
        changed = connection.execute(here.values(values).returning(*_COLUMNS)).one_or_none()
    if changed is None:
        _raise_changed(get_draft(store, name))
    assert changed is not None
    return Draft(*changed)


def remove_draft(connection: Connection, name: str, revision: int) -> None:
    """Take the draft away as it stands at ``revision``. Raises DraftChanged when it does not."""
    gone = connection.execute(delete(draft).where(draft.c.name == name, draft.c.revision == revision))
    if not gone.rowcount:
        raise DraftChanged(f"the draft {name} was changed or removed meanwhile; load it again")


def _raise_changed(now_there: Draft) -> None:
    raise DraftChanged(
        f"the draft {now_there.name} was changed by {now_there.updated_by} meanwhile (it stands at revision "
        f"{now_there.revision}); load it again and compare before saving"
    )
