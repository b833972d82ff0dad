"""Finds recordings in folders, single files and manifests, and accounts for every file it leaves aside."""

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from ..errors import UsageError
from . import remote
from .manifest import MANIFESTS, Listed, read_manifest
from .metadata import Metadata

DOCUMENTS: Final = frozenset({
    ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx", ".xls", ".ods", ".txt", ".md", ".rst", ".log",
    ".yaml", ".yml", ".toml", ".ini", ".cfg", ".xml", ".html", ".htm", ".pdf", ".doc", ".docx", ".rttm",
    ".textgrid", ".eaf", ".srt", ".vtt", ".lrc", ".ctm", ".stm", ".lab", ".cue", ".m3u", ".m3u8", ".pls",
    ".py", ".sh", ".bat", ".ps1", ".sql", ".db", ".sqlite", ".sha256", ".sha1", ".md5", ".sfv", ".parquet",
    ".npy", ".npz", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".url", ".lnk",
})  # fmt: skip
"""Suffixes of what lies beside recordings."""
UNFINISHED: Final = frozenset({".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp"})
"""Suffixes of copies under way."""
_CLUTTER: Final = frozenset({"thumbs.db", "desktop.ini", "@eadir", "__macosx", "$recycle.bin", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be treated as a recording; whether it is one, decoding will tell."""

    path: Path
    """Absolute."""
    name: str
    size: int
    """Bytes."""
    metadata: Mapping[str, str]


class Why(StrEnum):
    """Why a file was left aside."""

    DOCUMENT = "document"
    """Its suffix is that of a document or sidecar."""
    HIDDEN = "hidden"
    """Its name begins with a dot, or the system keeps house in it."""
    UNFINISHED = "unfinished"
    """A copy under way."""
    DUPLICATE = "duplicate"
    """The same file was found before."""
    SPECIAL = "special"
    """Neither file nor folder: a pipe, a device."""
    MISSING = "missing"
    """A manifest lists it, or a link points to it, but it is not there."""
    UNREADABLE = "unreadable"
    """No permission, or the disk failed."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A file or folder that was not taken."""

    path: Path
    why: Why
    detail: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether somebody should look at it: perhaps a recording is lost."""
        return self.why in (Why.MISSING, Why.UNREADABLE, Why.SPECIAL)


def scan(
    paths: Sequence[Path], metadata: Metadata, aside: Callable[[Aside], None] = lambda _: None
) -> Iterator[Found]:
    """All recordings under ``paths``, each once, in the order of ``paths`` and sorted within folders.

    A folder is searched with all its subfolders; a manifest gives the recordings it lists; any other file
    is taken whatever its name. ``aside`` is called with what is not taken. UsageError when a path is
    not there.
    """
    for path in paths:
        if not remote.is_remote(path) and not _exists(path):
            raise UsageError(f"{path}: there is no such file or folder")
    return _Scan(metadata, aside).run(paths)


class _Scan:
    def __init__(self, metadata: Metadata, aside: Callable[[Aside], None]) -> None:
        self.metadata = metadata
        self.aside = aside
        self.seen: set[Path] = set()

    def run(self, paths: Sequence[Path]) -> Iterator[Found]:
        for path in paths:
            if remote.is_remote(path):
                yield from self._remote(path)
                continue
            path = path.absolute()
            if _is_folder(path):
                yield from self._folder(path)
            elif path.suffix.lower() in MANIFESTS:
                yield from self._manifest(path)
            else:
                yield from self._file(path)

    def _folder(self, folder: Path) -> Iterator[Found]:
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            self.aside(Aside(folder, Why.UNREADABLE, error.strerror or ""))
            return
        if self._seen(folder):
            return
        for entry in entries:
            if why := _left_aside(entry):
                self.aside(Aside(entry, why))
            elif _is_folder(entry):
                yield from self._folder(entry)
            else:
                yield from self._file(entry)

    def _manifest(self, path: Path) -> Iterator[Found]:
        listed = read_manifest(path)
        present = 0
        for item in listed:
            if remote.is_remote(item.path):
                present += 1
                yield from self._remote(item.path, item)
            elif _exists(item.path):
                present += 1
                yield from self._file(item.path, item)
            else:
                self.aside(Aside(item.path, Why.MISSING, f"listed at {item.place}"))
        if not present:
            raise UsageError(
                f"{path}: none of the {len(listed)} recordings it lists is there; "
                f"relative paths start at {path.parent}"
            )

    def _file(self, path: Path, listed: Listed | None = None) -> Iterator[Found]:
        try:
            status = path.stat()
        except FileNotFoundError:
            self.aside(Aside(path, Why.MISSING, "the link leads nowhere, or the file is gone"))
            return
        except OSError as error:
            self.aside(Aside(path, Why.UNREADABLE, error.strerror or ""))
            return
        if not stat.S_ISREG(status.st_mode):
            self.aside(Aside(path, Why.SPECIAL))
        elif not self._seen(path):
            fields = self.metadata.of(path)
            fields.update(listed.fields if listed else {})
            yield Found(path, path.name, status.st_size, fields)

    def _remote(self, path: Path, listed: Listed | None = None) -> Iterator[Found]:
        """All objects under a prefix; call data is not looked for beside them."""
        try:
            for entry in remote.entries(path):
                why = _left_aside(entry.path) if entry.path != path else None
                if why or any(_left_aside(Path(part)) is Why.HIDDEN for part in entry.path.parts[2:]):
                    self.aside(Aside(entry.path, why or Why.HIDDEN))
                elif not self._seen(entry.path):
                    fields = self.metadata.of(entry.path)
                    fields.update(listed.fields if listed else {})
                    yield Found(entry.path, entry.path.name, entry.size, fields)
        except FileNotFoundError:
            self.aside(Aside(path, Why.MISSING))
        except OSError as error:
            self.aside(Aside(path, Why.UNREADABLE, error.strerror or str(error)))

    def _seen(self, path: Path) -> bool:
        """Also ends loops of linked folders."""
        real = path if remote.is_remote(path) else path.resolve()
        if real in self.seen:
            self.aside(Aside(path, Why.DUPLICATE))
            return True
        self.seen.add(real)
        return False


def _exists(path: Path) -> bool:
    """False also for what cannot be a path, such as a sentence in a list."""
    try:
        return path.exists()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _left_aside(entry: Path) -> Why | None:
    name = entry.name.lower()
    if name.startswith((".", "~$")) or name in _CLUTTER:
        return Why.HIDDEN
    suffix = entry.suffix.lower()
    if suffix in UNFINISHED:
        return Why.UNFINISHED
    if suffix in DOCUMENTS and not _is_folder(entry):
        return Why.DOCUMENT
    return None
