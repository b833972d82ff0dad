"""What batches have seen: recordings by their content, and the files that hold them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from ..errors import UsageError
from .clock import clock
from .database import Store, insert_into
from .paths import readable, to_path, to_text
from .tables import BatchFile, File, Recording, Table, columns_of

CALL_COLUMNS = ("call_id", "agent", "team", "business", "direction", "queue", "customer")
"""Call metadata with a column of its own; ``started_at`` has one too, as a time."""
_CHUNK = 500
recording, file, batch_file = columns_of(Recording), columns_of(File), columns_of(BatchFile)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A readable file with the hash of its content."""

    path: Path
    name: str
    sha256: str
    size_bytes: int
    mtime_ns: int
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was found but whose content could not be read."""

    path: Path
    name: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Added:
    """How many contents were new and are queued, and how many files hold what was known."""

    new: int = 0
    known: int = 0
    new_bytes: int = 0


def known_files(store: Store, paths: Sequence[Path]) -> dict[Path, tuple[int, int, str]]:
    """Size, modification time (ns) and hash of those ``paths`` that were read before."""
    found: dict[Path, tuple[int, int, str]] = {}
    wanted = [to_text(p) for p in paths]
    query = select(file.c.path, file.c.size_bytes, file.c.mtime_ns, recording.c.sha256).join(recording)
    with store.read() as connection:
        for start in range(0, len(wanted), _CHUNK):
            rows = connection.execute(query.where(file.c.path.in_(wanted[start : start + _CHUNK])))
            found.update({to_path(path): (size, mtime, sha) for path, size, mtime, sha in rows})
    return found


def ids_named(store: Store, names: Sequence[str]) -> tuple[int, ...]:
    """The recordings that have one of these file names; UsageError for a name that none has."""
    query = select(file.c.recording_id, file.c.name).where(file.c.name.in_(names))
    with store.read() as connection:
        found = connection.execute(query.where(file.c.recording_id.is_not(None))).all()
    for name in names:
        if name not in {row.name for row in found}:
            raise UsageError(f"no recording is called {name}")
    return tuple({row.recording_id for row in found})


def present(store: Store, ids: Sequence[int]) -> list[int]:
    """Those of the recordings that are still there, in order."""
    query = select(recording.c.id).where(recording.c.id.in_(ids)).order_by(recording.c.id)
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def add_recordings(
    store: Store, files: Sequence[NewFile], batch_id: int | None = None, *, rank: int = 0
) -> Added:
    """Queue each content not seen before, and remember every further name of what is known.

    Call metadata that comes with a known recording is taken over: from the file it had been read from
    the new values win, from a copy under another path they only fill gaps. A call that was inspected with
    other metadata is queued to be inspected again.
    """
    fresh: list[NewFile] = []
    for start in range(0, len(files), _CHUNK):
        with store.write() as connection:
            fresh += _add(connection, files[start : start + _CHUNK], batch_id, rank)
    return Added(len(fresh), len(files) - len(fresh), sum(f.size_bytes for f in fresh))


def add_unreadable(store: Store, files: Sequence[Unreadable], batch_id: int | None = None) -> None:
    """Remember files whose content could not be read, so that none is lost from the account."""
    rows = [
        {
            "path": to_text(f.path),
            "name": readable(f.name),
            "recording_id": None,
            "size_bytes": None,
            "mtime_ns": None,
            "error": f.reason,
            "remedy": f.remedy,
        }
        for f in files
    ]
    with store.write() as connection:
        _upsert_files(connection, rows, batch_id)


def call_values(metadata: Mapping[str, str]) -> dict[str, Any]:
    """The columns that hold call metadata; a time that is no ISO time stays in ``call_data`` only."""
    started = None
    with suppress(ValueError):
        started = datetime.fromisoformat(metadata.get("started_at", "")).replace(tzinfo=None)
    return {
        **{name: metadata.get(name) or None for name in CALL_COLUMNS},
        "started_at": started,
        "call_data": dict(metadata),
    }


def _add(connection: Connection, files: Sequence[NewFile], batch_id: int | None, rank: int) -> list[NewFile]:
    firsts: dict[str, NewFile] = {}
    for f in files:
        firsts.setdefault(f.sha256, f)
    before = _known(connection, firsts)
    fresh = [f for sha, f in firsts.items() if sha not in before]
    if fresh:
        insert = insert_into(connection, recording).on_conflict_do_nothing(index_elements=["sha256"])
        moment = clock(connection)
        connection.execute(insert, [_row(f, batch_id, rank, moment) for f in fresh])
    after = {**before, **_known(connection, set(firsts) - set(before))}
    merged = _merged(files, after, _paths_of(connection, after))
    change_metadata(
        connection, after.values(), {after[sha].id: data for sha, data in merged.items()}, batch_id
    )
    _upsert_files(connection, [_file_row(f, after[f.sha256].id) for f in files], batch_id)
    return fresh


def _row(f: NewFile, batch_id: int | None, rank: int, moment: datetime) -> dict[str, Any]:
    values = call_values(f.metadata)
    return {
        "sha256": f.sha256,
        "name": readable(f.name),
        "path": to_text(f.path),
        "size_bytes": f.size_bytes,
        "status": "queued",
        "attempts": 0,
        "flag_count": 0,
        "open_count": 0,
        "doubtful_count": 0,
        "added_at": moment,
        "queued_at": moment,
        "day": (values["started_at"] or moment.astimezone()).date(),
        "rank": rank,
        "batch_id": batch_id,
        **values,
    }


def _file_row(f: NewFile, recording_id: int) -> dict[str, Any]:
    return {
        "path": to_text(f.path),
        "name": readable(f.name),
        "recording_id": recording_id,
        "size_bytes": f.size_bytes,
        "mtime_ns": f.mtime_ns,
        "error": None,
        "remedy": None,
    }


def _known(connection: Connection, hashes: Iterable[str]) -> dict[str, Any]:
    query = select(recording.c.id, recording.c.sha256, recording.c.call_data, recording.c.added_at)
    return {row.sha256: row for row in connection.execute(query.where(recording.c.sha256.in_(hashes)))}


def _paths_of(connection: Connection, known: Mapping[str, Any]) -> set[tuple[int, str]]:
    query = select(file.c.recording_id, file.c.path)
    rows = connection.execute(query.where(file.c.recording_id.in_([row.id for row in known.values()])))
    return {(recording_id, path) for recording_id, path in rows}


def _merged(
    files: Sequence[NewFile], known: Mapping[str, Any], paths: set[tuple[int, str]]
) -> dict[str, dict[str, str]]:
    merged = {sha: dict(row.call_data) for sha, row in known.items()}
    for f in files:
        old = merged[f.sha256]
        same_file = (known[f.sha256].id, to_text(f.path)) in paths
        merged[f.sha256] = {**old, **f.metadata} if same_file else {**f.metadata, **old}
    return merged


def change_metadata(
    connection: Connection,
    rows: Iterable[Any],
    merged: Mapping[int, Mapping[str, str]],
    batch_id: int | None = None,
) -> tuple[int, int]:
    """Store call metadata by recording's number where it differs from that of ``rows``.

    Calls with a result are queued to be inspected again, since rules ask for call data. Returns how many
    changed, and how many were queued.
    """
    changes = []
    for row in rows:
        if merged[row.id] != row.call_data:
            values = call_values(merged[row.id])
            day = (values["started_at"] or row.added_at.astimezone()).date()
            changes.append({"row_id": row.id, "day": day, **values})
    if not changes:
        return 0, 0
    connection.execute(update(recording).where(recording.c.id == bindparam("row_id")), changes)
    return len(changes), _inspect_again(connection, [change["row_id"] for change in changes], batch_id)


def _inspect_again(connection: Connection, ids: Sequence[int], batch_id: int | None) -> int:
    task = Table.metadata.tables["task"]
    waits = select(task.c.recording_id).where(
        task.c.recording_id.in_(ids), task.c.status == "queued", task.c.kind == "reinspect"
    )
    chosen = select(recording.c.id).where(
        recording.c.id.in_(ids), recording.c.status == "inspected", recording.c.id.not_in(waits)
    )
    moment = clock(connection)
    rows = [
        {
            "batch_id": batch_id,
            "recording_id": number,
            "kind": "reinspect",
            "status": "queued",
            "rank": 0,
            "attempts": 0,
            "retries": 0,
            "queued_at": moment,
        }
        for number in connection.execute(chosen).scalars()
    ]
    if rows:
        connection.execute(task.insert(), rows)
    return len(rows)


def _upsert_files(connection: Connection, rows: Sequence[dict[str, Any]], batch_id: int | None) -> None:
    if not rows:
        return
    insert = insert_into(connection, file)
    replaced = {name: insert.excluded[name] for name in rows[0] if name != "path"}
    connection.execute(insert.on_conflict_do_update(index_elements=["path"], set_=replaced), rows)
    if batch_id is not None:
        ids = select(file.c.id).where(file.c.path.in_([row["path"] for row in rows]))
        seen = [{"batch_id": batch_id, "file_id": number} for number in connection.execute(ids).scalars()]
        connection.execute(insert_into(connection, batch_file).on_conflict_do_nothing(), seen)
