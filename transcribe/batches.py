"""Work in batches that shrink when the GPU's memory is too small for them."""

from collections.abc import Callable, Iterator, Sequence
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

    def __init__(self, size: int) -> None:
        self.size = size

    def run(self, items: Sequence[T], work: Callable[[Sequence[T]], list[R]]) -> Iterator[list[R]]:
        """``work`` of each batch of ``items``, in order. What fails on a single item is raised."""
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
