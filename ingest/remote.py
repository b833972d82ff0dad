"""Recordings in object stores and behind other URLs, as paths: ``s3://bucket/key`` is Path("s3:/bucket/key").

S3-compatible stores, Google Cloud Storage and Azure are read with obstore, whatever else fsspec knows
(sftp, smb, http, …) with fsspec. Addresses and keys of the store come from the environment, as its own tools
read them (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` …).
"""

import hashlib
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol

from ..errors import UsageError

_URL = re.compile(r"([a-z][a-z0-9+.-]+)://(.+)", re.IGNORECASE)
_OBSTORE = frozenset({"s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "adl"})
PART_BYTES = 8 << 20
TRIES = 5
"""For each part; what was read before stays."""
FIRST_PAUSE = 0.2


class RemoteError(OSError):
    """An object store does not answer, or gives something else than it promised."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object; ``changed_ns`` nanoseconds since 1970, ``tag`` the store's own mark of this version."""

    path: Path
    size: int
    changed_ns: int
    tag: str | None


class _Backend(Protocol):
    def list(self, path: Path) -> Iterator[Entry]: ...
    def entry(self, path: Path) -> Entry: ...
    def part(self, entry: Entry, start: int, end: int) -> bytes: ...


def is_url(text: str) -> bool:
    """Whether ``text`` is a URL rather than a path."""
    return _URL.match(text) is not None


def from_url(url: str) -> Path:
    """The path that stands for ``url``; UsageError for one that no path can stand for.

    >>> str(from_url("s3://calls/2026/a.wav"))
    's3:/calls/2026/a.wav'
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise UsageError(f"not a URL: {url}")
    if found[1].lower() == "file":
        return Path("/" + found[2].lstrip("/"))
    parts = found[2].rstrip("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise UsageError(f"{url}: a key with empty parts or dots for a part cannot be used")
    return Path(f"{found[1].lower()}:/" + "/".join(parts))


def is_remote(path: Path) -> bool:
    """Whether ``path`` stands for a URL; paths of files are absolute wherever they are stored."""
    first = path.parts[0] if path.parts else ""
    return not path.is_absolute() and len(first) > 2 and first.endswith(":")


def to_url(path: Path) -> str:
    scheme, *rest = path.parts
    return f"{scheme}//{'/'.join(rest)}"


def entries(path: Path) -> Iterator[Entry]:
    """All objects under a prefix, or the one that ``path`` names; OSError when they cannot be listed."""
    return _backend(path).list(path)


def entry(path: Path) -> Entry:
    """What the store says of one object; FileNotFoundError when there is none."""
    return _backend(path).entry(path)


def sha256_of(path: Path) -> str:
    """SHA-256 of an object's content."""
    digest = hashlib.sha256()
    for part in _parts(path):
        digest.update(part)
    return digest.hexdigest()


@contextmanager
def fetched(path: Path) -> Iterator[tuple[Path, str]]:
    """A local copy for the time of the block, with the SHA-256 of what was read; it keeps its suffix."""
    with tempfile.NamedTemporaryFile(prefix="callqa-", suffix=path.suffix) as copy:
        yield Path(copy.name), fetch_into(path, copy.file)


def fetch_into(path: Path, out: IO[bytes]) -> str:
    """Write an object's content; returns its SHA-256."""
    digest = hashlib.sha256()
    for part in _parts(path):
        digest.update(part)
        out.write(part)
    out.flush()
    return digest.hexdigest()


def _parts(path: Path) -> Iterator[bytes]:
    """The content in order; a part that breaks off is read again, and no other version gets in between."""
    backend = _backend(path)
    whole = backend.entry(path)
    md5 = hashlib.md5(usedforsecurity=False)
    for start in range(0, whole.size, PART_BYTES):
        part = _tried(backend, whole, start, min(start + PART_BYTES, whole.size))
        md5.update(part)
        yield part
    tag = (whole.tag or "").strip('"').lower()
    if re.fullmatch(r"[0-9a-f]{32}", tag) and path.parts[0] == "s3:" and md5.hexdigest() != tag:
        raise RemoteError(f"{to_url(path)}: what was read is not what the store's checksum says")


def _tried(backend: _Backend, whole: Entry, start: int, end: int) -> bytes:
    pause = FIRST_PAUSE
    for attempt in range(1, TRIES + 1):
        try:
            part = backend.part(whole, start, end)
        except FileNotFoundError:
            raise
        except OSError:
            if attempt == TRIES:
                raise
        else:
            if len(part) == end - start:
                return part
            if attempt == TRIES:
                raise RemoteError(f"{to_url(whole.path)}: it breaks off after {start + len(part)} bytes")
        time.sleep(pause)
        pause *= 2
    raise AssertionError("unreachable")


def _backend(path: Path) -> _Backend:
    scheme, root = path.parts[0].rstrip(":"), path.parts[1]
    return _Obstore(scheme, root) if scheme in _OBSTORE else _Fsspec(scheme)


@lru_cache(maxsize=32)
def _opened(scheme: str, root: str) -> Any:
    from obstore.store import from_url as open_url

    retry: Any = {"max_retries": 3, "backoff": {"init_backoff": _span(0.1), "max_backoff": _span(2)}}
    return open_url(f"{scheme}://{root}", retry_config=retry)


def _span(seconds: float) -> Any:
    from datetime import timedelta

    return timedelta(seconds=seconds)


@dataclass(frozen=True)
class _Obstore:
    scheme: str
    root: str

    def list(self, path: Path) -> Iterator[Entry]:
        import obstore

        prefix = "/".join(path.parts[2:])
        with _as_os_errors(path):
            found = [m for batch in obstore.list(self._store, prefix=prefix or None) for m in batch]
        if not found and prefix:
            yield self.entry(path)
            return
        for meta in sorted(found, key=lambda m: m["path"]):
            yield self._entry(meta)

    def entry(self, path: Path) -> Entry:
        import obstore

        with _as_os_errors(path):
            return self._entry(obstore.head(self._store, self._key(path)))

    def part(self, entry: Entry, start: int, end: int) -> bytes:
        import obstore

        options: Any = {"range": (start, end)}
        if entry.tag:
            options["if_match"] = entry.tag
        with _as_os_errors(entry.path):
            return bytes(obstore.get(self._store, self._key(entry.path), options=options).bytes())

    @property
    def _store(self) -> Any:
        return _opened(self.scheme, self.root)

    def _key(self, path: Path) -> str:
        return "/".join(path.parts[2:])

    def _entry(self, meta: Any) -> Entry:
        path = Path(f"{self.scheme}:/{self.root}/{meta['path']}")
        changed = int(meta["last_modified"].timestamp() * 1e6) * 1000
        return Entry(path, meta["size"], changed, meta["e_tag"])


@contextmanager
def _as_os_errors(path: Path) -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        reason = str(error).split("\n", 1)[0]
        raise RemoteError(f"{to_url(path)}: {reason}") from error


@dataclass(frozen=True)
class _Fsspec:
    scheme: str

    def list(self, path: Path) -> Iterator[Entry]:
        system, key = self._system, self._key(path)
        if system.isfile(key):
            yield self.entry(path)
            return
        if not system.isdir(key):
            raise FileNotFoundError(f"{to_url(path)}: nothing is there")
        for name in sorted(system.find(key)):
            yield self.entry(from_url(f"{self.scheme}://{name.lstrip('/')}"))

    def entry(self, path: Path) -> Entry:
        about = self._system.info(self._key(path))
        changed = about.get("mtime") or about.get("LastModified") or about.get("created") or 0
        seconds = changed.timestamp() if hasattr(changed, "timestamp") else float(changed)
        return Entry(path, int(about.get("size") or 0), int(seconds * 1e6) * 1000, None)

    def part(self, entry: Entry, start: int, end: int) -> bytes:
        return bytes(self._system.cat_file(self._key(entry.path), start=start, end=end))

    @property
    def _system(self) -> Any:
        import fsspec

        try:
            return fsspec.filesystem(self.scheme)
        except (ImportError, ValueError) as error:
            raise UsageError(f"{self.scheme}: URLs cannot be read here: {error}") from error

    def _key(self, path: Path) -> str:
        return to_url(path) if self.scheme in ("http", "https") else "/".join(path.parts[1:])
