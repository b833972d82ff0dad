"""Recognition with a second look: what comes back unsure, or with text missing, is heard again.

Whisper sometimes skips whole sentences of a window, most confidently. The pieces of a window are known,
so a piece of speech that got no words shows it; such windows are heard again in smaller portions, and so are
those in which it ran in circles.

The prompt helps with calls and harms everything else: Whisper bends what it hears towards it, or repeats it.
A recording in which nothing sounds like a call is heard again without the prompt. So is a window that Whisper
was unsure of; the surer of the two stays.
"""

import re
from collections.abc import Callable, Sequence
from typing import Protocol, overload

import numpy as np

from .chinese import CHINESE, simplify
from .measures import spoken_length
from .recogniser import PROMPT, Heard
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
ECHO_CHARACTERS = 12
"""An agent's greeting shares nine characters with the prompt at most."""
_SILENT = re.compile(r"[\W_]+")
_PROMPT = _SILENT.sub("", PROMPT)
_ECHOES = {_PROMPT[at : at + ECHO_CHARACTERS] for at in range(len(_PROMPT) - ECHO_CHARACTERS + 1)}

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
        cuts = _Cuts(recordings, open_jobs)
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


class _Cuts(Sequence[np.ndarray]):
    """The samples of each job's window, cut when asked for: those of a long recording would fill memory."""

    def __init__(self, recordings: Sequence[np.ndarray], jobs: Sequence[Job]) -> None:
        self._recordings, self._jobs = recordings, jobs

    def __len__(self) -> int:
        return len(self._jobs)

    @overload
    def __getitem__(self, at: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, at: slice) -> list[np.ndarray]: ...
    def __getitem__(self, at: int | slice) -> np.ndarray | list[np.ndarray]:
        if isinstance(at, slice):
            return [self._cut(job) for job in self._jobs[at]]
        return self._cut(self._jobs[at])

    def of(self, rows: Sequence[int]) -> "_Cuts":
        return _Cuts(self._recordings, [self._jobs[i] for i in rows])

    def _cut(self, job: Job) -> np.ndarray:
        return job[1].samples(self._recordings[job[0]])


def _surer(
    recogniser: Recognises, cuts: _Cuts, heard: Sequence[Heard], strangers: Sequence[bool]
) -> list[Heard]:
    """``heard`` with windows heard without the prompt: all ``strangers``, and the unsure if that is surer.

    What repeats the prompt is heard without it whatever comes then, and be it nothing.
    """
    chosen = list(heard)
    echoes = [echoes_prompt(_text(h)) for h in heard]
    open_ = [
        i
        for i, h in enumerate(heard)
        if h.words and (strangers[i] or echoes[i] or mean_confidence(h.words) < UNSURE)
    ]
    again = recogniser.recognise(cuts.of(open_), lambda _: None, prompted=False) if open_ else []
    for i, other in zip(open_, again, strict=True):
        surer = other.words and mean_confidence(other.words) > mean_confidence(heard[i].words)
        if surer or echoes[i] or (other.words and strangers[i]):
            chosen[i] = other
    return chosen


def echoes_prompt(text: str) -> bool:
    """Whether ``text`` has a stretch of the prompt too long for two people to have said the same."""
    spoken = _SILENT.sub("", text)
    return any(
        spoken[at : at + ECHO_CHARACTERS] in _ECHOES for at in range(len(spoken) - ECHO_CHARACTERS + 1)
    )


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
