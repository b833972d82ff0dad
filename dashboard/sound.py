"""Playable sound: any recording as WAV that every browser plays, from a bounded cache."""

import hashlib
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import RecordingError
from ..ingest.audio import Audio
from ..ingest.identity import as_local
from ..ingest.pool import Decoder, Limits
from ..ingest.remote import is_remote
from ..privacy.sound import How, Stretch, wav_bytes
from ..privacy.vault import Sealed, seal
from ..store.call import audio_paths
from ..store.calls import CallRow
from ..store.database import Store

CACHE_BYTES = 4 * 1024**3
"""About 70 hours of two-channel telephone sound."""
_DECODER = Decoder(Limits(memory_bytes=4 << 30, seconds=120.0))
"""A process of its own: a file that crashes FFmpeg, hangs it or fills the memory leaves the page alone."""
_DECODING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Hide:
    """What is not to be heard, and what is heard instead."""

    stretches: tuple[Stretch, ...] = ()
    how: How = "beep"

    @property
    def name(self) -> str:
        """Tells copies with other stretches apart."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


class SoundCache:
    """WAV copies (16 bit, native rate, channels apart) of recordings, made when first asked for.

    With a ``key`` they are encrypted at rest. Copies of one recording begin with its hash.
    """

    def __init__(self, folder: Path, limit: int = CACHE_BYTES, key: bytes | None = None) -> None:
        self.folder = folder
        self.limit = limit
        self.key = key
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def playable(self, store: Store, row: CallRow, hide: Hide | None = None) -> Path | None:
        """The file of the recording, with what ``hide`` names replaced; None when its source is gone or
        cannot be decoded. With a key it is sealed: ``content`` reads it.
        """
        suffix = ".wav" if self.key is None else ".sealed"
        target = self.folder / f"{row.sha256}{f'.{hide.name}' if hide else ''}{suffix}"
        with self._locks[target.name]:
            if target.exists():
                os.utime(target)
                return target
            with _source(store, row.id) as source:
                return target if source and self._make(source, row.native_rate, target, hide) else None

    def content(self, path: Path, start: int = 0, end: int | None = None) -> tuple[bytes, int]:
        """Bytes of a copy, and its whole size."""
        if self.key is None:
            with path.open("rb") as file:
                file.seek(start)
                return file.read(-1 if end is None else max(0, end - start)), path.stat().st_size
        sealed = Sealed(path, self.key)
        return sealed.read(start, end), sealed.size

    def _make(self, source: Path, rate: int | None, target: Path, hide: Hide | None) -> bool:
        try:
            with _DECODING:
                audio, _, _ = _DECODER.decode(source, rate or 8000, 1)
        except (RecordingError, OSError):
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        if self.key is None:
            write_wav(draft, audio, hide)
        else:
            seal(draft, _wav(audio, hide), self.key)
        draft.replace(target)
        self._trim(keep=target)
        return True

    def _trim(self, keep: Path) -> None:
        """Drop what was heard longest ago until the cache fits."""
        files = []
        for path in (*self.folder.glob("*.wav"), *self.folder.glob("*.sealed")):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            files.append((found.st_mtime, found.st_size, path))
        size = sum(length for _, length, _ in files)
        for _, length, path in sorted(files):
            if size <= self.limit:
                return
            if path != keep:
                path.unlink(missing_ok=True)
                size -= length


def write_wav(path: Path, audio: Audio, hide: Hide | None = None) -> None:
    path.write_bytes(_wav(audio, hide))


def _wav(audio: Audio, hide: Hide | None) -> bytes:
    return wav_bytes(audio, hide.stretches, hide.how) if hide else wav_bytes(audio)


@contextmanager
def _source(store: Store, recording_id: int) -> Iterator[Path | None]:
    """A file of the recording, fetched for the time of the block when it is kept in an object store."""
    places = audio_paths(store, recording_id)
    if path := next((p for p in places if p.is_file()), None):
        yield path
    elif path := next((p for p in places if is_remote(p)), None):
        with ExitStack() as held:
            try:
                copy, _sha256 = held.enter_context(as_local(path))
            except OSError:  # the object store is away, and the page says that the sound cannot be had
                yield None
                return
            yield copy
    else:
        yield None
