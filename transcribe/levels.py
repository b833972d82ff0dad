"""How loud each utterance is."""

from collections.abc import Mapping, Sequence

import numpy as np

from .activity import RATE, frame_levels
from .types import Utterance

_FRAMES_PER_SECOND = RATE / 512


def utterance_levels(samples: np.ndarray, utterances: Sequence[Utterance]) -> Mapping[str, float]:
    """Mean level in dBFS of each utterance on its channel of ``samples`` (channels, samples), by index."""
    levels = [frame_levels(channel) for channel in samples]
    found = {}
    for u in utterances:
        first = int(u.start * _FRAMES_PER_SECOND)
        frames = levels[u.channel or 0][first : max(first + 1, int(u.end * _FRAMES_PER_SECOND))]
        if len(frames):
            found[str(u.index)] = round(10 * float(np.log10(np.mean(10 ** (frames / 10)))), 1)
    return found
