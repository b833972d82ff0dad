"""What the channels of a recording hold: two people apart, or the same sound twice."""

import numpy as np

SAME_DB = -30.0
"""The difference of two channels is this far below their sum when both hold one and the same sound."""
DEAD_DBFS = -75.0
"""A channel that never rises above this carries nothing, not even line noise."""

_BLOCK = 1 << 20
"""Samples looked at together: hours of float64 would fill memory."""


def separate_channels(samples: np.ndarray) -> np.ndarray:
    """What to work on: (2, n) when the channels hold different people, else (1, n).

    ``samples`` is (channels, n) float32. Mono in a two-channel file is mono; a dead channel is dropped.
    """
    if samples.shape[0] < 2:
        return samples[:1]
    left, right = samples[0], samples[1]
    if _level(left, right, -1) < _level(left, right) + SAME_DB:
        return samples[:1]
    alive = [i for i, channel in enumerate((left, right)) if _level(channel) >= DEAD_DBFS]
    if len(alive) == 2:
        return samples[:2]
    return samples[alive] if alive else samples[:1]


def _level(left: np.ndarray, right: np.ndarray | None = None, sign: int = 1) -> float:
    """Level in dBFS of one channel, or of ``left`` plus ``sign`` times ``right``."""
    total = 0.0
    for at in range(0, len(left), _BLOCK):
        block = left[at : at + _BLOCK]
        if right is not None:
            block = block + sign * right[at : at + _BLOCK]
        total += float(np.sum(np.square(block, dtype=np.float64)))
    power = total / max(1, len(left))
    return 10 * float(np.log10(max(power, 1e-12)))
