"""Regular expressions over folded text: RE2, linear in the text, whatever the author writes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, count, product

import re2  # type: ignore[import-untyped]

from .fold import fold
from .sounds import Precision, sound_text

MAX_MEMORY = 4 << 20
"""Bytes one expression may use for its automaton; beyond it RE2 starts the automaton anew."""
MIN_SOUND_LENGTH = 3
"""Shorter stretches sound like something everywhere."""
_LONG = 6
"""From this many characters on, three of them may be misheard instead of two."""
_TOO_LONG = 20
"""Longer stretches are tried with one misheard character only, to bound the work."""
_GAP = re.compile(r"(?<!\\)(\.(?:\{\d+(?:,\d*)?\}|[*+?]))\??")
"""What stands for any characters; the stretches between are what an expression tells."""
_LONG_STRETCH = 4
"""Characters in a row that bear out even a misheard word of one character."""
_REFERENCE = re.compile(r"\{([a-z_]+)\}")
_CLASS = re.compile(r"(?<!\\)\[[^\]]*\]")
_WORD = re.compile(r"[\u3400-\u9fff]{2,}")
_NEGATED = re.compile(r"(?<!\\)\[\^")


class PatternError(ValueError):
    """An expression cannot be used; the message says why."""


def expand(source: str, lists: Mapping[str, Sequence[str]]) -> str:
    """Replace each ``{name}`` by any of the texts or expressions of that list."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in lists:
            raise PatternError(f"there is no list '{match[1]}'")
        return "(?:" + "|".join(expand(item, lists) for item in lists[match[1]]) + ")"

    return _REFERENCE.sub(replace, source)


def fold_pattern(source: str) -> str:
    """The expression as it must be to match folded text.

    Raises PatternError for characters that folded text never holds, such as full-width punctuation.
    """
    folded = "".join(c if c.isascii() else _fold_literal(c) for c in source)
    return _NEGATED.sub(r"[^\\n", folded)


def _fold_literal(char: str) -> str:
    folded = fold(char)
    if len(folded) != 1:
        raise PatternError(f"'{char}' is folded away before matching and can never match")
    return folded


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    return options


@cache
def compile_pattern(source: str, precision: Precision = Precision.EXACT) -> "re2._Regexp[str]":
    """Compile an expression for text of this precision. Raises PatternError."""
    pattern = "(?mi)" + sound_text(fold_pattern(source), precision)
    try:
        compiled = re2.compile(pattern, _options())
    except re2.error as error:
        detail = error.args[0] if error.args else error
        text = detail.decode() if isinstance(detail, bytes) else str(detail)
        raise PatternError(f"not an RE2 expression: {text}") from error
    if compiled.search("") is not None:
        raise PatternError("it matches nothing at all, and so everywhere")
    return compiled


class PatternSet:
    """Many expressions of one precision, with RE2's filter over the literals that each of them needs."""

    def __init__(self, sources: Sequence[str], precision: Precision) -> None:
        self.sources = tuple(sources)
        self.precision = precision
        self._filter = re2.Filter()
        for source in self.sources:
            compile_pattern(source, precision)
            self._filter.Add("(?mi)" + sound_text(fold_pattern(source), precision), _options())
        if self.sources:
            self._filter.Compile()

    def present(self, heard: str) -> Sequence[int]:
        """Numbers of the expressions that match somewhere in ``heard``."""
        return self._filter.Match(heard) or () if self.sources else ()

    def find(self, number: int, heard: str, folded: str) -> Iterator[tuple[int, int, bool]]:
        """Hits of one expression: start, end, and whether it is also written so."""
        source = self.sources[number]
        for match in compile_pattern(source).finditer(folded):
            yield *match.span(), True
        if self.precision is Precision.EXACT:
            return
        for match in compile_pattern(source, self.precision).finditer(heard):
            start, end = match.span()
            written = folded[start:end]
            if not _fits(source, written) and _misheard(source, written, self.precision):
                yield start, end, False


def _fits(source: str, written: str) -> bool:
    return compile_pattern(source).fullmatch(written) is not None


def _misheard(source: str, written: str, precision: Precision) -> bool:
    """Whether ``written`` would fit if a few characters were others that sound alike."""
    if len(written) < MIN_SOUND_LENGTH:
        return False
    likely = _literals(source, precision)
    options = [[c for c in likely.get(sound_text(char, precision), ()) if c != char] for char in written]
    places = [i for i, chars in enumerate(options) if chars]
    for many in _misheard_counts(len(written)):
        for chosen in combinations(places, many):
            for chars in product(*(options[i] for i in chosen)):
                changed = list(written)
                for i, char in zip(chosen, chars, strict=True):
                    changed[i] = char
                if _telling(source, "".join(changed), chosen):
                    return True
    return False


def _telling(source: str, changed: str, misheard: Sequence[int]) -> bool:
    """Whether ``changed``, or its end, fits and in each stretch without a gap half is written alike.

    So no word of one character is taken for another that sounds alike where nothing around it bears it out.
    """
    starts = range(min(misheard) + 1)
    return any(_borne_out(source, changed[k:], [i - k for i in misheard]) for k in starts)


def _in_a_word(source: str, changed: str, place: int) -> bool:
    """Whether the character there belongs to two or more that the expression names in a row."""
    return any(
        changed.startswith(word, place - i)
        for word in _words(source)
        for i, char in enumerate(word)
        if char == changed[place] and i <= place
    )


@cache
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


@cache
def _with_gaps(source: str) -> "re2._Regexp[str]":
    """The expression with a named group for each gap, which takes as little as it can."""
    numbers = count()
    named = _GAP.sub(lambda gap: f"(?P<gap{next(numbers)}>{gap[1]}?)", fold_pattern(source))
    return re2.compile("(?mi)" + named, _options())


def _misheard_counts(length: int) -> Sequence[int]:
    if length > _TOO_LONG:
        return (1,)
    return range(1, 2 + (length > MIN_SOUND_LENGTH) + (length >= _LONG))


@cache
def _literals(source: str, precision: Precision) -> Mapping[str, tuple[str, ...]]:
    """The Chinese characters an expression is written with, by how they sound."""
    by_sound: dict[str, tuple[str, ...]] = {}
    for char in dict.fromkeys(fold_pattern(source)):
        if not char.isascii():
            sound = sound_text(char, precision)
            by_sound[sound] = (*by_sound.get(sound, ()), char)
    return by_sound
