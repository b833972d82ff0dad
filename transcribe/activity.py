"""Where somebody speaks on each channel: Silero's speech probability, and a gate against cross-talk."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .types import Span

RATE = 16000
FRAME = 512
"""Samples a frame; Silero VAD knows no other at 16 kHz."""
FRAME_SECONDS = FRAME / RATE
ONSET, OFFSET = 0.3, 0.2
"""Speech starts above the first probability and ends below the second."""
JOIN_SECONDS = 0.4
"""Shorter pauses do not end an utterance."""
SHORTEST_SECONDS = 0.1
PAD_SECONDS = 0.06
CROSSTALK_DB = 18.0
"""A channel this much quieter than the other hears only the other's bleed."""
_CROSSTALK_FRAMES = 3
"""Frames to either side that the levels are compared over; covers the delay of an echo."""
_SILENCE_DBFS = -100.0
_STRETCH, _LEAD = 18750 * FRAME, 250 * FRAME
"""Ten minutes are looked at together, after eight seconds before them: hours at once would fill memory."""


def speech_segments(samples: np.ndarray, join_seconds: float = JOIN_SECONDS) -> list[list[Span]]:
    """Speech of each channel of ``samples`` (channels, samples) float32 at 16 kHz, as sorted spans.

    With two channels, speech that is only the other channel's bleed is left out. Pauses shorter than
    ``join_seconds`` do not end a span.
    """
    probabilities = [speech_probability(channel) for channel in samples]
    levels = [frame_levels(channel) for channel in samples]
    duration = samples.shape[1] / RATE
    return [
        _spans(_active(p, _bleed(levels, channel)), duration, join_seconds)
        for channel, p in enumerate(probabilities)
    ]


def speech_probability(samples: np.ndarray) -> np.ndarray:
    """Speech probability (frames,) of ``samples`` (samples,), one a FRAME."""
    parts = [_probability(samples, at) for at in range(0, len(samples), _STRETCH)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)


def _probability(samples: np.ndarray, at: int) -> np.ndarray:
    """Speech probability of one stretch; what is heard before it only sets the model's state."""
    lead = min(at, _LEAD)
    heard = samples[at - lead : at + _STRETCH]
    probability: np.ndarray = _silero()(np.pad(heard, (0, -len(heard) % FRAME))).reshape(-1)
    return probability[lead // FRAME :]


def frame_levels(samples: np.ndarray) -> np.ndarray:
    """Level in dBFS (frames,) of ``samples`` (samples,), one a FRAME."""
    parts = [_power(samples[at : at + _STRETCH]) for at in range(0, len(samples), _STRETCH)]
    power = np.concatenate(parts) if parts else np.zeros(0)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_SILENCE_DBFS / 10))))


def _power(samples: np.ndarray) -> np.ndarray:
    frames = np.pad(samples, (0, -len(samples) % FRAME)).reshape(-1, FRAME)
    return np.asarray(np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / FRAME)


@cache
def _silero() -> Any:
    from faster_whisper.vad import get_vad_model

    return get_vad_model()


def _bleed(levels: list[np.ndarray], channel: int) -> np.ndarray:
    own = _widest(levels[channel])
    if len(levels) < 2:
        return np.zeros(len(own), dtype=bool)
    other = _widest(levels[1 - channel])
    return np.asarray(other - own > CROSSTALK_DB)


def _widest(levels: np.ndarray) -> np.ndarray:
    if not len(levels):
        return levels
    width = _CROSSTALK_FRAMES
    windows = sliding_window_view(np.pad(levels, width, mode="edge"), 2 * width + 1)
    widest: np.ndarray = windows.max(axis=1)
    return widest


def _active(probability: np.ndarray, bleed: np.ndarray) -> np.ndarray:
    """Frames that speak: hysteresis between ONSET and OFFSET, never where only bleed is heard."""
    state = np.zeros(len(probability), dtype=np.int8)
    state[probability >= ONSET] = 1
    state[(probability < OFFSET) | bleed] = -1
    # Frames between the two thresholds keep the state of the last decided frame.
    decided = np.where(state != 0, np.arange(len(state)), 0)
    last = np.maximum.accumulate(decided) if len(state) else decided
    active: np.ndarray = state[last] == 1
    return active


def _spans(active: np.ndarray, duration: float, join_seconds: float = JOIN_SECONDS) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    raw = [(int(b) * FRAME_SECONDS, int(e) * FRAME_SECONDS) for b, e in edges.reshape(-1, 2)]
    joined: list[tuple[float, float]] = []
    for start, end in raw:
        if joined and start - joined[-1][1] < join_seconds:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    kept = [(s, e) for s, e in joined if e - s >= SHORTEST_SECONDS]
    return _padded(kept, duration)


def _padded(spans: list[tuple[float, float]], duration: float) -> list[Span]:
    """Widen each span by PAD_SECONDS, but never over half the pause to its neighbour."""
    if not spans:
        return []
    middles = [0.0, *((left[1] + right[0]) / 2 for left, right in pairwise(spans)), duration]
    return [
        Span(max(s - PAD_SECONDS, low), min(e + PAD_SECONDS, high))
        for (s, e), (low, high) in zip(spans, pairwise(middles), strict=True)
    ]
