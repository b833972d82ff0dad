"""Drafts: changes that nobody is judged by until they are published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import UsageError
from ..settings import Settings
from ..store import Store
from ..store import drafts as rows
from ..store.drafts import DraftChanged
from .current import base_files
from .texts import Files, check_path, pack_files, unpack_files

__all__ = ["Draft", "DraftChanged", "begin_draft", "discard_draft", "list_drafts", "open_draft", "save_files"]


@dataclass(frozen=True)
class Draft:
    """A draft with all its texts. ``revision`` goes back with every change, see ``save_files``."""

    name: str
    author: str
    base: int | None
    """The version it began from; None: the shipped rulebook or the settings' folder."""
    base_files: Files
    files: Files
    """The whole rulebook as the draft would have it."""
    changes: Mapping[str, str | None]
    """Only what differs from the base; None where a file is taken out."""
    note: str
    revision: int
    created_at: datetime
    updated_at: datetime
    updated_by: str


def list_drafts(store: Store) -> tuple[Draft, ...]:
    """All drafts, the one changed last first."""
    return tuple(_draft(row) for row in rows.drafts(store))


def begin_draft(store: Store, settings: Settings, name: str, *, author: str) -> Draft:
    """A new draft of the newest version, without changes. Raises UsageError when the name is taken."""
    if not name.strip() or name != name.strip() or len(name) > 80 or not name.isprintable():
        raise UsageError("a draft needs a name of at most 80 characters, without spaces around it")
    base, files = base_files(store, settings)
    return _draft(rows.add_draft(store, name, author=author, base=base, base_files=pack_files(files)))


def open_draft(store: Store, name: str) -> Draft:
    """Raises UsageError when there is none of that name."""
    return _draft(rows.get_draft(store, name))


def save_files(
    store: Store,
    name: str,
    files: Mapping[str, str | None],
    *,
    revision: int,
    author: str,
    note: str | None = None,
) -> Draft:
    """Put these texts into the draft (None takes a file out) and leave its others as they are.

    What cannot be read is kept too: a draft may be half done. Raises DraftChanged when the draft does not
    stand at ``revision`` any more, so that nobody overwrites what he has not seen.
    """
    before = open_draft(store, name)
    changes = dict(before.changes)
    for path, content in files.items():
        check_path(path)
        if content == before.base_files.get(path):
            changes.pop(path, None)
        else:
            changes[path] = content
    return _draft(rows.change_draft(store, name, changes, revision=revision, author=author, note=note))


def discard_draft(store: Store, name: str, *, revision: int) -> None:
    """Raises DraftChanged when it does not stand at ``revision`` any more."""
    with store.write() as connection:
        rows.remove_draft(connection, name, revision)


def with_changes(files: Files, changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {path: text for path, text in {**files, **changes}.items() if text is not None}
    return dict(sorted(merged.items()))


def _draft(row: rows.Draft) -> Draft:
    base = unpack_files(row.base_files)
    return Draft(
        name=row.name,
        author=row.author,
        base=row.base,
        base_files=base,
        files=with_changes(base, row.changes),
        changes=row.changes,
        note=row.note,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
