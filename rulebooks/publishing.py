"""Making a draft count: checked, numbered, dated; and going back to an older version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ..errors import RulebookError, UsageError
from ..inspect.rulebook import Rulebook, read_rulebook
from ..notify.events import announce_publish
from ..privacy.audit import Action, record
from ..settings import Settings
from ..store import Store, save_rulebook
from ..store.drafts import change_draft, remove_draft
from ..store.publications import (
    NewPublication,
    Publication,
    add_publication,
    publications,
    published_contents,
)
from .check import check
from .current import base_files, find_version, version_files
from .drafts import Draft, open_draft, with_changes
from .texts import Files, check_path, pack_files
from .versions import bump, highest_versions, to_bump


class Outdated(UsageError):
    """Others published changes to the same files since the draft began; ``paths`` names them."""

    def __init__(self, name: str, base: int | None, paths: tuple[str, ...]) -> None:
        self.paths = paths
        began = "the shipped rulebook" if base is None else f"version {base}"
        super().__init__(
            f"the draft {name} began from {began}, and since then a newer version changed the same files: "
            f"{', '.join(paths)}; put it on top of that version (callqa rules drafts --rebase {name}), "
            "look at these files again and publish then"
        )


@dataclass(frozen=True)
class Published:
    """What was published, which rules got a new number, and what to know."""

    version: Publication
    bumped: Mapping[str, int]
    notes: tuple[str, ...] = ()
    """English sentences: a version that takes over later, a folder of the settings that comes first."""


@dataclass(frozen=True)
class Prepared:
    """What publishing a draft now would make."""

    files: Files
    rulebook: Rulebook
    before: Rulebook
    base: int | None
    bumped: Mapping[str, int]


def prepare(store: Store, settings: Settings, draft: Draft) -> Prepared:
    """The draft on top of the newest version, rules that changed with their next number.

    Raises Outdated when both changed a file, RulebookError when it does not load.
    """
    number, base = base_files(store, settings)
    moved = {p for p in {*base, *draft.base_files} if base.get(p) != draft.base_files.get(p)}
    clash = sorted(p for p in moved & draft.changes.keys() if base.get(p) != draft.changes[p])
    if clash:
        raise Outdated(draft.name, draft.base, tuple(clash))
    files = with_changes(base, draft.changes)
    return _numbered(store, files, read_rulebook(base), number)


def publish(
    store: Store,
    settings: Settings,
    name: str,
    *,
    author: str,
    note: str,
    revision: int | None = None,
    effective_from: date | None = None,
    effective_until: date | None = None,
) -> Published:
    """Publish a draft, which is gone afterwards. Without dates it holds for the calls of every day.

    Raises RulebookError with everything that lint and tests find wrong, Outdated when a newer version
    changed the same files, DraftChanged when the draft does not stand at ``revision`` (what was shown to
    whoever decided), UsageError when nothing changed or the dates make no sense.
    """
    _check_dates(effective_from, effective_until)
    draft = open_draft(store, name)
    prepared = prepare(store, settings, draft)
    if prepared.rulebook.hash == prepared.before.hash and prepared.base is not None:
        raise UsageError(f"the draft {name} changes nothing; there is nothing to publish")
    _demand_sound(prepared.files)
    seen = draft.revision if revision is None else revision

    def take_draft(connection: Connection, newest: int | None) -> None:
        _demand_newest(newest, prepared.base)
        remove_draft(connection, name, seen)

    return _publish(
        store, settings, prepared, author, note or draft.note, (effective_from, effective_until), take_draft
    )


def publish_files(
    store: Store,
    settings: Settings,
    files: Files,
    *,
    author: str,
    note: str,
    effective_from: date | None = None,
    effective_until: date | None = None,
) -> Published:
    """Publish a whole rulebook, such as a folder from git. Raises as ``publish`` does."""
    _check_dates(effective_from, effective_until)
    for path in files:
        check_path(path)
    number, base = base_files(store, settings)
    prepared = _numbered(store, dict(files), read_rulebook(base), number)
    if prepared.rulebook.hash == prepared.before.hash and number is not None:
        raise UsageError(f"these files are what version {number} says; there is nothing to publish")
    _demand_sound(prepared.files)
    return _publish(
        store,
        settings,
        prepared,
        author,
        note,
        (effective_from, effective_until),
        lambda _, newest: _demand_newest(newest, number),
    )


def rollback(
    store: Store,
    settings: Settings,
    number: int,
    *,
    author: str,
    note: str = "",
    effective_from: date | None = None,
) -> Published:
    """Publish what version ``number`` says once more, under the next number."""
    version, newest = find_version(store, number), publications(store)[0]
    if version.hash == newest.hash:
        raise UsageError(f"version {newest.number} says the same as version {number}; nothing to go back to")
    new = NewPublication(
        version.hash,
        pack_files(version_files(store, number)),
        note or f"back to version {number}",
        author,
        effective_from,
        rollback_of=number,
    )
    added = add_publication(
        store, new, first=lambda _, found: _demand_newest(found, newest.number), then=_tell
    )
    return Published(added, {}, _notes(store, settings, added))


def rebase(store: Store, settings: Settings, name: str, *, revision: int, author: str) -> Draft:
    """Put the draft's changes on top of the newest version; where both changed a file the draft's stays.

    Look at those files again: ``Outdated`` named them.
    """
    draft = open_draft(store, name)
    number, base = base_files(store, settings)
    changes = {p: text for p, text in draft.changes.items() if base.get(p) != text}
    change_draft(store, name, changes, revision=revision, author=author, base=(number, pack_files(base)))
    return open_draft(store, name)


def _numbered(store: Store, files: dict[str, str], before: Rulebook, base: int | None) -> Prepared:
    after = read_rulebook(files)
    used = highest_versions([*published_contents(store), before.to_bytes()])
    bumped = to_bump(before, after, used)
    if bumped:
        files = bump(files, bumped)
        after = read_rulebook(files)
    return Prepared(files, after, before, base, bumped)


def _publish(
    store: Store,
    settings: Settings,
    prepared: Prepared,
    author: str,
    note: str,
    days: tuple[date | None, date | None],
    first: Callable[[Connection, int | None], None],
) -> Published:
    save_rulebook(store, prepared.rulebook.hash, prepared.rulebook.to_bytes())
    new = NewPublication(prepared.rulebook.hash, pack_files(prepared.files), note, author, *days)
    added = add_publication(store, new, first=first, then=_tell)
    return Published(added, prepared.bumped, _notes(store, settings, added))


def _tell(connection: Connection, added: Publication) -> None:
    """The audit log and whoever listens, in the same transaction: no version without its line."""
    about: dict[str, Any] = {"hash": added.hash, "note": added.note, "rollback_of": added.rollback_of}
    dates = {"effective_from": added.effective_from, "effective_until": added.effective_until}
    about |= {name: day.isoformat() if day else None for name, day in dates.items()}
    record(connection, added.author, Action.RULES, f"rulebook {added.number}", {"published": about})
    announce_publish(connection, added.number, author=added.author, **about)


def _demand_sound(files: Files) -> None:
    found = check(files)
    if not found.ok:
        raise RulebookError(found.problems)


def _demand_newest(newest: int | None, expected: int | None) -> None:
    if newest != expected:
        raise UsageError(f"version {newest} was published meanwhile; look at it and publish again")


def _check_dates(begin: date | None, end: date | None) -> None:
    if begin and end and end < begin:
        raise UsageError(f"a version that holds from {begin} cannot end on {end}")


def _notes(store: Store, settings: Settings, added: Publication) -> tuple[str, ...]:
    notes = []
    if settings.rulebook:
        notes.append(
            f"the settings name the folder {settings.rulebook}, which comes before anything published"
        )
    others = (v for v in publications(store) if v.number < added.number)
    later = [v for v in others if v.in_force_since > added.in_force_since]
    notes += [f"version {v.number} takes over on {v.in_force_since}, without what is new here" for v in later]
    return tuple(notes)
