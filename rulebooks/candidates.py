"""The candidate index beside the database: which stored calls may hold what a rule needs.

It is a copy that can be made again at any time. Each file stands for a span of recording numbers, and tells
the state of the transcripts it was made of; a file that is missing, damaged or of another state is made anew
before it is used, so that it follows new calls, re-transcription and corrections. What erases text calls
``store.index_files.forget_indexed``.
"""

import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from ..settings import Settings
from ..store import Store
from ..store.index_files import FOLDER, SUFFIX, index_file
from ..store.scope import EVERYTHING
from ..store.slim import SlimCall, slim_calls, transcript_stamps
from .need import Need
from .shard import Damaged, Shard, write_shard

SPAN = 4096
"""Recording numbers a file stands for; not more than 65,536."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a look at the index found: files in use, and how many of them had to be made."""

    files: int
    made: int


class CandidateIndex:
    """The index of one database, in ``folder``.

    It is of all calls, whoever asks: its files are shared. It names numbers only, and who uses them asks the
    own, limited store which of them are there.
    """

    def __init__(self, store: Store, folder: Path, *, span: int = SPAN) -> None:
        self._store, self.folder, self._span = store.within(EVERYTHING), folder, span
        self._shards: dict[int, Shard] = {}

    @classmethod
    def of(cls, store: Store, settings: Settings) -> "CandidateIndex":
        """The index in ``CALLQA_HOME/index``, one folder a database."""
        place = make_url(settings.resolved_database_url).render_as_string(hide_password=True)
        return cls(store, settings.home / FOLDER / f"{zlib.crc32(place.encode()):08x}")

    def sync(self, tick: Callable[[], None] = lambda: None) -> Synced:
        """Bring the files up to what the database holds now."""
        stamps, made = transcript_stamps(self._store, self._span), 0
        for stale in self._files() - {self._file(part) for part in stamps}:
            stale.unlink(missing_ok=True)
        self._shards = {part: shard for part, shard in self._shards.items() if part in stamps}
        for part, stamp in stamps.items():
            shard = self._shards.get(part) or self._opened(part)
            if shard is None or shard.stamp != stamp:
                shard, made = self._make(part, stamp), made + 1
                tick()
            self._shards[part] = shard
        return Synced(len(stamps), made)

    def candidates(self, need: Need) -> list[int]:
        """Numbers of the recordings that may satisfy the need, in order; none that does is left out."""
        return [int(n) for part in sorted(self._shards) for n in self._shards[part].candidates(need)]

    def calls(self, numbers: Collection[int]) -> Iterator[SlimCall]:
        """These recordings, slim; those without a transcript are left out."""
        for number in sorted(numbers):
            part = number // self._span
            place = self._shards[part].place(number) if part in self._shards else -1
            if place >= 0:
                yield self._read(part, place)

    def forked(self) -> None:
        """To be called in a forked process, which must not use its parent's connections."""
        self._store.engine.dispose(close=False)

    def _read(self, part: int, place: int) -> SlimCall:
        try:
            return self._shards[part].call(place)
        except Damaged:
            self._shards[part] = self._make(part, self._shards[part].stamp)
            return self._shards[part].call(place)

    def _opened(self, part: int) -> Shard | None:
        try:
            return Shard(self._file(part))
        except Damaged:
            return None

    def _make(self, part: int, stamp: int) -> Shard:
        first = part * self._span
        write_shard(self._file(part), stamp, slim_calls(self._store, first, first + self._span - 1))
        return Shard(self._file(part), verify=False)

    def _file(self, part: int) -> Path:
        return index_file(self.folder, part, self._span)

    def _files(self) -> set[Path]:
        return set(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else set()
