"""A transcript made ready for matching: one folded text with the way back to words and seconds."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ..transcribe.types import Role, Transcript, Utterance
from .fold import fold_lines, fold_positions
from .sounds import Precision, sound_text


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

    def original(self, start: int, end: int) -> tuple[int, int, int]:
        """Line and original character range of the folded range, which lies within one line."""
        line = self.line(start)
        positions = self.origins(line)
        base = self.starts[line]
        return line, positions[start - base], positions[end - 1 - base] + 1

    def quote(self, start: int, end: int) -> Quote:
        """The original words of the folded range, with times from its first and last word."""
        line, first, last = self.original(start, end)
        utterance = self.utterances[line]
        began, ended = char_times(utterance, first, last)
        return Quote(utterance.text[first:last], began, ended)


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
