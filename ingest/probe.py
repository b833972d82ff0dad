"""What a recording is, without decoding it."""

from dataclasses import dataclass
from pathlib import Path

import av

from ..errors import DamagedRecording
from .opened import open_recording
from .promise import stated_seconds


@dataclass(frozen=True, slots=True)
class Probe:
    """The header's word; ``decode`` may find less."""

    container: str
    codec: str
    rate: int
    """Hz."""
    channels: int
    seconds: float | None
    """None when the file does not say and the size does not tell."""


def probe(path: Path) -> Probe:
    """Read the header of ``path``; raises what ``audio.decode`` raises for files that cannot be opened."""
    try:
        with open_recording(path) as opened:
            seconds = stated_seconds(opened.container, opened.stream)
            stream = opened.stream
            return Probe(opened.format, opened.codec, stream.rate, stream.channels, seconds)
    except av.FFmpegError as error:
        raise DamagedRecording(f"it cannot be read ({error.strerror})") from error
