"""What a transcript is made of. Times are seconds from the start of the recording, as float."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Who speaks, as the rules see it."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    """A machine: announcements of the telephone system."""
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    """Why an utterance should not be taken at its word."""

    LOW_CONFIDENCE = "low_confidence"
    REPETITION = "repetition"
    """A repeated phrase was cut out of what the recogniser wrote."""
    ODD_RATE = "odd_rate"
    """More or fewer characters a second than people speak."""
    OVERLAP = "overlap"
    """Both spoke at once on one channel."""
    TIMES = "times"
    """Word times were estimated, not measured."""


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised token: a Chinese character or a Latin word or number, with its punctuation."""

    start: float
    end: float
    text: str
    confidence: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One person's speech without a longer pause; ``text`` is the joined text of ``words``.

    ``words`` may be empty when only the text is known (imported transcripts, rule tests).
    """

    index: int
    start: float
    end: float
    speaker: str
    role: Role
    text: str
    confidence: float = 1.0
    words: tuple[Word, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    channel: int | None = None
    """The channel it was heard on, from 0; None when the recording is mono."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the recording."""

    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Interruption:
    """``by`` started to speak at ``start`` although the other had not finished (until ``end``)."""

    start: float
    end: float
    by: Role
    utterance: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Acoustic measures of one call; mappings are keyed by role."""

    speech_seconds: Mapping[str, float] = field(default_factory=dict)
    talk_ratio: Mapping[str, float] = field(default_factory=dict)
    """Share of all speech, 0 to 1."""
    silences: tuple[Span, ...] = ()
    """Pauses of 2 s or more in which nobody speaks."""
    silence_seconds: float = 0.0
    overlap_seconds: float = 0.0
    interruptions: tuple[Interruption, ...] = ()
    chars_per_minute: Mapping[str, float] = field(default_factory=dict)
    loudness_dbfs: Mapping[str, float] = field(default_factory=dict)
    """Mean level while speaking; empty when there was no sound to measure."""
    utterance_dbfs: Mapping[str, float] = field(default_factory=dict)
    """Mean level of each utterance, by its index in decimal; empty when there was no sound to measure."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one recording, by whom and when."""

    duration: float
    channels: int
    language: str
    utterances: tuple[Utterance, ...]
    measures: Measures
    models: Mapping[str, str] = field(default_factory=dict)
    """``{"asr": …, "diarization": …}``: what made this transcript."""
