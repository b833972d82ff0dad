"""What the channels of a recording hold: two people apart, or the same sound twice."""

from dataclasses import dataclass

import numpy as np

SAME_DB = -30.0
"""The difference of two channels is this far below their sum when both hold one and the same sound."""
DEAD_DBFS = -75.0
"""A channel that never rises above this carries nothing, not even line noise."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``samples`` is what to work on: (2, n) when the channels hold different people, else (1, n)."""

    samples: np.ndarray
    note: str = ""


def layout(samples: np.ndarray) -> Layout:
    """Tell real two-channel recordings from mono in a two-channel file.

    ``samples`` is (channels, n) float32. A dead channel is dropped.
    """
    if samples.shape[0] < 2:
        return Layout(samples[:1])
    left, right = samples[0], samples[1]
    if _level(left - right) < _level(left + right) + SAME_DB:
        return Layout(samples[:1], "both channels hold the same sound: treated as mono")
    dead = [_level(channel) < DEAD_DBFS for channel in (left, right)]
    if all(dead):
        return Layout(samples[:1], "both channels are dead")
    if any(dead):
        alive = int(dead[0])
        return Layout(samples[alive : alive + 1], f"channel {1 - alive} is dead: treated as mono")
    return Layout(samples[:2])


def _level(samples: np.ndarray) -> float:
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(max(power, 1e-12)))
