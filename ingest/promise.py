"""How long a recording is by its own header, where a header says."""

import struct
from typing import Final

from av.audio.stream import AudioStream
from av.container import InputContainer

from .riff import WavHeader

_WITH_LENGTH: Final = frozenset({"flac", "mov", "matroska", "au", "aiff", "caf", "tta", "ape", "wv"})
"""Containers whose header holds the length; elsewhere FFmpeg's duration is a guess from the size."""
_XING_FRAMES: Final = 1
_XING: Final = (b"Xing", b"Info")


def promised_seconds(
    container: InputContainer, stream: AudioStream, wav: WavHeader | None, head: bytes
) -> float | None:
    """Seconds of sound by the header, None when it does not say; ``head`` is the file's beginning."""
    name = container.format.name.split(",")[0]
    if wav is not None:
        return wav.promised_seconds
    if name == "mp3":
        return _by_xing(head, stream.rate)
    if name in _WITH_LENGTH:
        return stated_seconds(container, stream)
    return None


def stated_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    """FFmpeg's duration, which may be a guess."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    # The container counts in microseconds.
    return None if container.duration is None else container.duration / 1e6


def _by_xing(head: bytes, rate: int) -> float | None:
    at = min((i for i in map(head.find, _XING) if i >= 0), default=-1)
    if at < 0 or len(head) < at + 12:
        return None
    flags, frames = struct.unpack_from(">II", head, at + 4)
    samples_per_frame = 1152 if rate >= 32_000 else 576
    return frames * samples_per_frame / rate if flags & _XING_FRAMES else None
