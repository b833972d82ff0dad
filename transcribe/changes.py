"""Where the speaker changes without a pause, and where two speak at once: votes of sliding windows.

pyannote's segmentation model names the speakers of each 10 s window anew; what windows agree on is
when the active speaker changes. A change that most windows over it see is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .types import Span

STEADY_SECONDS = 0.25
"""A speaker must hold the floor this long on both sides of a change."""
SAME_SECONDS = 0.3
"""Changes closer than this are one change seen twice."""
OVERLAP_SECONDS = 0.3
"""Shorter overlaps are breath and reverberation."""


@dataclass(frozen=True, slots=True)
class Windowed:
    """Output of the segmentation model: ``active`` (windows, frames, speakers) of 0 and 1.

    Window i starts at ``starts[i]`` seconds and each of its frames lasts ``frame`` seconds.
    """

    active: np.ndarray
    starts: np.ndarray
    frame: float

    def covering(self, time: float) -> int:
        """How many windows hear ``time`` with room to see a change there."""
        length = self.active.shape[1] * self.frame
        inside = (self.starts + STEADY_SECONDS < time) & (time < self.starts + length - STEADY_SECONDS)
        return int(inside.sum())


def speaker_changes(windowed: Windowed) -> list[float]:
    """Times in seconds at which one speaker hands over to another without a pause."""
    seen = sorted(t for i in range(len(windowed.starts)) for t in _changes_in(windowed, i))
    changes: list[float] = []
    group: list[float] = []
    for time in [*seen, float("inf")]:
        if group and time - group[0] > SAME_SECONDS:
            middle = float(np.median(group))
            if 2 * len(group) > windowed.covering(middle):
                changes.append(middle)
            group = []
        group.append(time)
    return changes


def overlapped(windowed: Windowed) -> list[Span]:
    """Stretches in which most windows hear two speakers at once."""
    frames = (
        round(windowed.starts[-1] / windowed.frame) + windowed.active.shape[1] if len(windowed.starts) else 0
    )
    votes, heard = np.zeros(frames), np.zeros(frames)
    for start, active in zip(windowed.starts, windowed.active, strict=True):
        at = round(start / windowed.frame)
        votes[at : at + len(active)] += active.sum(axis=1) > 1
        heard[at : at + len(active)] += 1
    both = 2 * votes > np.maximum(heard, 1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], both.astype(np.int8), [0]))))
    spans = [Span(b * windowed.frame, e * windowed.frame) for b, e in edges.reshape(-1, 2)]
    return [s for s in spans if s.duration >= OVERLAP_SECONDS]


def cut_at(spans: Sequence[Span], times: Sequence[float]) -> list[Span]:
    """``spans`` cut at those ``times`` that lie inside them."""
    pieces: list[Span] = []
    for span in spans:
        inside = [t for t in times if span.start + STEADY_SECONDS < t < span.end - STEADY_SECONDS]
        edges = [span.start, *inside, span.end]
        pieces.extend(Span(a, b) for a, b in pairwise(edges))
    return pieces


def _changes_in(windowed: Windowed, window: int) -> list[float]:
    """Changes that one window sees: from one speaker to another, both steady, hardly a gap between.

    Where both speak between, however long, the change is in the middle.
    """
    active = windowed.active[window]
    speakers = active.sum(axis=1)
    alone = np.where(speakers == 1, active.argmax(axis=1), -1)
    steady = round(STEADY_SECONDS / windowed.frame)
    runs = [(who, b, e) for who, b, e in _runs(alone) if who >= 0 and e - b >= steady]
    return [
        float(windowed.starts[window] + (left[2] + right[1]) / 2 * windowed.frame)
        for left, right in pairwise(runs)
        if left[0] != right[0] and int((speakers[left[2] : right[1]] < 2).sum()) <= 2 * steady
    ]


def _runs(values: np.ndarray) -> list[tuple[int, int, int]]:
    """(value, begin, end) of each stretch of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [(int(values[b]), b, e) for b, e in pairwise(edges) if e > b]
