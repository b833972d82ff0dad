"""Whether words that only sound as an expression asks may be taken for it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, count, islice, product, starmap

import re2  # type: ignore[import-untyped]

from .patterns import Finder, compile_pattern, finder, fold_pattern, groups_of, options, spans, whole
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
_Choices = tuple[tuple[str, ...], ...]
"""For each character what may have been said instead."""


@lru_cache(maxsize=1 << 16)
def is_misheard(source: str, written: str, precision: Precision) -> bool:
    """Whether ``written`` would fit if a few characters were others that sound alike."""
    if len(written) < MIN_SOUND_LENGTH:
        return False
    choices = _choices(source, written, precision)
    changes = [
        change for many in _misheard_counts(len(written)) for change in _changes(written, choices, many)
    ]
    return any(_telling(source, text, chosen) for chosen, text in _fitting(source, changes))


def ways(source: str, written: str, precision: Precision) -> int:
    """How many ways there are to hear ``written``: what ``is_misheard`` costs at most."""
    if len(written) < MIN_SOUND_LENGTH:
        return 1
    one, two, three = 0, 0, 0  # elementary symmetric polynomials of the numbers of choices
    for many in map(len, _choices(source, written, precision)):
        three += two * many
        two += one * many
        one += many
    return sum(min(n, MOST_TRIED) for n in (one, two, three)[: len(_misheard_counts(len(written)))])


@lru_cache(maxsize=1 << 10)
def _choices(source: str, written: str, precision: Precision) -> _Choices:
    """For each character those the expression is written with that sound like it."""
    likely = _literals(source, precision)
    alike = [likely.get(sound, ()) for sound in sound_text(written, precision)]
    return tuple(
        tuple([c for c in chars if c != char]) if char in chars else chars
        for char, chars in zip(written, alike, strict=True)
    )


def _changes(written: str, choices: _Choices, many: int) -> Iterator[_Change]:
    """Every way to change ``many`` characters to those the expression is written with, MOST_TRIED at most."""
    places = [i for i, chars in enumerate(choices) if chars]
    left = MOST_TRIED
    for chosen in combinations(places, many):
        between = zip((0, *(i + 1 for i in chosen)), (*chosen, len(written)), strict=True)
        put = "{}".join([written[a:b] for a, b in between]).format
        for text in islice(starmap(put, product(*[choices[i] for i in chosen])), left):
            yield chosen, text
            left -= 1
        if left == 0:
            return


def _fitting(source: str, changes: Sequence[_Change]) -> Sequence[_Change]:
    """Those whose text, or the end of it, may fit: all are read in one go."""
    tails = _tails(source)
    if tails is None or not changes:
        return changes
    joined = "\n".join([text for _, text in changes]).encode()
    fitting, line, last = [], 0, 0
    for start, _ in spans(tails, joined):
        line += joined.count(b"\n", last, start)
        last = start
        fitting.append(changes[line])
    return fitting


@lru_cache(maxsize=1 << 13)
def _tails(source: str) -> Finder | None:
    """Lines that end in a match; None where the expression itself speaks of beginnings."""
    if "^" in source or "\\" in source.replace("\\d", ""):
        return None
    lines = f"(?mi)^.{{0,{_TOO_LONG}}}(?:{fold_pattern(source)})$"
    return finder(re2.compile(lines, options(lines, captures=False)))


def _telling(source: str, changed: str, misheard: Sequence[int]) -> bool:
    """Whether ``changed``, or its end, fits and in each stretch without a gap half is written alike.

    So no word of one character is taken for another that sounds alike where nothing around it bears it out.
    """
    fits = whole(compile_pattern(source))
    starts = range(min(misheard) + 1)
    return any(
        fits(changed[k:].encode()) and _borne_out(source, changed[k:], [i - k for i in misheard])
        for k in starts
    )


def _in_a_word(source: str, changed: str, place: int) -> bool:
    """Whether the character there belongs to two or more that the expression names in a row."""
    those = _words(source).get(changed[place], ())
    return any(i <= place and changed.startswith(word, place - i) for word, i in those)


@lru_cache(maxsize=1 << 13)
def _words(source: str) -> Mapping[str, Sequence[tuple[str, int]]]:
    """For each character the words it stands in, and where."""
    words: dict[str, list[tuple[str, int]]] = {}
    for word in dict.fromkeys(_WORD.findall(_CLASS.sub(" ", fold_pattern(source)))):
        for place, char in enumerate(word):
            words.setdefault(char, []).append((word, place))
    return words


def _borne_out(source: str, changed: str, misheard: Sequence[int]) -> bool:
    gaps = _gaps(source)(changed)
    if gaps is None:
        return False
    start = 0
    for first, last in (*gaps, (len(changed), len(changed))):
        wrong = [i for i in misheard if start <= i < first]
        if 2 * len(wrong) > first - start:
            return False
        if wrong and first - start < _LONG_STRETCH and not all(_in_a_word(source, changed, i) for i in wrong):
            return False
        start = last
    return True


@lru_cache(maxsize=1 << 13)
def _gaps(source: str) -> Callable[[str], Sequence[tuple[int, int]] | None]:
    """Gives where the gaps lie in a text that fits, in order and none of them empty; None where it does not.

    A gap takes as little as it can.
    """
    numbers = count()
    named = _GAP.sub(lambda gap: f"(?P<gap{next(numbers)}>{gap[1]}?)", fold_pattern(source))
    groups = groups_of("(?mi)" + named)

    def gaps(text: str) -> Sequence[tuple[int, int]] | None:
        data = text.encode()
        found = groups(data)
        if found is None:
            return None
        return [(len(data[:a].decode()), len(data[:b].decode())) for a, b in sorted(found) if b > a]

    return gaps


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
