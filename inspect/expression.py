"""One expression and how exactly it hears: all its matches in some lines."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from .limits import Budget
from .misheard import MIN_SOUND_LENGTH, is_misheard, ways
from .patterns import Finder, compile_pattern, finder, spans, whole
from .sounds import Precision

Span = tuple[int, int]
"""Start and end within a line, in characters."""
Match = tuple[int, int, bool]
"""The same, and whether it is also written so."""
Found = tuple[int, Sequence[Span], Sequence[Span]]
"""The place of a line, and where an expression matches it as it is written and as it is heard."""
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

    def read(self, written: Sequence[bytes], heard: Sequence[bytes]) -> list[Found]:
        """Where it matches these folded lines, which are given in UTF-8 as written and as heard.

        Matches by sound are only what may have been misheard: see ``graded``.
        """
        by_sound = self._by_line(self._heard, heard)
        if self.precision is Precision.EXACT:
            return [(place, found, ()) for place, found in by_sound.items()]
        if not self._hears_all:  # [^我] does not take 握 for another by sound
            exact = self._by_line(self._written, written)
            return [(i, exact.get(i, ()), by_sound.get(i, ())) for i in sorted({*exact, *by_sound})]
        if not by_sound:
            return []
        exact = self._by_line(self._written, [written[place] for place in by_sound])
        return [(place, exact.get(k, ()), found) for k, (place, found) in enumerate(by_sound.items())]

    def graded(
        self, line: str, written: Sequence[Span], heard: Sequence[Span], budget: Budget
    ) -> Iterator[Match]:
        """The matches in a folded ``line`` of what was read there.

        Raises TooMuchWork when what may be misheard is more than the budget allows to try.
        """
        for start, end in written:
            yield start, end, True
        for start, end in heard:
            if (start, end) not in written and self._is_misheard(line[start:end], budget):
                yield start, end, False

    def _by_line(self, find: Finder, lines: Sequence[bytes]) -> Mapping[int, Sequence[Span]]:
        """Matches by the places of their lines, in order.

        The lines are read in one go: starting an automaton takes longer than reading a line.
        """
        if len(lines) == 1:
            alone = spans(find, lines[0])
            return {0: _characters(lines[0], alone)} if alone else {}
        if self._keeps_lines:
            return _in_one_go(find, lines)
        found = ((place, _characters(line, spans(find, line))) for place, line in enumerate(lines))
        return {place: matches for place, matches in found if matches}

    def _is_misheard(self, said: str, budget: Budget) -> bool:
        if len(said) < MIN_SOUND_LENGTH:
            budget.spend(1)
            return False
        if self._whole(said.encode()):
            return False
        budget.spend(ways(self.source, said, self.precision))
        return is_misheard(self.source, said, self.precision)


def _in_one_go(find: Finder, lines: Sequence[bytes]) -> Mapping[int, Sequence[Span]]:
    joined = b"\n".join(lines)
    matches = spans(find, joined)
    if not matches:
        return {}
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    found: dict[int, list[Span]] = {}
    for start, end in matches:
        place = bisect_right(starts, start) - 1
        found.setdefault(place, []).append((start - starts[place], end - starts[place]))
    return {place: _characters(lines[place], those) for place, those in found.items()}


def _characters(line: bytes, found: Sequence[Span]) -> Sequence[Span]:
    """From bytes to characters."""
    return [(len(line[:start].decode()), len(line[:end].decode())) for start, end in found]
