"""Who a recording is: the hash of its content, whatever it is called."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import remote


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes, read in pieces; OSError when it cannot be read."""
    if remote.is_remote(path):
        return remote.sha256_of(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_and_time(path: Path) -> tuple[int, int]:
    """Bytes and time of change (ns) of a file or object; OSError when it cannot be reached."""
    if remote.is_remote(path):
        found = remote.entry(path)
        return found.size, found.changed_ns
    status = path.stat()
    return status.st_size, status.st_mtime_ns


@contextmanager
def as_local(path: Path) -> Iterator[tuple[Path, str | None]]:
    """A file to decode from: ``path`` itself, or a copy of the object with the SHA-256 of what was read."""
    if not remote.is_remote(path):
        yield path, None
        return
    with remote.fetched(path) as copy:
        yield copy
