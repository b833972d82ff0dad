"""What is done with one recording: decode, outline, transcribe, inspect, redact."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import RecordingError
from ..ingest import peaks
from ..ingest.audio import Audio, decode
from ..ingest.identity import sha256_of
from ..inspect.engine import inspect_call
from ..inspect.rulebook import Rulebook
from ..privacy.redact import redact_utterances
from ..store import AudioFacts, Claimed, Peaks, Result
from ..transcribe.types import Transcript

Samples = npt.NDArray[np.float32]
RATE = 16000
PEAKS_PER_SECOND = 50


class Recogniser(Protocol):
    """Turns sound into transcripts; each recording is float32 (channels, samples) at ``rate`` Hz."""

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``; a GPU is fed with several recordings at once."""

    def transcribe_many(self, recordings: Sequence[Samples], rate: int) -> Sequence[Transcript]: ...


class MissingFile(RecordingError):
    """No file holds the recording any more."""

    kind = "missing"


class ChangedFile(RecordingError):
    """The file now holds something else than when it was added."""

    kind = "changed"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A decoded recording with the time each step took."""

    claimed: Claimed
    audio: Audio
    peaks: Peaks
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def facts(self) -> AudioFacts:
        audio = self.audio
        channels = int(audio.samples.shape[0])
        return AudioFacts(
            audio.container, audio.codec, audio.native_rate, channels, audio.seconds, audio.warnings
        )


@dataclass(frozen=True, slots=True)
class Transcribed:
    """A recording with its transcript and the seconds it took."""

    loaded: Loaded
    transcript: Transcript
    seconds: float


def load(claimed: Claimed) -> Loaded:
    """Find, decode and outline a recording. Raises RecordingError when it cannot be used."""
    seconds: dict[str, float] = {}
    path = locate(claimed)
    with _timed(seconds, "decode"):
        audio = decode(path, RATE)
    with _timed(seconds, "peaks"):
        outline = peaks.to_bytes(peaks.peaks(audio.samples, audio.rate, PEAKS_PER_SECOND))
    return Loaded(claimed, audio, Peaks(PEAKS_PER_SECOND, outline), seconds)


def transcribe(loaded: Sequence[Loaded], recogniser: Recogniser) -> list[Transcribed]:
    """Transcribe recordings together; each is charged its share of the time, by its length."""
    start = time.perf_counter()
    transcripts = recogniser.transcribe_many([one.audio.samples for one in loaded], RATE)
    took = time.perf_counter() - start
    total = sum(one.audio.seconds for one in loaded) or 1.0
    shares = [round(took * one.audio.seconds / total, 3) for one in loaded]
    return [Transcribed(*each) for each in zip(loaded, transcripts, shares, strict=True)]


def examine(transcribed: Transcribed, rulebook: Rulebook) -> Result:
    """Inspect and redact; a recording without speech is not inspected."""
    loaded, transcript = transcribed.loaded, transcribed.transcript
    seconds = {**loaded.seconds, "transcribe": transcribed.seconds}
    with _timed(seconds, "inspect"):
        spoken = bool(transcript.utterances)
        inspection = inspect_call(transcript, rulebook, loaded.claimed.metadata) if spoken else None
    with _timed(seconds, "redact"):
        redacted = redact_utterances(transcript.utterances)
    return Result(loaded.facts, transcript, inspection, redacted, loaded.peaks, seconds)


def locate(claimed: Claimed) -> Path:
    """A file that is there and still holds the recording; the first place that does."""
    changed = None
    for place in claimed.places:
        try:
            status = place.path.stat()
        except OSError:
            continue
        same = (status.st_size, status.st_mtime_ns) == (place.size_bytes, place.mtime_ns)
        if same or sha256_of(place.path) == claimed.sha256:
            return place.path
        changed = place.path
    if changed is not None:
        raise ChangedFile("its file was changed after it was added", f"run callqa run {changed} again")
    known = ", ".join(str(place.path) for place in claimed.places) or "nowhere"
    raise MissingFile(f"its file is gone (it was at {known})", "bring it back, then run callqa retry")


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[stage] = round(time.perf_counter() - start, 3)
