"""Which hits count: speaker, window, sentence, place."""

import re
from collections.abc import Sequence

from ..transcribe.types import Role
from .document import Document
from .hits import Hit, seconds_of
from .rule import Amount, Near, Window
from .words import LONGEST_WORD, count_words

_SENTENCE_END = re.compile(r"[。！？!?\n]")
_ASKS = re.compile(r"(?:吗|么|呢)[，。,.\s]*$")


_NARROW = frozenset({"chars", "clause", "utterance", "utterances"})


def is_narrow(near: Near) -> bool:
    """Whether a hit in this place lies in the lines about its anchor."""
    return near.where == "same" or near.within.unit in _NARROW


def lines_about(doc: Document, anchor: Hit, near: Near) -> range:
    """The lines in which a hit can lie that is in a narrow place relative to ``anchor``."""
    if near.where == "same" or near.within.unit in ("clause", "utterance"):
        return range(0) if anchor.line is None else range(anchor.line, anchor.line + 1)
    reach = int(near.within.value)
    if near.within.unit == "utterances":
        return range(0) if anchor.line is None else _held(anchor.line - reach, anchor.line + reach, doc)
    return _held(doc.line(max(0, anchor.start - reach - 1)), doc.line(anchor.end + reach), doc)


def _held(first: int, last: int, doc: Document) -> range:
    return range(max(0, first), min(last + 1, len(doc.lines)))


def searched_lines(doc: Document, speaker: Role | None, window: Window | None) -> list[int]:
    """The lines that a scope covers, in order: those of the speaker that begin within the window."""
    lines = doc.spoken if speaker is None else doc.by_role.get(speaker, [])
    if window is None or not lines:
        return lines
    if window.first is not None:
        lines = _first(doc, lines, window.first)
    if window.last is not None:
        lines = _last(doc, lines, window.last)
    start = window.start if window.start is not None else float("-inf")
    end = window.end if window.end is not None else float("inf")
    return [i for i in lines if start <= doc.utterances[i].start <= end]


def _first(doc: Document, lines: Sequence[int], amount: Amount) -> list[int]:
    if amount.unit == "utterances":
        return list(lines[: int(amount.value)])
    limit = min(u.start for u in doc.utterances) + _seconds(doc, amount)
    return [i for i in lines if doc.utterances[i].start <= limit]


def _last(doc: Document, lines: Sequence[int], amount: Amount) -> list[int]:
    if amount.unit == "utterances":
        return list(lines[-int(amount.value) :])
    limit = max(u.end for u in doc.utterances) - _seconds(doc, amount)
    return [i for i in lines if doc.utterances[i].end >= limit]


def _seconds(doc: Document, amount: Amount) -> float:
    return amount.value if amount.unit == "s" else doc.transcript.duration * amount.value / 100


def is_question(doc: Document, hit: Hit) -> bool:
    """Whether the sentence that holds the end of the hit asks something."""
    if hit.end <= hit.start:
        return False
    line, _, last = doc.original(hit.end - 1, hit.end)
    text = doc.utterances[line].text
    end = _SENTENCE_END.search(text, last)
    tail = text[last : end.start()] if end else text[last:]
    return bool(end and end[0] in "？?") or _ASKS.search(text[:last] + tail) is not None


def in_place(
    hit: Hit, anchor: Hit, within: Amount, where: str, doc: Document, speaker: Role | None = None
) -> bool:
    """Whether ``hit`` lies before, after, around or in the same utterance as ``anchor``, near enough.

    ``speaker`` is whose utterances are counted, where it is counted in utterances apart.
    """
    if hit == anchor:
        return False
    if where == "same":
        return hit.line is not None and hit.line == anchor.line
    if where == "before" and not _earlier(hit, anchor, doc):
        return False
    if where == "after" and not _earlier(anchor, hit, doc):
        return False
    return _distance_ok(hit, anchor, within, doc, speaker)


def _earlier(a: Hit, b: Hit, doc: Document) -> bool:
    if a.seconds is None and b.seconds is None:
        return a.start < b.start
    return seconds_of(a, doc)[0] < seconds_of(b, doc)[0]


def _distance_ok(hit: Hit, anchor: Hit, within: Amount, doc: Document, speaker: Role | None) -> bool:
    if within.unit == "call":
        return True
    if within.unit == "chars":
        return max(hit.start - anchor.end, anchor.start - hit.end, 0) <= within.value
    if within.unit == "words":
        return _words_between(hit, anchor, within.value, doc)
    if within.unit == "s":
        (a, b), (c, d) = seconds_of(hit, doc), seconds_of(anchor, doc)
        return max(a - d, c - b, 0.0) <= within.value
    if hit.line is None or anchor.line is None:
        return False
    if within.unit == "utterances":
        return abs(hit.line - anchor.line) <= within.value
    if within.unit == "apart":
        return 1 <= _apart(hit.line, anchor.line, speaker, doc) <= within.value
    if hit.line != anchor.line:
        return False
    return within.unit == "utterance" or doc.clause(hit.start) == doc.clause(anchor.start)


def _apart(line: int, anchor: int, speaker: Role | None, doc: Document) -> int:
    """Which utterance of the speaker ``line`` is, counted from the anchor's; 0 for the anchor's own."""
    step = 1 if line > anchor else -1
    between = range(anchor + step, line + step, step) if line != anchor else range(0)
    return sum(bool(doc.lines[i]) and speaker in (None, doc.utterances[i].role) for i in between)


def _words_between(hit: Hit, anchor: Hit, most: float, doc: Document) -> bool:
    """Whether at most so many words (as jieba cuts them) lie between."""
    start, end = min(hit.end, anchor.end), max(hit.start, anchor.start)
    between = doc.text[start:end] if end > start else ""
    return len(between) <= (most + 1) * LONGEST_WORD and count_words(between) <= most
