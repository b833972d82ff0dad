"""A folder that fills: takes each recording once it is whole, and leaves alone what is being written."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ..ingest.metadata import Metadata
from ..ingest.scan import Found, scan
from ..store import Store, start_batch
from .identity import host_name
from .intake import Intake, Taken
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
    clock: Callable[[], float] = time.monotonic
    taken: Taken = field(default_factory=Taken)
    _seen: dict[Path, _Seen] = field(default_factory=dict)
    _batch: tuple[date, int] | None = None

    def poll(self) -> int:
        """Look once; returns how many files were taken."""
        metadata, there, whole = self.metadata(), set(), []
        for found in scan([f for f in self.folders if f.is_dir()], metadata):
            there.add(found.path)
            if self._is_new_and_whole(found):
                whole.append(found.path)
        for gone in self._seen.keys() - there:
            del self._seen[gone]
        if whole:
            self._take(whole, metadata)
        return len(whole)

    def run(self, stop: Callable[[], bool], every: float = POLL_SECONDS) -> None:
        """Poll until told to stop."""
        while not stop():
            begun = time.monotonic()
            self.poll()
            next_at = begun + max(every, _SHARE * (time.monotonic() - begun))
            while time.monotonic() < next_at and not stop():
                time.sleep(min(0.2, every))

    def _is_new_and_whole(self, found: Found) -> bool:
        try:
            status = found.path.stat()
        except OSError:
            return False  # gone, or away; the next look will tell
        seen = self._seen.get(found.path)
        if seen is None or (seen.size, seen.mtime_ns) != (status.st_size, status.st_mtime_ns):
            seen = self._seen[found.path] = _Seen(status.st_size, status.st_mtime_ns, self.clock())
        settled = self.clock() - seen.since >= self.settle_seconds
        if seen.taken or not settled or is_open_for_writing(found.path):
            return False
        seen.taken = True
        return True

    def _take(self, whole: Sequence[Path], metadata: Metadata) -> None:
        intake = Intake(self.store, whole, metadata, self._todays_batch(), rank=self.rank)
        intake.run()
        self.taken.files += intake.taken.files
        self.taken.new += intake.taken.new
        self.taken.new_bytes += intake.taken.new_bytes

    def _todays_batch(self) -> int:
        today = date.today()
        if self._batch is None or self._batch[0] != today:
            number = start_batch(self.store, self.folders, kind="watch", rank=self.rank, host=host_name())
            self._batch = today, number
        return self._batch[1]


def is_open_for_writing(path: Path) -> bool:
    """Whether some process on this machine has the file open to write it.

    Asked of the kernel by taking a read lease, which it grants only while nobody writes. False also where it
    cannot be asked: on a network mount, or for a file that belongs to somebody else.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    else:
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(descriptor)


def watch_only(eye: Watch, every: float, say: Callable[[str], None]) -> None:
    """Fill the queue for other services until a signal."""
    with Stopping(say) as stopping:
        eye.run(lambda: stopping.level > 0, every)
