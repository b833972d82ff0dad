"""Finders of what was said: terms, expressions, entities, similar sentences, repetition."""

import re
from collections.abc import Iterator, Sequence

from .document import Document
from .entities import RUNS, find_entities
from .expression import Expression
from .hits import Hit
from .rule import Entities, Patterns, Repeats, Similar
from .scan import Plan, Scan
from .similarity import overlap, pairs
from .sounds import Precision
from .words import cuts_word

_BY_SOUND = frozenset({str(Precision.PINYIN), str(Precision.FUZZY)})
_FIVE_DIGITS = re.compile("[0-9](?:[^0-9]*[0-9]){4}")
_SENTENCE_END = re.compile(r"[。！？!?]")


def find_keywords(plan: Plan, doc: Document, scan: Scan) -> Iterator[Hit]:
    for found in scan.terms(plan):
        line, term = doc.line(found.start), scan.term(found.term)
        base = doc.starts[line]
        if term.boundary and cuts_word(doc.lines[line], found.start - base, found.end - base):
            continue
        how = "exact" if found.exact else str(term.precision)
        yield Hit(line, found.start, found.end, how, term.text)


def find_patterns(
    finder: Patterns, plan: Plan, doc: Document, scan: Scan, lines: Sequence[int]
) -> Iterator[Hit]:
    for start, end, exact in scan.matches(plan, lines):
        if not exact and _over_sentences(doc, start, end):
            continue
        yield Hit(doc.line(start), start, end, "regex" if exact else str(finder.precision))


def _over_sentences(doc: Document, start: int, end: int) -> bool:
    """Whether a sentence ends within: what only sounds so must at least be one sentence."""
    line, first, last = doc.original(start, end)
    return _SENTENCE_END.search(doc.utterances[line].text, first, last - 1) is not None


def find_entity_hits(finder: Entities, doc: Document, lines: Sequence[int]) -> Iterator[Hit]:
    only_runs = RUNS.issuperset(finder.kinds)
    for line in lines:
        if only_runs and not _FIVE_DIGITS.search(doc.lines[line]):
            continue
        for entity in find_entities(doc.utterances[line].text, finder.kinds):
            places = doc.origins(line)
            if finder.valid and not entity.valid:
                continue
            inside = [i for i, place in enumerate(places) if entity.start <= place < entity.end]
            if inside:
                base = doc.starts[line]
                yield Hit(line, base + inside[0], base + inside[-1] + 1, "entity", entity.kind)


def find_similar(finder: Similar, plan: Plan, doc: Document, lines: Sequence[int]) -> Iterator[Hit]:
    samples = plan.samples
    if samples is None:
        return
    heard = doc.heard(finder.precision)
    for line in lines:
        for start, end in doc.clauses(line):
            best = samples.best(heard[start:end], finder.threshold)
            if best is not None:
                yield Hit(line, start, end, "similar", finder.samples[best])


def find_repeats(finder: Repeats, plan: Plan, doc: Document, scan: Scan) -> Iterator[Hit]:
    for spoken in doc.by_role.values():
        excluded = {doc.line(start) for start, _, _ in scan.within(plan.expressions, spoken)}
        lines = [line for line in spoken if line not in excluded]
        said = [pairs(doc.lines[i]) for i in lines]
        for k, line in enumerate(lines):
            if len(doc.lines[line]) < finder.min_chars:
                continue
            before = said[max(0, k - finder.within) : k]
            alike = sum(overlap(said[k], other) >= finder.threshold for other in before)
            if alike + 1 >= finder.times:
                yield Hit(line, *doc.span(line), "repeat", f"said {alike + 1} times")


def refine(hits: Sequence[Hit], plan: Plan, scan: Scan) -> list[Hit]:
    """Drop hits inside a phrase of ``not_inside`` or in an utterance with an expression of ``unless``.

    Hits by sound are also dropped inside a phrase that only sounds so.
    """
    lines = sorted({h.line for h in hits if h.line is not None})
    shields = _spans(plan.shields, lines, scan)
    kept = [h for h in hits if not _touched(h, shields)]
    if any(h.match in _BY_SOUND for h in kept):
        heard = _spans(plan.heard_shields, lines, scan)
        kept = [h for h in kept if h.match not in _BY_SOUND or not _touched(h, heard)]
    if not plan.spoilers or not kept:
        return kept
    spoilt = {scan.line_of(a) for a, _, _ in scan.within(plan.spoilers, lines)}
    return [h for h in kept if h.line not in spoilt]


def _spans(expressions: Sequence[Expression], lines: Sequence[int], scan: Scan) -> list[tuple[int, int]]:
    return [(start, end) for start, end, _ in scan.within(expressions, lines)]


def _touched(hit: Hit, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < hit.end and hit.start < end for start, end in spans)
