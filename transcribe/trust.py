"""How far to believe what was heard: confidence that means something, and times that cannot be right.

Whisper's probabilities are no frequencies: of the characters it gives 0.3, six in ten are right. The table
was fitted for Whisper base on every second labelled call and held on the others (docs/transcription.md).
Characters that ``homophones`` or the lexicon put in the place of others are right in eleven of twenty.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .types import Word

_SEEN = (0.0, 0.35, 0.5, 0.65, 0.75, 0.85, 0.925, 0.965, 0.99, 1.0)
_RIGHT = (0.62, 0.65, 0.7, 0.76, 0.8, 0.885, 0.93, 0.963, 0.98, 0.985)
PUT_RIGHT = 0.55
"""Share of the characters written in place of others that are right."""
SHORTEST_SECONDS = 0.04
"""Nobody says a character in less."""
LONGEST_SECONDS = 2.5
"""Nor holds one for longer; a word of Latin letters or digits may take this long a character."""
UNTIMED_SHARE = 0.34
"""With so many impossible words the alignment was lost."""


def calibrated(before: Sequence[Word], after: Sequence[Word]) -> list[Word]:
    """``after`` with the share of such characters that are right as confidence.

    ``before`` are the same words as the recogniser wrote them, with its probabilities.
    """
    right = np.interp([w.confidence for w in before], _SEEN, _RIGHT)
    return [
        replace(new, confidence=float(r) if new.text == old.text else min(float(r), PUT_RIGHT))
        for old, new, r in zip(before, after, right, strict=True)
    ]


def times_doubtful(words: Sequence[Word]) -> bool:
    """Whether the times of ``words`` were rather guessed than measured."""
    impossible = sum(not _possible(w) for w in words)
    return impossible >= 2 and impossible >= UNTIMED_SHARE * len(words)


def _possible(word: Word) -> bool:
    seconds = word.end - word.start
    return SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS * max(1, len(word.text.strip()))
