"""Groups stretches of speech by voice: spherical 2-means over speaker embeddings, split while it pays.

Telephone calls have few speakers and turns of seconds, so one embedding a turn is both cheaper and
purer than one a sliding window. Bisecting k-means: Steinbach et al., "A Comparison of Document
Clustering Techniques", KDD Workshop on Text Mining, 2000.
"""

from dataclasses import dataclass

import numpy as np

SPLIT_SIMILARITY = 0.89
"""Centroids more alike than this (cosine) are one voice."""
SPLIT_GAIN = 0.026
"""A split must bring speech this much closer (mean cosine) to its centroid."""
LATER_SIMILARITY, LATER_GAIN = 0.5, 0.06
"""The same for a third and further voice: a call rarely has one."""
SMALLEST_SECONDS = 1.5
"""A voice heard for less than this is not a voice of its own."""
_STARTS = 30
_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class _Split:
    labels: np.ndarray
    similarity: float
    gain: float
    smaller: float


def group(embeddings: np.ndarray, seconds: np.ndarray, *, most: int) -> np.ndarray:
    """A voice number (n,) from 0 for each of ``embeddings`` (n, d), weighted by ``seconds`` (n,).

    At most ``most`` voices. Rows that are NaN (too short to embed) take the voice of the nearest row
    before them, else after them.
    """
    known = ~np.isnan(embeddings).any(axis=1)
    labels = np.full(len(embeddings), -1)
    if known.any():
        unit = embeddings[known] / np.linalg.norm(embeddings[known], axis=1, keepdims=True)
        labels[known] = _bisect(unit, seconds[known], most)
    return _filled(labels)


def _bisect(unit: np.ndarray, seconds: np.ndarray, most: int) -> np.ndarray:
    labels = np.zeros(len(unit), dtype=int)
    while (voices := int(labels.max()) + 1) < most:
        splits = {v: s for v in range(voices) if (s := _split(unit, seconds, labels == v, voices > 1))}
        if not splits:
            break
        voice, split = max(splits.items(), key=lambda item: item[1].gain)
        rows = np.flatnonzero(labels == voice)
        labels[rows[split.labels == 1]] = voices
    return labels


def _split(unit: np.ndarray, seconds: np.ndarray, rows: np.ndarray, later: bool) -> _Split | None:
    """The best split of ``rows`` in two, when it is worth one."""
    x, w = unit[rows], seconds[rows]
    if len(x) < 2 or w.sum() < 2 * SMALLEST_SECONDS:
        return None
    best = _two_means(x, w)
    similarity, gain = (LATER_SIMILARITY, LATER_GAIN) if later else (SPLIT_SIMILARITY, SPLIT_GAIN)
    if best is None or best.similarity > similarity or best.gain < gain or best.smaller < SMALLEST_SECONDS:
        return None
    return best


def _two_means(x: np.ndarray, w: np.ndarray) -> _Split | None:
    """Best of several starts; the starts are drawn with a fixed seed, so a call always groups alike."""
    rng = np.random.default_rng(0)
    whole = float(np.linalg.norm((x * w[:, None]).sum(axis=0)))
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for _ in range(_STARTS):
        centroids = x[rng.choice(len(x), 2, replace=False, p=w / w.sum())]
        found = _settle(x, w, centroids)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        return None
    fit, labels, centroids = best
    sizes = [float(w[labels == side].sum()) for side in (0, 1)]
    return _Split(labels, float(centroids[0] @ centroids[1]), (fit - whole) / float(w.sum()), min(sizes))


def _settle(
    x: np.ndarray, w: np.ndarray, centroids: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray] | None:
    labels = np.full(len(x), -1)
    for _ in range(_ROUNDS):
        nearest = (x @ centroids.T).argmax(axis=1)
        if not 0 < nearest.sum() < len(x):
            return None
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        sums = np.stack([(x[labels == side] * w[labels == side, None]).sum(axis=0) for side in (0, 1)])
        centroids = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return float((w * (x @ centroids.T).max(axis=1)).sum()), labels, centroids


def _filled(labels: np.ndarray) -> np.ndarray:
    """Unknown labels take the last known one before them; at the start, the first known one."""
    known = np.flatnonzero(labels >= 0)
    if not len(known):
        return np.zeros(len(labels), dtype=int)
    before = np.searchsorted(known, np.arange(len(labels)), side="right") - 1
    return np.asarray(labels[known[np.maximum(before, 0)]])
