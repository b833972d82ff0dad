"""Finders of how the call went: silence, rate, interruption, order of speakers, call data."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub

from ..transcribe.types import Role, Utterance, Word
from .document import Document
from .hits import Hit
from .rule import Interruptions, Rate, Response, Silence

_SYLLABLE = re.compile(r"[0-9\u3400-\u9fff]|[A-Za-z]+")
"""Digits are read out one by one."""
_KNOWN_WORDS = 1 << 16


def find_silences(finder: Silence, doc: Document) -> Iterator[Hit]:
    for silence in doc.transcript.measures.silences:
        if silence.duration < finder.longer:
            continue
        before, after = _last_before(doc, silence.start), _first_after(doc, silence.end)
        if not (_is(doc, after, finder.before) and _is(doc, before, finder.after)):
            continue
        start, end = doc.span(after) if after is not None else (len(doc.text), len(doc.text))
        about = f"{silence.duration:.1f} s of silence"
        yield Hit(after, start, end, "silence", about, (silence.start, silence.end))


def _is(doc: Document, line: int | None, role: Role | None) -> bool:
    return role is None or (line is not None and doc.utterances[line].role is role)


def _last_before(doc: Document, second: float) -> int | None:
    lines = [i for i, u in enumerate(doc.utterances) if u.end <= second + 0.05]
    return max(lines, key=lambda i: doc.utterances[i].end, default=None)


def _first_after(doc: Document, second: float) -> int | None:
    return next((i for i, u in enumerate(doc.utterances) if u.start >= second - 0.05), None)


def find_responses(finder: Response, doc: Document) -> Iterator[Hit]:
    """Answers that come late; the time from the other's last word to the first one of the answer."""
    until: float | None = None
    spoke: Role | None = None
    for line in doc.spoken:
        utterance = doc.utterances[line]
        late = until is not None and utterance.start - until >= finder.longer
        if late and utterance.role is not spoke and finder.by in (None, utterance.role):
            about = f"{utterance.start - (until or 0.0):.1f} s until the answer"
            yield Hit(line, *doc.span(line), "response", about, (until or 0.0, utterance.start))
        if until is None or utterance.end >= until:
            until, spoke = utterance.end, utterance.role


def find_rates(finder: Rate, doc: Document, lines: Sequence[int]) -> Iterator[Hit]:
    if finder.average:
        yield from _averages(finder, doc, lines)
        return
    averages = doc.transcript.measures.chars_per_minute
    for line in lines:
        if len(doc.lines[line]) < finder.min_chars:
            continue
        utterance = doc.utterances[line]
        usual = finder.over_average * averages.get(utterance.role, 0.0)
        over = max(finder.over, usual) if finder.over is not None else None
        fastest, whole = _rates(utterance, finder.min_chars)
        too_fast = over is not None and fastest > over
        too_slow = finder.under is not None and 0 < whole < finder.under
        if too_fast or too_slow:
            rate = fastest if too_fast else whole
            yield Hit(line, *doc.span(line), "rate", f"{rate:.0f} characters a minute")


def _averages(finder: Rate, doc: Document, lines: Sequence[int]) -> Iterator[Hit]:
    """One hit, at the first utterance, for each speaker among ``lines`` whose average is out of bounds."""
    spoken: dict[Role, list[int]] = {}
    for line in lines:
        spoken.setdefault(doc.utterances[line].role, []).append(line)
    for own in spoken.values():
        said = [doc.utterances[line] for line in own]
        syllables = sum(len(_SYLLABLE.findall(u.text)) for u in said)
        seconds = sum(u.end - u.start for u in said)
        rate = 60 * syllables / seconds if seconds > 0 else 0.0
        too_fast = finder.over is not None and rate > finder.over
        too_slow = finder.under is not None and 0 < rate < finder.under
        if syllables >= finder.min_chars and (too_fast or too_slow):
            about = f"{rate:.0f} characters a minute on average"
            yield Hit(own[0], *doc.span(own[0]), "rate", about, (said[0].start, said[-1].end))


def _rates(utterance: Utterance, min_chars: int) -> tuple[float, float]:
    """Characters a minute in the fastest stretch of ``min_chars`` and in the whole utterance.

    0 when there is less to measure. Without word times the whole is its own fastest stretch.
    """
    texts = [word.text for word in utterance.words] or [utterance.text]
    counts = [_SYLLABLES[text] for text in texts]
    total, seconds = sum(counts), utterance.end - utterance.start
    if total < min_chars or seconds <= 0:
        return 0.0, 0.0
    whole = 60 * total / seconds
    return _fastest(utterance.words, counts, min_chars) or whole, whole


class _Counted(dict[str, int]):
    """How many syllables a word has; bounded, as there is no end of words."""

    def __missing__(self, text: str) -> int:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        count = self[text] = len(_SYLLABLE.findall(text))
        return count


_SYLLABLES = _Counted()


def _fastest(words: Sequence[Word], counts: Sequence[int], min_chars: int) -> float:
    """The highest rate from a word to the first one by which ``min_chars`` have been said; 0 without any."""
    if min(counts) != 1 or max(counts) != 1:
        return max(_stretches(words, [0, *accumulate(counts)], min_chars), default=0.0)
    # one syllable a word, the usual case
    times = list(map(sub, [word.end for word in words[min_chars - 1 :]], [word.start for word in words]))
    shortest = min(times, default=0.0)
    if shortest <= 0:
        shortest = min((seconds for seconds in times if seconds > 0), default=0.0)
    return 60 * min_chars / shortest if shortest else 0.0


def _stretches(words: Sequence[Word], ends: Sequence[int], min_chars: int) -> Iterator[float]:
    """Rates from each word to the first one by which ``min_chars`` have been said."""
    for first, word in enumerate(words):
        last = bisect_left(ends, ends[first] + min_chars)
        if last < len(ends) and words[last - 1].end > word.start:
            yield 60 * (ends[last] - ends[first]) / (words[last - 1].end - word.start)


def find_interruptions(finder: Interruptions, doc: Document) -> Iterator[Hit]:
    lines = {u.index: i for i, u in enumerate(doc.utterances)}
    for cut in doc.transcript.measures.interruptions:
        line = lines.get(cut.utterance)
        if line is None or finder.by not in (None, cut.by) or cut.end - cut.start < finder.overlap:
            continue
        if len(doc.lines[line]) < finder.min_chars:
            continue
        if cut.start - _other_began(doc, line, cut.start) < finder.delay:
            continue
        about = f"{cut.end - cut.start:.1f} s over the other speaker"
        yield Hit(line, *doc.span(line), "interruption", about, (cut.start, doc.utterances[line].end))


def _other_began(doc: Document, line: int, second: float) -> float:
    role = doc.utterances[line].role
    began = [u.start for u in doc.utterances if u.role is not role and u.start <= second <= u.end]
    return min(began, default=second)
