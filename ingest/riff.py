"""Reads how much sound a WAV header promises; FFmpeg keeps silent about a file that was cut short.

Layout: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0";
RF64 and its ds64 chunk: EBU Tech 3306.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

_UNKNOWN_SIZE: Final = 0xFFFFFFFF
"""What a recorder writes that cannot go back to fill in the size."""
_MAX_CHUNKS: Final = 1000
_AFTER_DATA: Final = frozenset(
    {b"LIST", b"fact", b"bext", b"cue ", b"smpl", b"JUNK", b"PAD ", b"afsp", b"PEAK", b"id3 ", b"ID3 "}
)


@dataclass(frozen=True, slots=True)
class WavHeader:
    """What the chunks up to the samples say."""

    tag: int | None
    """Wave format tag, such as 7 for µ-law; None when the header breaks off before it."""
    byte_rate: int
    """Bytes a second of sound."""
    promised: int | None
    """Bytes of samples by the header; None when the header does not know."""
    present: int | None
    """Bytes of samples that are there; None when the header breaks off before the samples."""

    @property
    def promised_seconds(self) -> float | None:
        if self.promised is None or self.byte_rate <= 0:
            return None
        return self.promised / self.byte_rate


def read_wav_header(file: BinaryIO, size: int) -> WavHeader | None:
    """The header of a RIFF or RF64 WAVE file of ``size`` bytes; None when it is nothing of the kind."""
    file.seek(0)
    start = file.read(12)
    if start[:4] not in (b"RIFF", b"RF64") or not b"WAVE".startswith(start[8:12]):
        return None
    return _Walk(file, size).to_samples()


class _Walk:
    """Goes from chunk to chunk until the one with the samples."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file = file
        self.size = size
        self.tag: int | None = None
        self.byte_rate = 0
        self.long_size: int | None = None

    def to_samples(self) -> WavHeader:
        at = 12
        for _ in range(_MAX_CHUNKS):
            self.file.seek(at)
            head = self.file.read(8)
            if len(head) < 8:
                break
            name, length = head[:4], struct.unpack("<I", head[4:])[0]
            if name == b"data":
                return self._samples(at + 8, length)
            self._note(name, self.file.read(min(length, 64)))
            at += 8 + length + length % 2
        return WavHeader(self.tag, self.byte_rate, None, None)

    def _note(self, name: bytes, body: bytes) -> None:
        if name == b"fmt " and len(body) >= 14:
            self.tag, _, _, self.byte_rate = struct.unpack_from("<HHII", body)
        elif name == b"ds64" and len(body) >= 16:
            self.long_size = struct.unpack_from("<Q", body, 8)[0]

    def _samples(self, at: int, length: int) -> WavHeader:
        present = max(0, self.size - at)
        promised: int | None = length
        if length == _UNKNOWN_SIZE:
            promised = self.long_size
        elif length == 0 and present:
            # Either no sound, or a recorder that never came to fill in the size.
            promised = 0 if self._chunk_follows(at) else None
        known = present if promised is None else min(present, promised)
        return WavHeader(self.tag, self.byte_rate, promised, known)

    def _chunk_follows(self, at: int) -> bool:
        self.file.seek(at)
        return self.file.read(4) in _AFTER_DATA
