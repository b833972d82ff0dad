"""Running a pair of rules on many candidates, on all cores where that pays."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..store.slim import CallPlace
from .candidates import CandidateIndex
from .compare import Ends, Pair, run_slim

WORTH_IT = 1000
"""With fewer calls the processes cost more than they save."""
CHUNK = 250


@dataclass(frozen=True)
class _Work:
    pair: Pair
    index: CandidateIndex
    calls: Mapping[int, CallPlace]

    def run(self, numbers: Sequence[int]) -> list[Ends]:
        slim = self.index.calls(numbers)
        return list(run_slim(self.pair, slim, lambda number: self.calls[number].call_data))


_work: _Work
"""In a child: what it took over when it was forked, so that nothing of it is copied or sent."""


def run_pairs(
    pair: Pair, index: CandidateIndex, calls: Mapping[int, CallPlace], tick: Callable[[], None]
) -> Iterator[Ends]:
    """What comes of each call; those on which neither version flags are left out."""
    numbers, work = sorted(calls), _Work(pair, index, calls)
    chunks = [numbers[k : k + CHUNK] for k in range(0, len(numbers), CHUNK)]
    if len(numbers) < WORTH_IT or not _may_fork():
        for chunk in chunks:
            tick()
            yield from work.run(chunk)
        return
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), _begin, (work,)) as pool:
        for ends in pool.imap_unordered(_run, chunks):
            tick()
            yield from ends


def _may_fork() -> bool:
    """A process with threads (the dashboard) must not be forked: their locks would never be let go."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    return forks and threading.active_count() == 1 and (os.cpu_count() or 1) > 1


def _begin(work: _Work) -> None:
    global _work
    _work = work
    work.index.forked()


def _run(numbers: Sequence[int]) -> list[Ends]:
    return _work.run(numbers)
