"""Work in batches: one after the other on a GPU, shrinking with its memory; one a core on a processor."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_TOO_LITTLE_MEMORY = ("out of memory", "ALLOC_FAILED")
"""What CUDA, CTranslate2 and cuBLAS say; the first two raise a plain RuntimeError as well."""


class Batches:
    """Cuts work into batches of at most ``size``.

    When a batch does not fit into memory, ``size`` is halved for good and the batch is tried again, so a
    large model on a small GPU is slow instead of failing every recording.
    """

    def __init__(self, size: int, hands: int = 1, prepare: Callable[[], object] = lambda: None) -> None:
        """``hands`` batches are worked on at once, each in a thread of its own that called ``prepare``."""
        self.size = size
        self.hands, self._prepare = hands, prepare

    def run(self, items: Sequence[T], work: Callable[[Sequence[T]], list[R]]) -> Iterator[list[R]]:
        """``work`` of each batch of ``items``, in order. What fails on a single item is raised."""
        yield from self._side_by_side(items, work) if self.hands > 1 else self._in_turn(items, work)

    def _side_by_side(self, items: Sequence[T], work: Callable[[Sequence[T]], list[R]]) -> Iterator[list[R]]:
        size = min(self.size, max(1, math.ceil(len(items) / self.hands)))
        with ThreadPoolExecutor(self.hands, initializer=self._prepare) as pool:
            # Items may be made when they are taken, so a batch is taken when its turn comes.
            yield from pool.map(lambda at: work(items[at : at + size]), range(0, len(items), size))

    def _in_turn(self, items: Sequence[T], work: Callable[[Sequence[T]], list[R]]) -> Iterator[list[R]]:
        done = 0
        while done < len(items):
            batch = items[done : done + self.size]
            try:
                results = work(batch)
            except RuntimeError as error:
                if len(batch) == 1 or not _memory_ran_out(error):
                    raise
                self.size = len(batch) // 2
                continue
            done += len(batch)
            yield results


def _memory_ran_out(error: RuntimeError) -> bool:
    return any(words in str(error) for words in _TOO_LITTLE_MEMORY)
