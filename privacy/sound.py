"""Personal data out of sound: the seconds in which it is said become a tone or silence, on all channels.

All channels, because each hears something of the other.
"""

import io
import wave
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..ingest.audio import Audio
from ..transcribe.types import Utterance, Word
from .spans import Span, spans_of

Samples = npt.NDArray[np.float32]
How = Literal["beep", "silence"]
BEFORE, AFTER = 0.15, 0.25
"""Seconds around the words: a word's times are those of its middle, more or less."""
UNSURE = 0.6
"""Seconds around where an utterance has no words and its time is spread over its characters."""
JOIN = 0.4
"""Stretches that are nearer than so many seconds become one."""
TONE_HZ, TONE_LEVEL, FADE = 1000.0, 0.05, 0.005


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """From ``start`` to ``end``, in seconds."""

    start: float
    end: float


def stretches_of(
    utterances: Sequence[Utterance], kinds: Collection[str] | None = None
) -> tuple[Stretch, ...]:
    """When personal data is said, margins included, in order and apart; ``kinds`` as the settings say."""
    found = [
        stretch
        for u, spans in zip(utterances, spans_of(utterances, kinds), strict=True)
        for stretch in _in_utterance(u, spans)
    ]
    joined: list[Stretch] = []
    for stretch in sorted(found):
        if joined and stretch.start - joined[-1].end < JOIN:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return tuple(joined)


def _in_utterance(u: Utterance, spans: Sequence[Span]) -> Iterator[Stretch]:
    places = list(_places(u.words))
    whole = bool(places) and "".join(w.text for w in u.words) == u.text
    for span in spans:
        said = [w for first, last, w in places if first < span.end and span.start < last] if whole else []
        if said:
            start, end, before, after = said[0].start, max(w.end for w in said), BEFORE, AFTER
        else:
            step = (u.end - u.start) / max(1, len(u.text))
            start, end = u.start + span.start * step, u.start + span.end * step
            before = after = UNSURE
        yield Stretch(max(0.0, start - before), end + after)


def _places(words: Sequence[Word]) -> Iterator[tuple[int, int, Word]]:
    at = 0
    for word in words:
        yield at, at + len(word.text), word
        at += len(word.text)


def hidden(samples: Samples, rate: int, stretches: Sequence[Stretch], how: How = "beep") -> Samples:
    """A copy of ``samples`` (channels, samples) at ``rate`` Hz with every stretch replaced."""
    out = samples.copy()
    for stretch in stretches:
        first, last = int(stretch.start * rate), min(int(np.ceil(stretch.end * rate)), out.shape[1])
        if first < last:
            out[:, first:last] = _tone(last - first, rate) if how == "beep" else 0.0
    return out


def _tone(count: int, rate: int) -> npt.NDArray[Any]:
    moments = np.arange(count) / rate
    tone = TONE_LEVEL * np.sin(2 * np.pi * TONE_HZ * moments)
    edge = np.minimum(1.0, np.minimum(moments, moments[::-1]) / FADE)
    return (tone * edge).astype(np.float32)


def wav_bytes(audio: Audio, stretches: Sequence[Stretch] = (), how: How = "beep") -> bytes:
    """``audio`` as 16-bit WAV, with the stretches replaced."""
    samples = np.rint(np.clip(hidden(audio.samples, audio.rate, stretches, how), -1, 1) * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        file.writeframes(samples.T.tobytes())
    return out.getvalue()


def write_redacted(path: Path, audio: Audio, stretches: Sequence[Stretch], how: How = "beep") -> None:
    """Write it in one step: a file that is there is whole."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(wav_bytes(audio, stretches, how))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
