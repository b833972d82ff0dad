"""What is done with one recording: find it, decode, outline, transcribe, inspect, redact."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import RecordingError
from ..ingest.audio import Audio
from ..ingest.identity import as_local, sha256_of, size_and_time
from ..ingest.remote import is_remote
from ..inspect.engine import inspect_call
from ..inspect.rulebook import Rulebook
from ..inspect.types import Inspection
from ..privacy.redact import redact_utterances
from ..store import AudioFacts, Claimed, Peaks, Place, Result
from ..transcribe.types import Transcript
from .faults import StorageGone
from .steps import Steps

Samples = npt.NDArray[np.float32]
RATE = 16000
PEAKS_PER_SECOND = 50
Decode = Callable[[Path, int, int], tuple[Audio, bytes, dict[str, float]]]
"""File, rate in Hz and outline's buckets a second → sound, packed outline, seconds of each step."""


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
    """A decoded recording."""

    claimed: Claimed
    audio: Audio
    peaks: Peaks
    steps: Steps = field(default_factory=Steps)

    @property
    def facts(self) -> AudioFacts:
        audio = self.audio
        channels = int(audio.samples.shape[0])
        return AudioFacts(
            audio.container, audio.codec, audio.native_rate, channels, audio.seconds, audio.warnings
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording with its new transcript; the sound is no longer held."""

    claimed: Claimed
    facts: AudioFacts
    peaks: Peaks
    transcript: Transcript
    steps: Steps


@dataclass(frozen=True, slots=True)
class Known:
    """A stored transcript that is to be inspected again."""

    claimed: Claimed
    transcript: Transcript
    steps: Steps


def load(claimed: Claimed, decode: Decode, steps: Steps | None = None) -> Loaded:
    """Find, decode and outline a recording. Raises RecordingError when it cannot be used."""
    steps = steps or Steps()
    with steps.step("probe"):
        path = locate(claimed)
    fetching = time.perf_counter()
    with as_local(path) as (file, sha256):
        if sha256 is not None:
            steps.add("fetch", fetching, time.perf_counter() - fetching)
        if sha256 not in (None, claimed.sha256):
            raise ChangedFile("its content was changed after it was added", f"run callqa run {path} again")
        start = time.perf_counter()
        audio, outline, seconds = decode(file, RATE, PEAKS_PER_SECOND)
    steps.add("decode", start, seconds["decode"])
    steps.add("peaks", start + seconds["decode"], seconds["peaks"])
    return Loaded(claimed, audio, Peaks(PEAKS_PER_SECOND, outline), steps)


def transcribe(loaded: Sequence[Loaded], recogniser: Recogniser) -> list[Heard]:
    """Transcribe recordings together; each is charged its share of the time, by its length."""
    start = time.perf_counter()
    transcripts = recogniser.transcribe_many([one.audio.samples for one in loaded], RATE)
    took = time.perf_counter() - start
    total = sum(one.audio.seconds for one in loaded) or 1.0
    for one in loaded:
        one.steps.add("transcribe", start, took * one.audio.seconds / total)
    return [
        Heard(one.claimed, one.facts, one.peaks, transcript, one.steps)
        for one, transcript in zip(loaded, transcripts, strict=True)
    ]


def examine(heard: Heard, rulebook: Rulebook) -> Result:
    """Inspect and redact; a recording without speech is not inspected."""
    transcript, steps = heard.transcript, heard.steps
    with steps.step("inspect"):
        spoken = bool(transcript.utterances)
        inspection = inspect_call(transcript, rulebook, heard.claimed.metadata) if spoken else None
    with steps.step("redact"):
        redacted = redact_utterances(transcript.utterances)
    return Result(heard.facts, transcript, inspection, redacted, heard.peaks, steps.seconds)


def examine_again(known: Known, rulebook: Rulebook) -> Inspection:
    """Inspect a stored transcript, without its sound."""
    with known.steps.step("inspect"):
        return inspect_call(known.transcript, rulebook, known.claimed.metadata)


def locate(claimed: Claimed) -> Path:
    """A file that is there and still holds the recording; the first place that does.

    Raises StorageGone when not only the file is away but the folder it was in.
    """
    changed = None
    for place in claimed.places:
        try:
            if _holds(place, claimed.sha256):
                return place.path
        except FileNotFoundError:
            continue
        changed = place.path
    if changed is not None:
        raise ChangedFile("its file was changed after it was added", f"run callqa run {changed} again")
    known = ", ".join(str(place.path) for place in claimed.places) or "nowhere"
    for place in claimed.places:
        if not is_remote(place.path) and not place.path.parent.is_dir():
            raise StorageGone(f"the folder {place.path.parent} is not there")
    raise MissingFile(f"its file is gone (it was at {known})", "bring it back, then run callqa retry")


def _holds(place: Place, sha256: str) -> bool:
    same = size_and_time(place.path) == (place.size_bytes, place.mtime_ns)
    return same or sha256_of(place.path) == sha256
