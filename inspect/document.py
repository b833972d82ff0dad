"""A transcript made ready for matching: one folded text with the way back to words and seconds."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ..transcribe.types import Role, Transcript, Utterance
from .fold import fold_lines, fold_positions
from .sounds import Precision, sound_text

_CLAUSE = re.compile(r"[^，。！？；,.!?;：:、\s]+")


@dataclass(frozen=True, slots=True)
class Quote:
    """Original characters and when they were said."""

    text: str
    start: float
    end: float


class Document:
    """The utterances of ``transcript`` in order, folded, one a line of ``text``.

    A position is an index into ``text``; ``line`` tells its utterance's place in ``utterances``.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.utterances = tuple(sorted(transcript.utterances, key=lambda u: (u.start, u.index)))
        self.text = fold_lines([u.text for u in self.utterances])
        self.lines = self.text.split("\n") if self.utterances else []
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)][:-1]
        self._sounds: dict[Precision, str] = {}
        self._heard_lines: dict[Precision, list[str]] = {Precision.EXACT: self.lines}
        self._origins: dict[int, list[int]] = {}
        self._clauses: dict[int, list[tuple[int, int]]] = {}

    def heard(self, precision: Precision) -> str:
        """``text`` as it sounds."""
        if precision not in self._sounds:
            self._sounds[precision] = sound_text(self.text, precision)
        return self._sounds[precision]

    def heard_lines(self, precision: Precision) -> list[str]:
        """``lines`` as they sound."""
        if precision not in self._heard_lines:
            self._heard_lines[precision] = self.heard(precision).split("\n")
        return self._heard_lines[precision]

    def line(self, position: int) -> int:
        return bisect_right(self.starts, position) - 1

    def span(self, line: int) -> tuple[int, int]:
        """First and last-plus-one position of a line."""
        return self.starts[line], self.starts[line] + len(self.lines[line])

    @cached_property
    def by_role(self) -> dict[Role, list[int]]:
        """Lines of each role that hold any speech."""
        lines: dict[Role, list[int]] = {}
        for number, utterance in enumerate(self.utterances):
            if self.lines[number]:
                lines.setdefault(utterance.role, []).append(number)
        return lines

    @cached_property
    def spoken(self) -> list[int]:
        """Lines that hold any speech."""
        return [number for number, line in enumerate(self.lines) if line]

    def origins(self, line: int) -> list[int]:
        """For each character of a line its position in the utterance's text."""
        if line not in self._origins:
            self._origins[line] = fold_positions(self.utterances[line].text)
        return self._origins[line]

    def clauses(self, line: int) -> list[tuple[int, int]]:
        """Folded ranges of a line's clauses: what stands between punctuation marks or spaces."""
        if line not in self._clauses:
            text, origins, base = self.utterances[line].text, self.origins(line), self.starts[line]
            ranges = [
                (base + bisect_left(origins, m.start()), base + bisect_left(origins, m.end()))
                for m in _CLAUSE.finditer(text)
            ]
            self._clauses[line] = [(start, end) for start, end in ranges if end > start]
        return self._clauses[line]

    def clause(self, position: int) -> int:
        """The number, within its line, of the clause that holds a position."""
        return bisect_right([start for start, _ in self.clauses(self.line(position))], position) - 1

    def one_clause(self, start: int, end: int) -> bool:
        """Whether a folded range lies within one clause."""
        line, last = self.line(start), self.line(max(start, end - 1))
        return line == last and (end <= start or self.clause(start) == self.clause(end - 1))

    def original(self, start: int, end: int) -> tuple[int, int, int]:
        """Line and original character range of the folded range, which lies within one line."""
        line = self.line(start)
        positions = self.origins(line)
        base = self.starts[line]
        return line, positions[start - base], positions[end - 1 - base] + 1

    def quote(self, start: int, end: int) -> Quote:
        """The original words of the folded range, with times from its first and last word."""
        if end > self.span(self.line(start))[1]:
            return self._long_quote(start, end)
        line, first, last = self.original(start, end)
        utterance = self.utterances[line]
        began, ended = char_times(utterance, first, last)
        return Quote(utterance.text[first:last], began, ended)

    def _long_quote(self, start: int, end: int) -> Quote:
        """The same for a range that reaches over utterances."""
        first, last = self.line(start), self.line(end - 1)
        begun = self.quote(start, self.span(first)[1])
        ended = self.quote(self.starts[last], end)
        between = [u.text for u in self.utterances[first + 1 : last] if u.role is self.utterances[first].role]
        return Quote(" ".join([begun.text, *between, ended.text]), begun.start, ended.end)


def char_times(utterance: Utterance, first: int, last: int) -> tuple[float, float]:
    """Seconds of the characters ``first`` to ``last`` of an utterance.

    From its words where they spell its text, else spread evenly over its duration.
    """
    words = utterance.words
    if words and "".join(w.text for w in words) == utterance.text:
        ends = list(accumulate(len(w.text) for w in words))
        a = bisect_right(ends, first)
        b = min(bisect_right(ends, last - 1), len(words) - 1)
        return words[a].start, max(words[b].end, words[a].start)
    length = max(1, len(utterance.text))
    seconds = utterance.end - utterance.start
    return utterance.start + seconds * first / length, utterance.start + seconds * last / length
