"""What the channels of a recording hold: two people apart, or the same sound twice."""

import numpy as np

SAME_DB = -30.0
"""The difference of two channels is this far below their sum when both hold one and the same sound."""
DEAD_DBFS = -75.0
"""A channel that never rises above this carries nothing, not even line noise."""


def separate_channels(samples: np.ndarray) -> np.ndarray:
    """What to work on: (2, n) when the channels hold different people, else (1, n).

    ``samples`` is (channels, n) float32. Mono in a two-channel file is mono; a dead channel is dropped.
    """
    if samples.shape[0] < 2:
        return samples[:1]
    left, right = samples[0], samples[1]
    if _level(left - right) < _level(left + right) + SAME_DB:
        return samples[:1]
    alive = [i for i, channel in enumerate((left, right)) if _level(channel) >= DEAD_DBFS]
    if len(alive) == 2:
        return samples[:2]
    return samples[alive] if alive else samples[:1]


def _level(samples: np.ndarray) -> float:
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(max(power, 1e-12)))
