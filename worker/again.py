"""Stored calls worked on again in the background: re-inspection, re-transcription, late call data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ..ingest.metadata import Metadata
from ..store import CallFilter, Store, start_batch
from ..store.paths import to_path
from ..store.recordings import change_metadata, file, recording
from ..store.tasks import BACKGROUND, add_tasks
from .identity import host_name

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Queued:
    """A batch of background work."""

    batch: int
    tasks: int


@dataclass(frozen=True, slots=True)
class LateData:
    """What came of call data that arrived after the recordings."""

    calls: int
    """Stored calls that the tables or files beside the recordings describe."""
    changed: int
    reinspected: int
    """Queued to be inspected again, since rules ask for call data."""
    unused: int
    """Rows that fit no stored call."""


def queue_again(
    store: Store,
    kind: str,
    filter: CallFilter | None = None,
    *,
    rulebook: str | None = None,
    rank: int = BACKGROUND,
    again: bool = False,
) -> Queued:
    """Open a batch of ``kind`` (reinspect, retranscribe) over all calls that fit."""
    with store.write() as connection:  # together: a service ends batches of which nothing is left to do
        batch = start_batch(connection, [], kind=kind, rank=rank, host=host_name())
        count = add_tasks(connection, kind, filter, batch_id=batch, rulebook=rulebook, rank=rank, again=again)
    return Queued(batch, count)


def apply_late_data(store: Store, metadata: Metadata, tables: Sequence[Path] = ()) -> LateData:
    """Store the call data that fits stored recordings; what changed is queued to be inspected again."""
    described: dict[int, Any] = {}
    merged: dict[int, dict[str, str]] = {}
    calls = changed = queued = 0
    for row in (row for rows in _chunks(store) for row in rows):
        if new := metadata.of(to_path(row.path)):
            described[row.id] = row
            merged[row.id] = {**merged.get(row.id, row.call_data), **new}
            calls += 1
    rows = list(described.values())
    with store.write() as connection:
        batch = start_batch(connection, tables, kind="reinspect", host=host_name())
        for start in range(0, len(rows), _CHUNK):
            one, two = change_metadata(connection, rows[start : start + _CHUNK], merged, batch)
            changed, queued = changed + one, queued + two
    return LateData(calls, changed, queued, len(metadata.unused_rows))


def _chunks(store: Store) -> Iterator[Sequence[Any]]:
    columns = recording.c.id, recording.c.call_data, recording.c.added_at, file.c.path
    query = select(*columns).join_from(recording, file).order_by(recording.c.id, file.c.id)
    last = 0
    while True:
        with store.read() as connection:
            rows = connection.execute(query.where(recording.c.id > last).limit(_CHUNK)).all()
        if not rows:
            return
        full = len(rows) == _CHUNK and rows[0].id != rows[-1].id
        # All names of one recording belong together: the last one comes again with the next chunk.
        kept = [row for row in rows if row.id != rows[-1].id] if full else rows
        last = kept[-1].id
        yield kept
