"""The transcript as the call page shows it: words with times, doubt and the flags that quote them."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Any

from ..privacy.redact import redact_text
from ..store.added_flags import AddedFlag
from ..store.call import StoredFlag
from ..transcribe.types import Utterance, Word
from .hiding import hidden_parts, visible
from .texts import Texts

DOUBTFUL_BELOW = 0.72
"""Confidence under which a word is greyed."""
_WIDE = frozenset({"absence"})
"""Kinds of flags that are about a stretch of the call and no single line."""
HIDDEN, CORRECTED = 1, 2
"""Marks of a piece: holds personal data that is not shown; was put there by a reviewer."""
Piece = list[Any]
_Part = tuple[int, int, float, bool]
"""First and last character, start in seconds, doubtful."""


def bubble(
    u: Utterance,
    flags: Sequence[StoredFlag],
    redacted: str,
    texts: Texts,
    *,
    was: str | None = None,
    edit: int | None = None,
    added: Sequence[AddedFlag] = (),
) -> dict[str, Any]:
    """One line; ``pieces`` are ``[text, start, doubtful, [flag ids], first, last, mark]`` and join to
    ``redacted``; ``first`` and ``last`` count the characters of the utterance itself.

    ``was`` is what the recogniser had written, ``edit`` the reviewer's change that counts. Flags that
    reviewers added have negative ids.
    """
    return {
        "i": u.index,
        "start": u.start,
        "end": u.end,
        "role": u.role.value,
        "label": texts(f"role.{u.role.value}"),
        "flags": [
            *(f.id for f in flags if concerns(f, u)),
            *(-a.id for a in added if a.utterance == u.index),
        ],
        "doubts": [texts(f"doubt.{doubt.value}") for doubt in u.doubts],
        "was": None if was is None else redact_text(was),
        "edit": edit,
        "pieces": pieces(u, flags, redacted, was, added),
    }


def concerns(stored: StoredFlag, u: Utterance) -> bool:
    """Whether a flag is about this line: it quotes it, or is heard in it."""
    flag = stored.flag
    if flag.utterance is not None:
        return flag.utterance == u.index
    return flag.match not in _WIDE and flag.start < u.end and u.start < flag.end


def pieces(
    u: Utterance,
    flags: Sequence[StoredFlag],
    redacted: str,
    was: str | None = None,
    added: Sequence[AddedFlag] = (),
) -> list[Piece]:
    """The words of an utterance, or its text cut where quotes begin and end when there are no words."""
    hidden = hidden_parts(u.text, redacted)
    if hidden is None:
        return [[redacted, u.start, 0, [], 0, len(u.text), HIDDEN]]
    quotes = [(*span, stored.id) for stored in flags if (span := quoted(u, stored))]
    quotes += [(a.first, a.last, -a.id) for a in added if _still_quotes(u, a)]
    corrected = changed_parts(was, u.text)
    found = []
    for first, last, start, doubtful in _words(u) or _cut(u, quotes):
        ids = [flag_id for begin, end, flag_id in quotes if begin < last and first < end]
        if shown := visible(u.text, first, last, hidden):
            new = any(begin < last and first < end for begin, end in corrected)
            mark = HIDDEN if shown != u.text[first:last] else CORRECTED if new else 0
            until = max([last, *(part.last for part in hidden if first <= part.first < last)])
            found.append([shown, round(start, 2), int(doubtful), ids, first, until, mark])
    return found


def changed_parts(was: str | None, now: str) -> list[tuple[int, int]]:
    """Which characters of ``now`` a reviewer put there.

    >>> changed_parts("我的公号是", "我的工号是")
    [(2, 3)]
    """
    if was is None:
        return []
    codes = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    return [(first, last) for tag, _, _, first, last in codes if tag != "equal"]


def _still_quotes(u: Utterance, added: AddedFlag) -> bool:
    return added.utterance == u.index and u.text[added.first : added.last] == added.quote


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


def _words(u: Utterance) -> list[_Part]:
    """Every word with its place; nothing when the words are not those of the text."""
    if "".join(w.text for w in u.words) != u.text:
        return []
    ends = list(accumulate(len(w.text) for w in u.words))
    return [
        (end - len(w.text), end, w.start, w.confidence < DOUBTFUL_BELOW)
        for w, end in zip(u.words, ends, strict=True)
    ]


def _cut(u: Utterance, quotes: Sequence[tuple[int, int, int]]) -> list[_Part]:
    edges = sorted({0, len(u.text), *(edge for first, last, _ in quotes for edge in (first, last))})
    doubtful = u.confidence < DOUBTFUL_BELOW
    return [(first, last, _time_at(u, first), doubtful) for first, last in pairwise(edges)]
