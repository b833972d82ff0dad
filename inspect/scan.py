"""One pass of all of a rulebook's terms and expressions over one call."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from .document import Document
from .patterns import PatternSet
from .rule import Detection, Keywords, Patterns
from .sounds import Precision
from .terms import Term, TermHit, TermMatcher

_Key = tuple[int, Precision]


class Lexicon:
    """The terms and expressions of many detections, compiled together so that a call is read once."""

    def __init__(self, detections: Iterable[Detection]) -> None:
        terms: dict[Term, int] = {}
        patterns: dict[Precision, dict[str, int]] = defaultdict(dict)
        for detection in detections:
            finder = detection.finder
            if isinstance(finder, Keywords):
                for term in keyword_terms(finder):
                    terms.setdefault(term, len(terms))
            elif isinstance(finder, Patterns):
                numbered = patterns[finder.precision]
                for source in finder.sources:
                    numbered.setdefault(source, len(numbered))
            for source in (*detection.not_inside, *detection.unless):
                patterns[Precision.EXACT].setdefault(source, len(patterns[Precision.EXACT]))
            for source in detection.not_inside:
                heard = patterns[precision_of(detection)]
                heard.setdefault(source, len(heard))
        self.numbers = terms
        self.matcher = TermMatcher(terms)
        self.patterns = dict(patterns)
        self.sets = {p: PatternSet(list(numbered), p) for p, numbered in patterns.items()}
        self._known: dict[tuple[tuple[str, ...], Precision], frozenset[int]] = {}

    def pattern_numbers(self, sources: tuple[str, ...], precision: Precision) -> frozenset[int]:
        """The numbers of these expressions in the set of their precision."""
        key = (sources, precision)
        if key not in self._known:
            numbered = self.patterns.get(precision, {})
            self._known[key] = frozenset(numbered[source] for source in sources)
        return self._known[key]


def keyword_terms(finder: Keywords) -> list[Term]:
    return [Term(text, finder.precision, finder.short_sounds) for text in finder.terms]


def precision_of(detection: Detection) -> Precision:
    """How exactly the detection hears; EXACT for those that hear no words."""
    finder = detection.finder
    return finder.precision if isinstance(finder, (Keywords, Patterns)) else Precision.EXACT


class Scan:
    """What the lexicon finds in one document; each part is found when first asked for."""

    def __init__(self, lexicon: Lexicon, doc: Document) -> None:
        self._lexicon = lexicon
        self._doc = doc
        self._lines: dict[Precision, dict[int, list[int]]] = {}
        self._found: dict[_Key, list[tuple[int, int, bool]]] = {}

    @cached_property
    def _terms(self) -> dict[int, list[TermHit]]:
        hits: dict[int, list[TermHit]] = defaultdict(list)
        for hit in self._lexicon.matcher.find(self._doc.text):
            hits[hit.term].append(hit)
        return hits

    def line_of(self, position: int) -> int:
        return self._doc.line(position)

    def term(self, term: Term) -> list[TermHit]:
        return self._terms.get(self._lexicon.numbers[term], [])

    def patterns(self, sources: Iterable[str], precision: Precision) -> Iterator[tuple[int, int, bool]]:
        """Start, end and exactness of every match of these expressions within one line."""
        wanted = self._lexicon.pattern_numbers(tuple(sources), precision)
        for number in sorted(wanted & self._present(precision).keys()) if wanted else ():
            key = (number, precision)
            if key not in self._found:
                self._found[key] = list(self._search(number, precision))
            yield from self._found[key]

    def _present(self, precision: Precision) -> dict[int, list[int]]:
        """For each expression that matches the lines in which it does."""
        if precision not in self._lines:
            lines: dict[int, list[int]] = defaultdict(list)
            patterns, heard = self._lexicon.sets[precision], self._doc.heard(precision)
            for line in range(len(self._doc.lines)):
                start, end = self._doc.span(line)
                for number in patterns.present(heard[start:end]) if end > start else ():
                    lines[number].append(line)
            self._lines[precision] = lines
        return self._lines[precision]

    def _search(self, number: int, precision: Precision) -> Iterator[tuple[int, int, bool]]:
        patterns, heard = self._lexicon.sets[precision], self._doc.heard(precision)
        for line in self._present(precision)[number]:
            first, last = self._doc.span(line)
            for start, end, exact in patterns.find(number, heard[first:last], self._doc.lines[line]):
                if end > start:
                    yield first + start, first + end, exact
