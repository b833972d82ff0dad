"""Copies of the whole database in one file, made while callqa runs, checked when written and when read.

The file is a tar archive of ``manifest.json`` and the database: a SQLite file packed with zstd, or
what ``pg_dump --format=custom`` writes.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import zstandard
from sqlalchemy import URL, make_url, text

from ..errors import StoreError, UsageError
from .database import Store, is_there, open_store

FORMAT = 1
_COUNTED = ("recording", "flag", "verdict", "rulebook")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: ``kind`` is sqlite or postgresql, ``rows`` counts some tables."""

    format: int
    kind: str
    revision: str
    made_at: str
    rows: dict[str, int]
    sha256: str


def backup(url: str, out: Path) -> Manifest:
    """Write the database at ``url`` to the new file ``out``; others may go on writing meanwhile.

    Raises UsageError when ``out`` exists, StoreError when the database cannot be read.
    """
    if out.exists():
        raise UsageError(f"{out} exists already; name a new file")
    store = open_store(url)
    try:
        with _working_folder(out.parent) as folder:
            file = folder / "database"
            _dump(make_url(url), file)
            manifest = _describe(store, make_url(url), file)
            _bundle(manifest, file, folder / "archive")
            (folder / "archive").replace(out)
    finally:
        store.close()
    return manifest


def restore(archive: Path, url: str) -> Manifest:
    """Put the backup ``archive`` where no database is yet; raises UsageError when there is one.

    The database is checked before it takes its place, and migrated if it was written by an older callqa.
    """
    target = make_url(url)
    with _working_folder(_folder_of(target)) as folder:
        manifest = _unbundle(archive, folder / "database")
        if manifest.kind != _kind(target):
            raise UsageError(
                f"{archive} is a backup of {manifest.kind}, and {_shown(target)} is {_kind(target)}; "
                f"restore it to {manifest.kind}, then use callqa db move"
            )
        if manifest.kind == "sqlite":
            _place_sqlite(folder / "database", target, url)
        else:
            _place_postgresql(folder / "database", target)
    open_store(url).close()
    return manifest


def read_manifest(archive: Path) -> Manifest:
    """What ``archive`` says of itself, after a check of its content against the checksum."""
    with _working_folder(None) as folder:
        return _unbundle(archive, folder / "database")


def _dump(url: URL, file: Path) -> None:
    if _kind(url) == "sqlite":
        _dump_sqlite(str(url.database), file)
    else:
        _run(["pg_dump", "--format=custom", f"--file={file}"], url)


def _dump_sqlite(source: str, file: Path) -> None:
    plain = file.with_suffix(".plain")
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(plain)) as writer:
        reader.backup(writer)  # in one step: a backup in several begins anew whenever somebody writes
        _check_integrity(writer, plain)
    with plain.open("rb") as read, file.open("wb") as write:
        zstandard.ZstdCompressor(level=6, threads=-1).copy_stream(read, write)
    plain.unlink()


def _check_integrity(connection: sqlite3.Connection, file: Path) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(f"{file} is damaged: {found}")


def _describe(store: Store, url: URL, file: Path) -> Manifest:
    with store.read() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        rows = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in _COUNTED
        }
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(FORMAT, _kind(url), str(revision), made, rows, _sha256(file))


def _bundle(manifest: Manifest, file: Path, archive: Path) -> None:
    content = json.dumps(asdict(manifest), indent=1).encode()
    entry = tarfile.TarInfo("manifest.json")
    entry.size = len(content)
    handle = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(content))
        tar.add(file, "database")


def _unbundle(archive: Path, file: Path) -> Manifest:
    try:
        with tarfile.open(archive) as tar:
            manifest = Manifest(**json.loads(_member(tar, "manifest.json").read(_CHUNK)))
            with file.open("wb") as out:
                shutil.copyfileobj(_member(tar, "database"), out, _CHUNK)
    except (OSError, tarfile.TarError, ValueError, TypeError) as error:
        raise StoreError(f"{archive} is no backup of callqa: {error}") from error
    if _sha256(file) != manifest.sha256:
        raise StoreError(f"{archive} is damaged: its checksum differs; take another copy of it")
    return manifest


def _member(tar: tarfile.TarFile, name: str) -> io.BufferedIOBase:
    found = tar.extractfile(name) if name in tar.getnames() else None
    if found is None:
        raise ValueError(f"{name} is missing")
    return found  # type: ignore[return-value]


def _place_sqlite(packed: Path, target: URL, url: str) -> None:
    file = Path(str(target.database))
    if is_there(url):
        raise UsageError(f"there is a database at {file}; move it away first, or restore to another --home")
    plain = packed.with_suffix(".plain")
    with packed.open("rb") as read, plain.open("wb") as write:
        zstandard.ZstdDecompressor().copy_stream(read, write)
    with closing(sqlite3.connect(plain)) as connection:
        _check_integrity(connection, plain)
    plain.replace(file)


def _place_postgresql(dump: Path, target: URL) -> None:
    listed = _run(["psql", "--tuples-only", "--command", r"\dt"], target)
    if "recording" in listed:
        raise UsageError(f"{_shown(target)} holds tables already; restore into an empty database")
    _run(
        [
            *("pg_restore", "--no-owner", "--single-transaction", "--exit-on-error"),
            *("--dbname", str(target.database), str(dump)),
        ],
        target,
    )


def _run(command: list[str], url: URL) -> str:
    """Run one of PostgreSQL's programs against ``url``; the password goes through the environment."""
    parts = {
        "PGHOST": url.host,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    where = {name: str(value) for name, value in parts.items() if value}
    if url.port:
        where["PGPORT"] = str(url.port)
    try:
        done = subprocess.run(
            command, env={**os.environ, **where}, capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise StoreError(
            f"{command[0]} is not installed; it comes with PostgreSQL's client programs "
            "(apt-get install postgresql-client)"
        ) from error
    except subprocess.CalledProcessError as error:
        raise StoreError(f"{command[0]} failed: {error.stderr.strip()}") from error
    return done.stdout


def _kind(url: URL) -> str:
    return url.get_backend_name()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _folder_of(url: URL) -> Path | None:
    """Where to unpack: beside the target, so that it takes its place in one step."""
    return Path(str(url.database)).absolute().parent if _kind(url) == "sqlite" else None


@contextmanager
def _working_folder(beside: Path | None) -> Iterator[Path]:
    if beside is not None:
        beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".callqa-backup-", dir=beside) as folder:
        yield Path(folder)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
