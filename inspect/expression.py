"""One expression and how exactly it hears: all its matches in a line."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from .limits import Budget
from .misheard import is_misheard, ways
from .patterns import Finder, compile_pattern, finder, spans, whole
from .sounds import Precision

Match = tuple[int, int, bool]
"""Start and end within the line, in characters, and whether it is also written so."""
_MAY_CROSS_LINES = re.compile(r"\\[A-Zac-ce-z0-9]|\(\?(?!:|P?<)|\[:")
"""What an expression holds when its matches could depend on what follows or precedes the line."""


class Expression:
    """``source`` compiled for text as it is written and, by sound, for text as it is heard."""

    __slots__ = ("_heard", "_hears_all", "_keeps_lines", "_whole", "_written", "precision", "source")

    def __init__(self, source: str, precision: Precision) -> None:
        self.source = source
        self.precision = precision
        compiled = compile_pattern(source)
        self._whole = whole(compiled)
        self._written = finder(compiled)
        exact = precision is Precision.EXACT
        self._heard = self._written if exact else finder(compile_pattern(source, precision))
        self._hears_all = exact or "[^" not in source
        self._keeps_lines = self._hears_all and not _MAY_CROSS_LINES.search(source)

    def matching(self, heard: Sequence[bytes]) -> Sequence[int]:
        """The places of those of these lines in which there is a match.

        They are read in one go: starting an automaton takes longer than reading a line.
        """
        if not self._keeps_lines:
            return range(len(heard))
        if len(heard) == 1:
            return (0,) if self._heard(heard[0], 0) else ()
        joined = b"\n".join(heard)
        if self._heard(joined, 0) is None:
            return ()
        starts = list(accumulate((len(line) + 1 for line in heard), initial=0))
        return sorted({bisect_right(starts, start) - 1 for start, _ in spans(self._heard, joined)})

    def find(self, line: str, written: bytes, heard: bytes, budget: Budget) -> Iterator[Match]:
        """Matches in a folded ``line``, which is also given as UTF-8, as written and as heard.

        Raises TooMuchWork when what may be misheard is more than the budget allows to try.
        """
        if self.precision is Precision.EXACT:
            yield from ((start, end, True) for start, end in _characters(self._written, written))
            return
        by_sound = _characters(self._heard, heard)
        if not by_sound and self._hears_all:  # [^我] does not take 握 for another by sound
            return
        exact = _characters(self._written, written)
        yield from ((start, end, True) for start, end in exact)
        for start, end in by_sound:
            if (start, end) not in exact and self._is_misheard(line[start:end], budget):
                yield start, end, False

    def _is_misheard(self, said: str, budget: Budget) -> bool:
        if self._whole(said.encode()):
            return False
        budget.spend(ways(self.source, said, self.precision))
        return is_misheard(self.source, said, self.precision)


def _characters(find: Finder, data: bytes) -> list[tuple[int, int]]:
    """Where an expression matches, from bytes to characters."""
    return [(len(data[:start].decode()), len(data[:end].decode())) for start, end in spans(find, data)]
