"""One expression and how exactly it hears: all its matches in a line."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from .misheard import is_misheard
from .patterns import compile_pattern
from .sounds import Precision

Match = tuple[int, int, bool]
"""Start and end within the line, in characters, and whether it is also written so."""
_MAY_CROSS_LINES = re.compile(r"\\[A-Zac-ce-z0-9]|\(\?(?!:|P?<)|\[:")
"""What an expression holds when its matches could depend on what follows or precedes the line."""


class Expression:
    """``source`` compiled for text as it is written and, by sound, for text as it is heard."""

    __slots__ = ("_heard", "_keeps_lines", "_written", "precision", "source")

    def __init__(self, source: str, precision: Precision) -> None:
        self.source = source
        self.precision = precision
        self._written = compile_pattern(source)
        self._heard = compile_pattern(source, precision) if precision is not Precision.EXACT else None

        self._keeps_lines = not _MAY_CROSS_LINES.search(source)

    def matching(self, lines: Sequence[int], heard: Sequence[bytes]) -> Sequence[int]:
        """Those of ``lines`` in which there is a match; ``heard`` is the whole call, line by line, in UTF-8.

        They are read in one go: starting an automaton takes longer than reading a line.
        """
        if len(lines) < 2 or not self._keeps_lines:
            return lines
        compiled = self._heard or self._written
        joined = b"\n".join([heard[line] for line in lines])
        if compiled.search(joined) is None:
            return ()
        starts = list(accumulate((len(heard[line]) + 1 for line in lines), initial=0))
        return sorted({lines[bisect_right(starts, m.start()) - 1] for m in compiled.finditer(joined)})

    def find(self, line: str, written: bytes, heard: bytes) -> Iterator[Match]:
        """Matches in a folded ``line``, which is also given as UTF-8, as written and as heard."""
        if self._heard is None:
            yield from _exact(self._written, written)
            return
        by_sound = _spans(self._heard, heard)
        if not by_sound:
            return
        yield from _exact(self._written, written)
        for start, end in by_sound:
            said = line[start:end]
            if self._written.fullmatch(said) is None and is_misheard(self.source, said, self.precision):
                yield start, end, False


def _exact(compiled: Any, data: bytes) -> Iterator[Match]:
    for start, end in _spans(compiled, data):
        yield start, end, True


def _spans(compiled: Any, data: bytes) -> list[tuple[int, int]]:
    """Where an expression matches, from bytes to characters."""
    first = compiled.search(data)
    if first is None:
        return []
    return [
        (len(data[: m.start()].decode()), len(data[: m.end()].decode()))
        for m in compiled.finditer(data)
        if m.end() > m.start()
    ]
