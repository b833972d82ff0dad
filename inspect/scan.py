"""What a rulebook's terms and expressions find in calls, which are read once for all rules together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..transcribe.types import Role
from .document import Document
from .expression import Expression, Found
from .fold import fold
from .limits import Budget
from .patterns import fold_pattern
from .rule import Detection, Finder, Keywords, Patterns, Repeats, Rule, Similar
from .scope import is_narrow
from .sieve import Sieve
from .similarity import Samples
from .sounds import Precision, sound_text
from .terms import Term, TermHit, TermMatcher

Key = tuple[str, str]
"""A rule's id and the name of one of its detections."""
_Sieved = tuple[Role | None, Precision]
_Matching = Sequence[tuple[Expression, Found]]
"""Expressions that match a call, each with a line and where."""
_Place = tuple[int, int, bytes, bytes]
"""Call of a batch, line of the call, and the line as it is written and as it is heard."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one detection is run: its terms by number, and its expressions, compiled."""

    key: Key
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
    samples: Samples | None = None
    """Sample sentences as they sound."""


class Lexicon:
    """The terms and expressions of many rules, compiled together."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._terms: dict[Term, int] = {}
        self._expressions: dict[tuple[str, Precision], Expression] = {}
        self._sieved: dict[_Sieved, dict[str, int]] = defaultdict(dict)
        self.plans = {
            (rule.id, name): self._plan((rule.id, name), detection)
            for rule in rules
            for name, detection in rule.detections.items()
        }
        self.matcher = TermMatcher(self._terms)
        self.sieves = {
            key: Sieve([sound_text(fold_pattern(source), key[1]) for source in sources], key[1])
            for key, sources in self._sieved.items()
        }

    def _plan(self, key: Key, detection: Detection) -> Plan:
        finder = detection.finder
        how = precision_of(detection)
        terms = finder.entries if isinstance(finder, Keywords) else ()
        sources = sources_of(finder)
        sifted = isinstance(finder, Patterns) and detection.extent == "utterance"
        sieve = (detection.speaker, how) if sifted and not any(map(is_narrow, detection.near)) else None
        sieved = self._sieved[sieve] if sieve else {}
        return Plan(
            key,
            terms=frozenset(self._terms.setdefault(term, len(self._terms)) for term in terms),
            expressions=self._compiled(sources, how),
            sieve=sieve,
            numbers=tuple(sieved.setdefault(source, len(sieved)) for source in sources) if sieve else (),
            shields=self._compiled(detection.not_inside, Precision.EXACT),
            heard_shields=self._compiled(detection.not_inside, how),
            spoilers=self._compiled(detection.unless, Precision.EXACT),
            samples=_samples(finder) if isinstance(finder, Similar) else None,
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


def sources_of(finder: Finder) -> tuple[str, ...]:
    """The expressions that a finder runs."""
    if isinstance(finder, Repeats):
        return finder.excluding
    return finder.sources if isinstance(finder, Patterns) else ()


def _samples(finder: Similar) -> Samples:
    return Samples([sound_text(fold(sample), finder.precision) for sample in finder.samples])


class Batch:
    """Some calls that are read together: each expression is started once for all of them."""

    def __init__(self, lexicon: Lexicon, docs: Sequence[Document]) -> None:
        self._lexicon = lexicon
        self._docs = docs
        self._candidates: dict[_Sieved, Mapping[int, Sequence[int]]] = {}
        self._places: dict[_Sieved, list[_Place]] = {}
        self._matching: dict[Key, Mapping[int, _Matching]] = {}
        self.scans = [Scan(lexicon, doc, self, number) for number, doc in enumerate(docs)]

    def matching(self, plan: Plan, number: int) -> _Matching:
        """What of a sieved plan matches in call ``number`` of the batch."""
        if plan.key not in self._matching:
            self._matching[plan.key] = self._match(plan)
        return self._matching[plan.key].get(number, ())

    def _match(self, plan: Plan) -> Mapping[int, _Matching]:
        assert plan.sieve is not None
        candidates, places = self._sifted(plan.sieve), self._places[plan.sieve]
        matching: dict[int, list[tuple[Expression, Found]]] = defaultdict(list)
        for number, expression in zip(plan.numbers, plan.expressions, strict=True):
            at = candidates.get(number, ())
            if not at:
                continue
            lines = [places[i] for i in at]
            for place, written, heard in expression.read([p[2] for p in lines], [p[3] for p in lines]):
                doc, line, _, _ = lines[place]
                matching[doc].append((expression, (line, written, heard)))
        return matching

    def _sifted(self, key: _Sieved) -> Mapping[int, Sequence[int]]:
        """For each expression of a sieve the places of lines that it can match."""
        if key not in self._candidates:
            speaker, precision = key
            chosen = [
                (number, line)
                for number, doc in enumerate(self._docs)
                for line in (doc.spoken if speaker is None else doc.by_role.get(speaker, ()))
            ]
            heard = [doc.heard_lines(precision) for doc in self._docs]
            encoded = [(scan.encoded(Precision.EXACT), scan.encoded(precision)) for scan in self.scans]
            self._places[key] = [
                (number, line, encoded[number][0][line], encoded[number][1][line]) for number, line in chosen
            ]
            sieve = self._lexicon.sieves[key]
            self._candidates[key] = sieve.candidates([heard[number][line] for number, line in chosen])
        return self._candidates[key]


class Scan:
    """What the lexicon finds in one document; each part is found when first asked for."""

    def __init__(self, lexicon: Lexicon, doc: Document, batch: Batch | None = None, number: int = 0) -> None:
        self._lexicon = lexicon
        self._doc = doc
        self._encoded: dict[Precision, list[bytes]] = {}
        self._number = number
        self._batch = batch
        self.budget = Budget()
        """What the rule that is being run may still cost."""

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
        if plan.sieve is None or self._batch is None:
            yield from self.within(plan.expressions, lines)
            return
        matching = self._batch.matching(plan, self._number)
        wanted = frozenset(lines) if matching else frozenset()
        for expression, found in matching:
            if found[0] in wanted:
                yield from self._graded(expression, found)

    def within(
        self, expressions: Iterable[Expression], lines: Sequence[int]
    ) -> Iterator[tuple[int, int, bool]]:
        """The same for expressions that go through no sieve."""
        heard: dict[Precision, list[bytes]] = {}
        for expression in expressions if lines else ():
            for how in {Precision.EXACT, expression.precision}.difference(heard):
                heard[how] = [self.encoded(how)[line] for line in lines]
            as_heard = heard[expression.precision]
            self.budget.spend(sum(map(len, as_heard)))
            for place, *found in expression.read(heard[Precision.EXACT], as_heard):
                yield from self._graded(expression, (lines[place], found[0], found[1]))

    def in_text(self, expressions: Iterable[Expression], text: str) -> Iterator[tuple[int, int, bool]]:
        """Start, end and exactness of every match in a folded text of no line."""
        written = text.encode()
        for expression in expressions:
            heard = sound_text(text, expression.precision).encode()
            self.budget.spend(len(heard))
            for _, as_written, as_heard in expression.read([written], [heard]):
                yield from expression.graded(text, as_written, as_heard, self.budget)

    def terms_in(self, plan: Plan, text: str) -> Iterator[TermHit]:
        """Hits of the plan's terms in a folded text of no line."""
        return (hit for hit in self._lexicon.matcher.find(text) if hit.term in plan.terms)

    def _graded(self, expression: Expression, found: Found) -> Iterator[tuple[int, int, bool]]:
        line, written, heard = found
        base = self._doc.starts[line]
        self.budget.spend(len(self.encoded(expression.precision)[line]))
        for start, end, exact in expression.graded(self._doc.lines[line], written, heard, self.budget):
            yield base + start, base + end, exact

    def encoded(self, precision: Precision) -> list[bytes]:
        """The call's lines as they sound, in UTF-8."""
        if precision not in self._encoded:
            self._encoded[precision] = self._doc.heard(precision).encode().split(b"\n")
        return self._encoded[precision]
