"""Finds recordings, hashes what is new and puts it in the queue, while the workers are already busy."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..ingest.identity import sha256_of, size_and_time
from ..ingest.metadata import Metadata
from ..ingest.scan import Aside, Found, Why, scan
from ..ingest.writing import is_open_for_writing
from ..store import NewFile, Store, Unreadable, add_recordings, add_unreadable, known_files
from .patience import IMPATIENT, Patience

CHUNK_FILES = 100
CHUNK_BYTES = 200_000_000
"""After so many files or bytes what was found is queued, so that the workers can begin."""
_REMEDIES = {
    Why.MISSING: "bring it back, or take it off the list",
    Why.UNREADABLE: "allow callqa to read it",
    Why.SPECIAL: "copy its content into a file",
}


@dataclass
class Taken:
    """The account of what was found."""

    files: int = 0
    new: int = 0
    known: int = 0
    unreadable: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    """Files left aside, by reason."""
    notes: list[str] = field(default_factory=list)
    """What was wrong with the call metadata."""
    new_bytes: int = 0
    limit_reached: bool = False
    being_written: list[Path] = field(default_factory=list)
    """Left for another time."""


class Intake:
    """One pass over ``paths``. ``limit`` ends it after that many recordings not seen before.

    What somebody is still writing is left for another pass. ``patiently`` waits out the database.
    """

    def __init__(
        self,
        store: Store,
        paths: Sequence[Path],
        metadata: Metadata,
        batch_id: int,
        *,
        limit: int | None = None,
        rank: int = 0,
        stop: Callable[[], bool] = lambda: False,
        patiently: Patience = IMPATIENT,
    ) -> None:
        self.taken = Taken()
        self._store, self._paths, self._metadata = store, paths, metadata
        self._batch_id, self._limit, self._stop, self._rank = batch_id, limit, stop, rank
        self._patiently = patiently
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._guarded, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_running(self) -> bool:
        """Whether more may come; raises what ended it early."""
        alive = self._thread.is_alive()  # asked first: the error is set before the thread ends
        if self._error:
            raise self._error
        return alive

    def run(self) -> None:
        for chunk in self._chunks():
            self._take(chunk)
            if self._stop() or self.taken.limit_reached:
                return
        self._note_unfinished()
        self._note_metadata()

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:  # handed to whoever asks is_running
            self._error = error

    def _chunks(self) -> Iterator[list[Found]]:
        chunk: list[Found] = []
        for found in scan(self._paths, self._metadata, self._left_aside):
            chunk.append(found)
            if len(chunk) >= self._room() or sum(f.size for f in chunk) >= CHUNK_BYTES:
                yield chunk
                chunk = []
        yield chunk

    def _room(self) -> int:
        left = CHUNK_FILES if self._limit is None else self._limit - self.taken.new
        return min(CHUNK_FILES, left)

    def _left_aside(self, aside: Aside) -> None:
        if not aside.is_problem:
            self.taken.aside[aside.why.value] += 1
            return
        reason = {Why.MISSING: "it is not there", Why.SPECIAL: "it is neither file nor folder"}.get(
            aside.why, "it cannot be read"
        )
        if aside.detail:
            reason = f"{reason}: {aside.detail}"
        self._unreadable(Unreadable(aside.path, aside.path.name, reason, _REMEDIES[aside.why]))

    def _unreadable(self, unreadable: Unreadable) -> None:
        self.taken.files += 1
        self.taken.unreadable += 1
        self._patiently(lambda: add_unreadable(self._store, [unreadable], self._batch_id))

    def _take(self, chunk: Sequence[Found]) -> None:
        before = self._patiently(lambda: known_files(self._store, [f.path for f in chunk]))
        files = [new for f in chunk if (new := self._identified(f, before.get(f.path)))]
        added = self._patiently(lambda: add_recordings(self._store, files, self._batch_id, rank=self._rank))
        self.taken.files += len(files)
        self.taken.new += added.new
        self.taken.known += added.known
        self.taken.new_bytes += added.new_bytes
        self.taken.limit_reached = self._limit is not None and self.taken.new >= self._limit

    def _identified(self, f: Found, before: tuple[int, int, str] | None) -> NewFile | None:
        try:
            size, changed = size_and_time(f.path)
            # A file as it was is not read again: a second run over a day's folder takes seconds.
            is_same = before is not None and before[:2] == (size, changed)
            if not is_same and is_open_for_writing(f.path):
                self.taken.being_written.append(f.path)
                self.taken.aside[Why.UNFINISHED.value] += 1
                return None
            sha256 = before[2] if before and is_same else sha256_of(f.path)
        except OSError as error:
            reason = f"it cannot be read: {error.strerror or error}"
            self._unreadable(Unreadable(f.path, f.name, reason, _REMEDIES[Why.UNREADABLE]))
            return None
        return NewFile(f.path, f.name, sha256, size, changed, f.metadata)

    def _note_unfinished(self) -> None:
        if left := self.taken.being_written:
            self.taken.notes.append(
                f"{len(left)} files are still being written, first {left[0]}; a later run takes them"
            )

    def _note_metadata(self) -> None:
        self.taken.notes += self._metadata.problems
        unused, without = self._metadata.unused_rows, self._metadata.without_row
        if unused:
            self.taken.notes.append(
                f"rows of call data that fit no recording: {len(unused)}, first {unused[0].place}"
            )
        if without:
            self.taken.notes.append(
                f"recordings without a row of call data: {len(without)}, first {without[0]}"
            )
