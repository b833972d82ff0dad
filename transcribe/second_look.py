"""Recognition with a second look: what comes back unsure, or with text missing, is heard again.

Whisper sometimes skips whole sentences of a window, most confidently. The pieces of a window are known,
so a piece of speech that got no words shows it; such windows are heard again in smaller portions, and so are
those in which it ran in circles.

The prompt helps with calls and harms everything else: Whisper bends what it hears towards it, or repeats it.
A recording in which nothing sounds like a call is heard again without the prompt. So is a window that Whisper
was unsure of; the surer of the two stays.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from .chinese import CHINESE, simplify
from .measures import spoken_length
from .recogniser import Heard
from .roles import sounds_like_a_call
from .utterances import mean_confidence
from .windows import Window, halves

LEAST_RATE = 1.0
"""Characters a second; a piece with fewer has lost text."""
LONG_ENOUGH_SECONDS = 1.0
"""Shorter pieces may be a breath or a cough."""
UNSURE = 0.6
"""Below this mean confidence (geometric) a window is heard again without the prompt."""
_ROUNDS = 4

Job = tuple[int, Window]
"""A window and the number of the recording it was cut from."""


class Recognises(Protocol):
    """What a recogniser is to this module."""

    def recognise(
        self, windows: Sequence[np.ndarray], progress: Callable[[int], None], *, prompted: bool
    ) -> list[Heard]: ...


def recognise(
    recogniser: Recognises,
    recordings: Sequence[np.ndarray],
    jobs: Sequence[Job],
    progress: Callable[[int, int], None],
) -> list[tuple[Job, Heard]]:
    """Each window of ``jobs`` heard; those that lost text or looped replaced by smaller ones."""
    done: list[tuple[Job, Heard]] = []
    open_jobs, prompted = list(jobs), True
    for round_ in range(_ROUNDS):
        cuts = [window.samples(recordings[i]) for i, window in open_jobs]
        tell = _teller(progress, len(cuts)) if round_ == 0 else lambda _: None
        heard = recogniser.recognise(cuts, tell, prompted=prompted)
        if prompted:
            heard = _surer(recogniser, cuts, heard, _strangers(open_jobs, heard))
        results = list(zip(open_jobs, heard, strict=True))
        last = round_ == _ROUNDS - 1
        lost = [] if last else [job for job, h in results if _failed(job[1], h) and _can_retry(job, round_)]
        done.extend((job, h) for job, h in results if job not in lost)
        if not lost:
            break
        open_jobs, prompted = [(i, half) for i, window in lost for half in halves(window)], False
    return done


def _surer(
    recogniser: Recognises, cuts: Sequence[np.ndarray], heard: Sequence[Heard], strangers: Sequence[bool]
) -> list[Heard]:
    """``heard`` with windows heard without the prompt: all ``strangers``, and the unsure if that is surer."""
    chosen = list(heard)
    open_ = [
        i for i, h in enumerate(heard) if h.words and (strangers[i] or mean_confidence(h.words) < UNSURE)
    ]
    again = recogniser.recognise([cuts[i] for i in open_], lambda _: None, prompted=False) if open_ else []
    for i, other in zip(open_, again, strict=True):
        surer = other.words and mean_confidence(other.words) > mean_confidence(heard[i].words)
        if surer or (other.words and strangers[i]):
            chosen[i] = other
    return chosen


def _strangers(jobs: Sequence[Job], heard: Sequence[Heard]) -> list[bool]:
    """Of each window whether nothing in its recording sounds like a call."""
    calls = {i for (i, _), h in zip(jobs, heard, strict=True) if sounds_like_a_call(_text(h))}
    return [h.language in CHINESE and i not in calls for (i, _), h in zip(jobs, heard, strict=True)]


def _text(heard: Heard) -> str:
    return simplify("".join(w.text for w in heard.words))


def _can_retry(job: Job, round_: int) -> bool:
    """A single piece gets one more chance, without the prompt; several are taken apart."""
    return round_ < _ROUNDS - 1 and (len(job[1].placed) > 1 or round_ == 0)


def _failed(window: Window, heard: Heard) -> bool:
    """A loop takes the place of what was said, even where its repetition is forbidden."""
    return heard.looped or _lost_text(window, heard)


def _lost_text(window: Window, heard: Heard) -> bool:
    counts = dict.fromkeys(range(len(window.placed)), 0)
    index = {id(p): i for i, p in enumerate(window.placed)}
    for word in heard.words:
        counts[index[id(window.place_of(word.start, word.end))]] += spoken_length(word.text)
    return any(
        p.piece.span.duration >= LONG_ENOUGH_SECONDS and counts[i] < LEAST_RATE * p.piece.span.duration
        for i, p in enumerate(window.placed)
    )


def _teller(progress: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    return lambda done: progress(done, total)
