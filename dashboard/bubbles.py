"""The transcript as the call page shows it: words with times, doubt and the flags that quote them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..store.call import StoredFlag
from ..transcribe.types import Utterance, Word
from .texts import Texts

DOUBTFUL_BELOW = 0.5
"""Confidence under which a word is greyed."""
_WIDE = frozenset({"absence"})
"""Kinds of flags that are about a stretch of the call and no single line."""
Piece = list[Any]


def bubble(u: Utterance, flags: Sequence[StoredFlag], texts: Texts) -> dict[str, Any]:
    """One line: ``pieces`` is a list of ``[text, start, doubtful, [flag ids]]`` that joins to its text."""
    return {
        "i": u.index,
        "start": u.start,
        "end": u.end,
        "role": u.role.value,
        "label": texts(f"role.{u.role.value}"),
        "flags": [stored.id for stored in flags if concerns(stored, u)],
        "doubts": [texts(f"doubt.{doubt.value}") for doubt in u.doubts],
        "pieces": pieces(u, flags),
    }


def concerns(stored: StoredFlag, u: Utterance) -> bool:
    """Whether a flag is about this line: it quotes it, or is heard in it."""
    flag = stored.flag
    if flag.utterance is not None:
        return flag.utterance == u.index
    return flag.match not in _WIDE and flag.start < u.end and u.start < flag.end


def pieces(u: Utterance, flags: Sequence[StoredFlag]) -> list[Piece]:
    """The words of an utterance, or its text cut where quotes begin and end when there are no words."""
    quotes = [(*span, stored.id) for stored in flags if (span := quoted(u, stored))]
    words = u.words if "".join(w.text for w in u.words) == u.text else ()
    if not words:
        return _cut(u, quotes)
    found, at = [], 0
    for word in words:
        end = at + len(word.text)
        ids = [flag_id for first, last, flag_id in quotes if first < end and at < last]
        found.append([word.text, word.start, int(word.confidence < DOUBTFUL_BELOW), ids])
        at = end
    return found


def quoted(u: Utterance, stored: StoredFlag) -> tuple[int, int] | None:
    """Which characters of the utterance a flag quotes; None when it quotes none of it."""
    flag = stored.flag
    if not flag.quote or flag.utterance != u.index:
        return None
    places = _places(u.text, flag.quote)
    if not places:
        return _heard(u.words, flag.start, flag.end)
    first = min(places, key=lambda at: abs(_time_at(u, at) - flag.start))
    return first, first + len(flag.quote)


def _places(text: str, quote: str) -> list[int]:
    found, at = [], text.find(quote)
    while at >= 0:
        found.append(at)
        at = text.find(quote, at + 1)
    return found


def _time_at(u: Utterance, character: int) -> float:
    at = 0
    for word in u.words:
        at += len(word.text)
        if character < at:
            return word.start
    return u.start + (u.end - u.start) * character / max(1, len(u.text))


def _heard(words: Sequence[Word], start: float, end: float) -> tuple[int, int] | None:
    at, first, last = 0, None, 0
    for word in words:
        if word.start < end and start < word.end:
            first = at if first is None else first
            last = at + len(word.text)
        at += len(word.text)
    return None if first is None else (first, last)


def _cut(u: Utterance, quotes: Sequence[tuple[int, int, int]]) -> list[Piece]:
    cuts = sorted({0, len(u.text), *(edge for first, last, _ in quotes for edge in (first, last))})
    doubtful = int(u.confidence < DOUBTFUL_BELOW)
    found = []
    for first, last in pairwise(cuts):
        ids = [flag_id for start, end, flag_id in quotes if start < last and first < end]
        found.append([u.text[first:last], round(_time_at(u, first), 2), doubtful, ids])
    return found
