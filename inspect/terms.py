"""All occurrences of many terms in a text, overlaps included, exactly or by sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import ahocorasick_rs

from .fold import fold
from .sounds import Precision, sound_text

MIN_SOUND_LENGTH = 3
"""Shorter terms are heard everywhere: below this, half the characters must be written alike."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term to find; ``short_sounds`` lets a term of two characters match by sound alone."""

    text: str
    precision: Precision = Precision.EXACT
    short_sounds: bool = False
    boundary: bool = False
    """Drop hits that cut a word in two (和服 in 产品和服务); the matcher itself does not look at it."""
    same_as: str = ""
    """The term of which this is a synonym, where different terms are counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of a list; what is None is for the detection that names the list to say."""

    text: str
    precision: Precision | None = None
    short_sounds: bool | None = None
    boundary: bool | None = None
    same_as: str = ""


class TermHit(NamedTuple):
    """``term`` (its number) at ``start`` to ``end`` of the folded text."""

    term: int
    start: int
    end: int
    exact: bool


class TermMatcher:
    """Finds every occurrence of ``terms`` in a folded text (Aho–Corasick, one automaton a precision).

    Terms that fold to nothing never match.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._folded = [fold(term.text) for term in self.terms]
        groups: dict[Precision, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, (term, folded) in enumerate(zip(self.terms, self._folded, strict=True)):
            if folded:
                groups[term.precision][sound_text(folded, term.precision)].append(number)
        self._automata = [
            (precision, ahocorasick_rs.AhoCorasick(list(keys)), list(keys.values()))
            for precision, keys in groups.items()
        ]

    def find(self, folded: str) -> Iterator[TermHit]:
        """Every hit in ``folded``; lines (joined by newlines) never mix."""
        for precision, automaton, numbers in self._automata:
            heard = sound_text(folded, precision)
            found = automaton.find_matches_as_indexes(heard, overlapping=True)
            if precision is Precision.EXACT:
                yield from (TermHit(n, start, end, True) for key, start, end in found for n in numbers[key])
            else:
                yield from self._graded(found, folded, numbers)

    def _graded(
        self, found: Iterable[tuple[int, int, int]], folded: str, numbers: list[list[int]]
    ) -> Iterator[TermHit]:
        for key, start, end in found:
            written = folded[start:end]
            for number in numbers[key]:
                exact = written == self._folded[number]
                if exact or self._plausible(number, written):
                    yield TermHit(number, start, end, exact)

    def _plausible(self, number: int, written: str) -> bool:
        """Whether a hit by sound alone is worth raising; the limits are measured, see the rule docs."""
        folded = self._folded[number]
        if len(folded) >= MIN_SOUND_LENGTH or self.terms[number].short_sounds:
            return True
        return 2 * sum(a == b for a, b in zip(folded, written, strict=True)) >= len(folded) > 1
