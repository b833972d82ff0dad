"""Regular expressions over folded text: RE2, linear in the text, whatever the author writes."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import re2  # type: ignore[import-untyped]

from . import limits
from .fold import fold
from .sounds import Precision, sound_text

_REFERENCE = re.compile(r"\{([a-z_]+)\}")
_NEGATED = re.compile(r"(?<!\\)\[\^")


class PatternError(ValueError):
    """An expression cannot be used; the message says why."""


def expand(source: str, lists: Mapping[str, Sequence[str]], depth: int = 0) -> str:
    """Replace each ``{name}`` by any of the texts or expressions of that list.

    Raises PatternError for unknown lists, lists that hold themselves, and what grows too long.
    """
    if depth > limits.NESTING:
        raise PatternError(f"lists within lists, more than {limits.NESTING} deep")
    left = limits.EXPRESSION_CHARACTERS

    def replace(match: re.Match[str]) -> str:
        nonlocal left
        if match[1] not in lists:
            raise PatternError(f"there is no list '{match[1]}'")
        items = []
        for item in lists[match[1]]:
            items.append(expand(item, lists, depth + 1))
            left -= len(items[-1])
            if left < 0:
                raise PatternError(f"more than {limits.EXPRESSION_CHARACTERS:,} characters with its lists")
        return "(?:" + "|".join(items) + ")"

    expanded = _REFERENCE.sub(replace, source)
    if len(expanded) > limits.EXPRESSION_CHARACTERS:
        raise PatternError(f"more than {limits.EXPRESSION_CHARACTERS:,} characters with its lists")
    return expanded


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


def options(source: str, *, captures: bool = True) -> re2.Options:
    """How to compile ``source``; the longer it is, the more memory it may use."""
    options = re2.Options()
    options.never_capture = not captures
    memory = limits.EXPRESSION_MEMORY + limits.MEMORY_A_CHARACTER * len(source)
    options.max_mem = min(memory, limits.MOST_MEMORY)
    options.log_errors = False
    return options


def check_pattern(source: str, precision: Precision) -> None:
    """Raises PatternError when the expression cannot be used, or costs too much."""
    for how in {Precision.EXACT, precision}:
        size = compile_pattern(source, how).programsize
        if size > limits.PROGRAM:
            raise PatternError(f"its automaton has {size:,} steps; {limits.PROGRAM:,} are allowed")


Finder = Callable[[bytes, int], tuple[int, int] | None]
"""Gives the first match from a place in UTF-8 text on, in bytes."""


def finder(compiled: "re2._Regexp[str]") -> Finder:
    """The search of an expression, without the Python wrapper, which takes longer than a short search."""
    match, anywhere = compiled._regexp.Match, re2._Anchor.UNANCHORED

    def find(data: bytes, start: int) -> tuple[int, int] | None:
        span: tuple[int, int] = match(anywhere, data, start, len(data))[0]
        return span if span[0] >= 0 else None

    return find


@lru_cache(maxsize=1 << 14)
def whole(compiled: "re2._Regexp[str]") -> Callable[[bytes], bool]:
    """Whether an expression matches the whole of a text, by the same short way."""
    match, both = compiled._regexp.Match, re2._Anchor.ANCHOR_BOTH
    return lambda data: bool(match(both, data, 0, len(data))[0][0] >= 0)


def groups_of(pattern: str) -> Callable[[bytes], Sequence[tuple[int, int]] | None]:
    """Gives where the named groups of an expression lie in a text that it fits, in bytes; None where it does
    not. Groups that match nothing lie nowhere: (-1, -1)."""
    compiled = re2.compile(pattern, options(pattern))
    match, both = compiled._regexp.Match, re2._Anchor.ANCHOR_BOTH
    numbers = tuple(compiled.groupindex.values())

    def groups(data: bytes) -> Sequence[tuple[int, int]] | None:
        found = match(both, data, 0, len(data))
        return [found[number] for number in numbers] if found[0][0] >= 0 else None

    return groups


def spans(find: Finder, data: bytes) -> Sequence[tuple[int, int]]:
    """All matches that are not empty, in bytes, from left to right; they do not overlap."""
    span = find(data, 0)
    if span is None:
        return ()
    found: list[tuple[int, int]] = []
    while span is not None:
        start, end = span
        if end > start:
            found.append(span)
        if end >= len(data):
            break
        span = find(data, max(end, start + 1))
    return found


@lru_cache(maxsize=1 << 14)
def compile_pattern(source: str, precision: Precision = Precision.EXACT) -> "re2._Regexp[str]":
    """Compile an expression for text of this precision. Raises PatternError."""
    pattern = "(?mi)" + sound_text(fold_pattern(source), precision)
    try:
        compiled = re2.compile(pattern, options(pattern, captures=False))
    except re2.error as error:
        detail = error.args[0] if error.args else error
        text = detail.decode() if isinstance(detail, bytes) else str(detail)
        raise PatternError(f"not an RE2 expression: {text}") from error
    if compiled.search("") is not None:
        raise PatternError("it matches nothing at all, and so everywhere")
    return compiled
