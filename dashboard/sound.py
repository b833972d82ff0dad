"""Playable sound: any recording as WAV that every browser plays, from a bounded cache."""

import os
import threading
import wave
from collections import defaultdict
from pathlib import Path

import numpy as np

from ..errors import RecordingError
from ..ingest.audio import Audio, decode
from ..store.call import audio_path
from ..store.calls import CallRow
from ..store.database import Store

CACHE_BYTES = 4 * 1024**3
"""About 70 hours of two-channel telephone sound."""


class SoundCache:
    """WAV copies (16 bit, native rate, channels apart) of recordings, made when first asked for."""

    def __init__(self, folder: Path, limit: int = CACHE_BYTES) -> None:
        self.folder = folder
        self.limit = limit
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def playable(self, store: Store, row: CallRow) -> Path | None:
        """The WAV file of the recording; None when its source is gone or cannot be decoded."""
        target = self.folder / f"{row.sha256}.wav"
        with self._locks[row.sha256]:
            if target.exists():
                os.utime(target)
                return target
            source = audio_path(store, row.id)
            return target if source and self._make(source, row.native_rate, target) else None

    def _make(self, source: Path, rate: int | None, target: Path) -> bool:
        try:
            audio = decode(source, rate or 8000)
        except (RecordingError, OSError):
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = target.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        write_wav(draft, audio)
        draft.replace(target)
        self._trim(keep=target)
        return True

    def _trim(self, keep: Path) -> None:
        """Drop what was heard longest ago until the cache fits."""
        files = []
        for path in self.folder.glob("*.wav"):
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


def write_wav(path: Path, audio: Audio) -> None:
    samples = np.rint(np.clip(audio.samples, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        file.writeframes(samples.T.tobytes())
