"""Whether words that only sound as an expression asks may be taken for it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, combinations, count, product

import re2  # type: ignore[import-untyped]

from .patterns import Finder, compile_pattern, finder, fold_pattern, options, spans, whole
from .sounds import Precision, sound_text

MIN_SOUND_LENGTH = 3
"""Shorter stretches sound like something everywhere."""
MOST_TRIED = 20_000
"""Ways of hearing one stretch with so many characters misheard that are tried; the rest is given up."""
_LONG = 6
"""From this many characters on, three of them may be misheard instead of two."""
_TOO_LONG = 20
"""Longer stretches are tried with one misheard character only, to bound the work."""
_GAP = re.compile(r"(?<!\\)(\.(?:\{\d+(?:,\d*)?\}|[*+?]))\??")
"""What stands for any characters; the stretches between are what an expression tells."""
_LONG_STRETCH = 4
"""Characters in a row that bear out even a misheard word of one character."""
_CLASS = re.compile(r"(?<!\\)\[[^\]]*\]")
_WORD = re.compile(r"[\u3400-\u9fff]{2,}")

_Change = tuple[tuple[int, ...], str]
"""The places of misheard characters, and the text with what may have been said there."""


@lru_cache(maxsize=1 << 16)
def is_misheard(source: str, written: str, precision: Precision) -> bool:
    """Whether ``written`` would fit if a few characters were others that sound alike."""
    if len(written) < MIN_SOUND_LENGTH:
        return False
    for many in _misheard_counts(len(written)):
        changes = list(_changes(source, written, precision, many))
        if any(_telling(source, text, chosen) for chosen, text in _fitting(source, changes)):
            return True
    return False


@lru_cache(maxsize=1 << 16)
def ways(source: str, written: str, precision: Precision) -> int:
    """How many ways there are to hear ``written``: what ``is_misheard`` costs at most."""
    if len(written) < MIN_SOUND_LENGTH:
        return 1
    sums = [1, 0, 0, 0]  # elementary symmetric polynomials of the numbers of choices
    for choices in _choices(source, written, precision):
        for many in (3, 2, 1):
            sums[many] += sums[many - 1] * len(choices)
    return sum(min(sums[many], MOST_TRIED) for many in _misheard_counts(len(written)))


def _choices(source: str, written: str, precision: Precision) -> list[list[str]]:
    """For each character those the expression is written with that sound like it."""
    likely = _literals(source, precision)
    return [[c for c in likely.get(sound_text(char, precision), ()) if c != char] for char in written]


def _changes(source: str, written: str, precision: Precision, many: int) -> Iterator[_Change]:
    """Every way to change ``many`` characters to those the expression is written with."""
    choices = _choices(source, written, precision)
    places = [i for i, chars in enumerate(choices) if chars]
    left = MOST_TRIED
    for chosen in combinations(places, many):
        for chars in product(*(choices[i] for i in chosen)):
            changed = list(written)
            for i, char in zip(chosen, chars, strict=True):
                changed[i] = char
            yield chosen, "".join(changed)
            left -= 1
            if left == 0:
                return


def _fitting(source: str, changes: Sequence[_Change]) -> Sequence[_Change]:
    """Those whose text, or the end of it, may fit: all are read in one go."""
    tails = _tails(source)
    if tails is None or not changes:
        return changes
    texts = [text.encode() for _, text in changes]
    starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found = {bisect_right(starts, start) - 1 for start, _ in spans(tails, b"\n".join(texts))}
    return [changes[i] for i in sorted(found)]


@lru_cache(maxsize=1 << 13)
def _tails(source: str) -> Finder | None:
    """Lines that end in a match; None where the expression itself speaks of beginnings."""
    if "^" in source or "\\" in source.replace("\\d", ""):
        return None
    lines = f"(?mi)^.{{0,{_TOO_LONG}}}(?:{fold_pattern(source)})$"
    return finder(re2.compile(lines, options(captures=False)))


def _telling(source: str, changed: str, misheard: Sequence[int]) -> bool:
    """Whether ``changed``, or its end, fits and in each stretch without a gap half is written alike.

    So no word of one character is taken for another that sounds alike where nothing around it bears it out.
    """
    fits = whole(compile_pattern(source))
    starts = (k for k in range(min(misheard) + 1) if fits(changed[k:].encode()))
    return any(_borne_out(source, changed[k:], [i - k for i in misheard]) for k in starts)


def _in_a_word(source: str, changed: str, place: int) -> bool:
    """Whether the character there belongs to two or more that the expression names in a row."""
    return any(
        changed.startswith(word, place - i)
        for word in _words(source)
        for i, char in enumerate(word)
        if char == changed[place] and i <= place
    )


@lru_cache(maxsize=1 << 13)
def _words(source: str) -> tuple[str, ...]:
    return tuple(set(_WORD.findall(_CLASS.sub(" ", fold_pattern(source)))))


def _borne_out(source: str, changed: str, misheard: Sequence[int]) -> bool:
    match = _with_gaps(source).fullmatch(changed)
    if match is None:
        return False
    gaps = [match.span(number) for number in _with_gaps(source).groupindex.values()]
    free = {i for start, end in gaps for i in range(start, end)}
    stretch: list[int] = []
    for place in range(len(changed) + 1):
        if place < len(changed) and place not in free:
            stretch.append(place)
            continue
        wrong = [i for i in stretch if i in misheard]
        if 2 * len(wrong) > len(stretch):
            return False
        if len(stretch) < _LONG_STRETCH and not all(_in_a_word(source, changed, i) for i in wrong):
            return False
        stretch.clear()
    return True


@lru_cache(maxsize=1 << 13)
def _with_gaps(source: str) -> "re2._Regexp[str]":
    """The expression with a named group for each gap, which takes as little as it can."""
    numbers = count()
    named = _GAP.sub(lambda gap: f"(?P<gap{next(numbers)}>{gap[1]}?)", fold_pattern(source))
    return re2.compile("(?mi)" + named, options())


def _misheard_counts(length: int) -> Sequence[int]:
    if length > _TOO_LONG:
        return (1,)
    return range(1, 2 + (length > MIN_SOUND_LENGTH) + (length >= _LONG))


@lru_cache(maxsize=1 << 13)
def _literals(source: str, precision: Precision) -> Mapping[str, tuple[str, ...]]:
    """The Chinese characters an expression is written with, by how they sound."""
    by_sound: dict[str, tuple[str, ...]] = {}
    for char in dict.fromkeys(fold_pattern(source)):
        if not char.isascii():
            sound = sound_text(char, precision)
            by_sound[sound] = (*by_sound.get(sound, ()), char)
    return by_sound
