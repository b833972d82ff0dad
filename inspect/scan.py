"""What a rulebook's terms and expressions find in one call; it is read once for all rules together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..transcribe.types import Role
from .document import Document
from .expression import Expression
from .patterns import fold_pattern
from .rule import Detection, Keywords, Patterns, Rule
from .scope import is_narrow
from .sieve import Sieve
from .sounds import Precision, sound_text
from .terms import Term, TermHit, TermMatcher

Key = tuple[str, str]
"""A rule's id and the name of one of its detections."""
_Sieved = tuple[Role | None, Precision]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one detection is run: its terms by number, and its expressions, compiled."""

    terms: frozenset[int] = frozenset()
    expressions: tuple[Expression, ...] = ()
    sieve: _Sieved | None = None
    """The sieve that tells on which lines the expressions are run; None where their anchors tell it."""
    numbers: tuple[int, ...] = ()
    """Those of the expressions within the sieve."""
    shields: tuple[Expression, ...] = ()
    """``not_inside``, as it is written."""
    heard_shields: tuple[Expression, ...] = ()
    """``not_inside``, as precise as the detection hears."""
    spoilers: tuple[Expression, ...] = ()


class Lexicon:
    """The terms and expressions of many rules, compiled together."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._terms: dict[Term, int] = {}
        self._expressions: dict[tuple[str, Precision], Expression] = {}
        self._sieved: dict[_Sieved, dict[str, int]] = defaultdict(dict)
        self.plans = {
            (rule.id, name): self._plan(detection)
            for rule in rules
            for name, detection in rule.detections.items()
        }
        self.matcher = TermMatcher(self._terms)
        self.sieves = {
            key: Sieve([sound_text(fold_pattern(source), key[1]) for source in sources], key[1])
            for key, sources in self._sieved.items()
        }

    def _plan(self, detection: Detection) -> Plan:
        finder = detection.finder
        how = precision_of(detection)
        terms = finder.entries if isinstance(finder, Keywords) else ()
        sources = finder.sources if isinstance(finder, Patterns) else ()
        sieve = (detection.speaker, how) if sources and not any(map(is_narrow, detection.near)) else None
        sieved = self._sieved[sieve] if sieve else {}
        return Plan(
            terms=frozenset(self._terms.setdefault(term, len(self._terms)) for term in terms),
            expressions=self._compiled(sources, how),
            sieve=sieve,
            numbers=tuple(sieved.setdefault(source, len(sieved)) for source in sources) if sieve else (),
            shields=self._compiled(detection.not_inside, Precision.EXACT),
            heard_shields=self._compiled(detection.not_inside, how),
            spoilers=self._compiled(detection.unless, Precision.EXACT),
        )

    def _compiled(self, sources: Iterable[str], precision: Precision) -> tuple[Expression, ...]:
        return tuple(self._expression(source, precision) for source in sources)

    def _expression(self, source: str, precision: Precision) -> Expression:
        key = (source, precision)
        if key not in self._expressions:
            self._expressions[key] = Expression(source, precision)
        return self._expressions[key]


def precision_of(detection: Detection) -> Precision:
    """How exactly the detection hears; EXACT for those that hear no words."""
    finder = detection.finder
    return finder.precision if isinstance(finder, (Keywords, Patterns)) else Precision.EXACT


class Scan:
    """What the lexicon finds in one document; each part is found when first asked for."""

    def __init__(self, lexicon: Lexicon, doc: Document) -> None:
        self._lexicon = lexicon
        self._doc = doc
        self._candidates: dict[_Sieved, dict[int, list[int]]] = {}
        self._encoded: dict[Precision, list[bytes]] = {}

    def line_of(self, position: int) -> int:
        return self._doc.line(position)

    def plan(self, key: Key) -> Plan:
        return self._lexicon.plans[key]

    def term(self, number: int) -> Term:
        return self._lexicon.matcher.terms[number]

    @cached_property
    def _terms(self) -> dict[int, list[TermHit]]:
        hits: dict[int, list[TermHit]] = defaultdict(list)
        for hit in self._lexicon.matcher.find(self._doc.text):
            hits[hit.term].append(hit)
        return hits

    def terms(self, plan: Plan) -> Iterator[TermHit]:
        """Hits of the plan's terms anywhere in the call."""
        for number in plan.terms.intersection(self._terms) if plan.terms else ():
            yield from self._terms[number]

    def matches(self, plan: Plan, lines: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
        """Start, end and exactness of every match of the plan's expressions within one of ``lines``.

        Lines that cannot hold a match are passed over by the plan's sieve.
        """
        if plan.sieve is None:
            yield from self.within(plan.expressions, lines)
            return
        candidates = self._sifted(plan.sieve)
        wanted = None if len(lines) == self._spoken(plan.sieve[0]) else frozenset(lines)
        heard = self._bytes(plan.sieve[1])
        for number, expression in zip(plan.numbers, plan.expressions, strict=True):
            places = candidates.get(number)
            if places and wanted is not None:
                places = [line for line in places if line in wanted]
            if places and (matching := expression.matching(places, heard)):
                yield from self._all(expression, matching, heard)

    def within(
        self, expressions: Iterable[Expression], lines: Sequence[int]
    ) -> Iterator[tuple[int, int, bool]]:
        """The same for expressions that go through no sieve."""
        for expression in expressions if lines else ():
            heard = self._bytes(expression.precision)
            yield from self._all(expression, expression.matching(lines, heard), heard)

    def _all(
        self, expression: Expression, lines: Sequence[int], heard: Sequence[bytes]
    ) -> Iterator[tuple[int, int, bool]]:
        doc, written = self._doc, self._bytes(Precision.EXACT)
        for line in lines:
            base = doc.starts[line]
            for start, end, exact in expression.find(doc.lines[line], written[line], heard[line]):
                yield base + start, base + end, exact

    def _bytes(self, precision: Precision) -> list[bytes]:
        if precision not in self._encoded:
            self._encoded[precision] = self._doc.heard(precision).encode().split(b"\n")
        return self._encoded[precision]

    def _spoken(self, speaker: Role | None) -> int:
        return len(self._doc.spoken if speaker is None else self._doc.by_role.get(speaker, ()))

    def _sifted(self, key: _Sieved) -> dict[int, list[int]]:
        """For each expression of a sieve the lines of its speaker that it can match."""
        if key not in self._candidates:
            speaker, precision = key
            lines = self._doc.spoken if speaker is None else self._doc.by_role.get(speaker, [])
            heard = self._doc.heard_lines(precision)
            left = self._lexicon.sieves[key].candidates([heard[line] for line in lines])
            self._candidates[key] = {n: [lines[at] for at in places] for n, places in left.items()}
        return self._candidates[key]
