"""Which rulebook counts: that of the settings, else the published one of the call's day, else the shipped."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from ..errors import UsageError
from ..inspect.rulebook import Rulebook, load_rulebook, shipped_rulebook
from ..settings import Settings
from ..store import Store, save_rulebook
from ..store import load_rulebook as stored_content
from ..store.publications import Publication, publication_files, publications
from .texts import SHIPPED, read_folder, texts_of, unpack_files

REFRESH_SECONDS = 30.0
"""A worker notices what is published within this time."""


def effective_rulebook(store: Store, settings: Settings, when: date | None = None) -> Rulebook:
    """The rulebook by which a call of the day ``when`` (default: today) is inspected.

    The folder of ``settings.rulebook`` comes first, whatever is published. Else, of the published versions
    whose days include ``when``, the one that came into force last; a version without dates holds for every
    day. Else the shipped one. It is saved in the store, so that what it flags can be reproduced.
    """
    return Effective(store, settings).on(when or date.today())


class Effective:
    """The same for many calls; keeps the rulebooks and looks for new versions every ``REFRESH_SECONDS``."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._versions: tuple[Publication, ...] = ()
        self._read_at = float("-inf")
        self._saved: set[str] = set()

    def on(self, day: date) -> Rulebook:
        """Raises RulebookError when the folder of the settings does not load."""
        if self._settings.rulebook:
            return self._keep(_of_folder(self._settings.rulebook))
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            self._versions, self._read_at = publications(self._store), time.monotonic()
        version = version_on(self._versions, day)
        return published_rulebook(self._store, version) if version else self._keep(shipped_rulebook())

    def for_call(self, metadata: Mapping[str, str]) -> Rulebook:
        """The rulebook of the day that the call data name, else of today."""
        try:
            day = datetime.fromisoformat(metadata.get("started_at", "")).date()
        except ValueError:
            day = date.today()
        return self.on(day)

    def _keep(self, rulebook: Rulebook) -> Rulebook:
        if rulebook.hash not in self._saved:
            keep(self._store, rulebook)
            self._saved.add(rulebook.hash)
        return rulebook


def keep(store: Store, rulebook: Rulebook) -> Rulebook:
    """Save the rulebook in the store, so that what it flags can be reproduced."""
    save_rulebook(store, rulebook.hash, rulebook.to_bytes())
    return rulebook


def version_on(versions: Sequence[Publication], day: date) -> Publication | None:
    """Of the versions whose days include ``day`` the one that came into force last."""
    holding = [v for v in versions if v.holds_on(day)]
    return max(holding, key=lambda v: (v.in_force_since, v.number), default=None)


def published_rulebook(store: Store, version: Publication) -> Rulebook:
    return compiled(stored_content(store, version.hash))


@lru_cache(maxsize=8)
def compiled(content: bytes) -> Rulebook:
    return Rulebook.from_bytes(content)


def _of_folder(folder: Path) -> Rulebook:
    stamp = tuple(sorted((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in folder.glob("*/*.yaml")))
    return _loaded(folder, stamp)


@lru_cache(maxsize=2)
def _loaded(folder: Path, _stamp: tuple[object, ...]) -> Rulebook:
    return load_rulebook(folder)


def find_version(store: Store, number: int) -> Publication:
    """Raises UsageError when no version has that number."""
    found = next((v for v in publications(store) if v.number == number), None)
    if found is None:
        raise UsageError(f"no published rulebook has the number {number}; see callqa rules history")
    return found


def newest(store: Store) -> Publication | None:
    """The version published last, whatever its days: what the next draft begins from."""
    return next(iter(publications(store)), None)


def version_files(store: Store, number: int) -> dict[str, str]:
    """The YAML texts of a published version, as they were written."""
    packed = publication_files(store, number)
    if packed is None:
        raise UsageError(f"no published rulebook has the number {number}; see callqa rules history")
    return unpack_files(packed)


def base_files(store: Store, settings: Settings) -> tuple[int | None, dict[str, str]]:
    """What a new draft begins from: the newest version, else the settings' folder, else the shipped."""
    version = newest(store)
    if version is not None:
        return version.number, version_files(store, version.number)
    return None, read_folder(settings.rulebook or SHIPPED)


def named_rulebook(store: Store, settings: Settings, name: str) -> Rulebook:
    """A rulebook by what a person calls it.

    ``current``, ``shipped``, a folder, a version's number, or a stored one's hash.

    Raises UsageError when there is none.
    """
    if name == "current":
        return effective_rulebook(store, settings)
    if name == "shipped":
        return shipped_rulebook()
    if Path(name).is_dir():
        return load_rulebook(Path(name))
    if name.isdecimal() and any(v.number == int(name) for v in publications(store)):
        return published_rulebook(store, find_version(store, int(name)))
    return compiled(stored_content(store, name))


def files_of(store: Store, rulebook: Rulebook) -> dict[str, str]:
    """The texts of a rulebook: as written where it was published, else made from its content."""
    number = next((v.number for v in publications(store) if v.hash == rulebook.hash), None)
    return texts_of(rulebook) if number is None else version_files(store, number)
