"""A folder that fills: takes each recording once it is whole, and leaves alone what is being written."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ..ingest.metadata import Metadata
from ..ingest.scan import scan
from ..ingest.writing import is_open_for_writing
from ..store import Store, start_batch
from .beside import keep_running
from .identity import host_name
from .intake import Intake, Taken
from .patience import IMPATIENT, Patience, until
from .stopping import Stopping

POLL_SECONDS = 5.0
SETTLE_SECONDS = 10.0
"""A file whose size and time did not change for so long is whole, where the system cannot say."""
_SHARE = 10
"""A large folder is looked through only every so many times as long as that takes."""


@dataclass
class _Seen:
    size: int
    mtime_ns: int
    since: float
    """By the clock of ``Watch``, when it was first seen so."""
    taken: bool = False


@dataclass
class Watch:
    """Looks through ``folders`` again and again; ``poll`` takes what has become whole since.

    A batch is opened for each day on which something came.
    """

    store: Store
    folders: Sequence[Path]
    metadata: Callable[[], Metadata]
    settle_seconds: float = SETTLE_SECONDS
    rank: int = 0
    patiently: Patience = IMPATIENT
    clock: Callable[[], float] = time.monotonic
    taken: Taken = field(default_factory=Taken)
    _seen: dict[Path, _Seen] = field(default_factory=dict)
    _batch: tuple[date, int] | None = None

    def poll(self) -> int:
        """Look once; returns how many files were taken."""
        metadata, there, whole = self.metadata(), set(), []
        for found in scan([f for f in self.folders if f.is_dir()], metadata):
            there.add(found.path)
            if self._is_new_and_whole(found.path):
                whole.append(found.path)
        for gone in self._seen.keys() - there:
            del self._seen[gone]
        if whole:
            self._take(whole, metadata)
        return len(whole)

    def run(self, stop: Callable[[], bool], say: Callable[[str], None], every: float = POLL_SECONDS) -> None:
        """Poll until told to stop."""
        self.patiently = replace(self.patiently, pause=until(stop), say=say)
        while not stop():
            begun = time.monotonic()
            self.poll()
            next_at = begun + max(every, _SHARE * (time.monotonic() - begun))
            while time.monotonic() < next_at and not stop():
                time.sleep(min(0.2, every))

    def _is_new_and_whole(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:
            return False  # gone, or away; the next look will tell
        seen = self._seen.get(path)
        if seen is None or (seen.size, seen.mtime_ns) != (status.st_size, status.st_mtime_ns):
            seen = self._seen[path] = _Seen(status.st_size, status.st_mtime_ns, self.clock())
        settled = self.clock() - seen.since >= self.settle_seconds
        return settled and not seen.taken and not is_open_for_writing(path)

    def _take(self, whole: Sequence[Path], metadata: Metadata) -> None:
        batch = self.patiently(self._todays_batch)
        intake = Intake(self.store, whole, metadata, batch, rank=self.rank, patiently=self.patiently)
        intake.run()
        for path in set(whole).difference(intake.taken.being_written):
            self._seen[path].taken = True  # only now: what could not be taken is tried again
        self.taken.files += intake.taken.files
        self.taken.new += intake.taken.new
        self.taken.new_bytes += intake.taken.new_bytes

    def _todays_batch(self) -> int:
        today = date.today()
        if self._batch is None or self._batch[0] != today:
            number = start_batch(self.store, self.folders, kind="watch", rank=self.rank, host=host_name())
            self._batch = today, number
        return self._batch[1]


def watch_only(eye: Watch, every: float, say: Callable[[str], None]) -> None:
    """Fill the queue for other services until a signal."""
    with Stopping(say) as stopping:
        keep_running(lambda stop, say: eye.run(stop, say, every), lambda: stopping.level > 0, say)
