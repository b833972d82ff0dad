"""A transcript made ready for matching: one folded text with the way back to words and seconds."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ..transcribe.types import Role, Transcript, Utterance
from .fold import fold, fold_positions
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
        self.lines = [fold(u.text) for u in self.utterances]
        self.text = "\n".join(self.lines)
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)][:-1]
        self._sounds: dict[Precision, str] = {}

    def heard(self, precision: Precision) -> str:
        """``text`` as it sounds."""
        if precision not in self._sounds:
            self._sounds[precision] = sound_text(self.text, precision)
        return self._sounds[precision]

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

    def original(self, start: int, end: int) -> tuple[int, int, int]:
        """Line and original character range of the folded range, which lies within one line."""
        line = self.line(start)
        positions = fold_positions(self.utterances[line].text)
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
