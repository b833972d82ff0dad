"""Finders of what was said: terms, expressions, entities, similar sentences, repetition."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..transcribe.types import Role
from .document import Document
from .entities import find_entities
from .fold import fold, fold_positions
from .hits import Hit
from .rule import Detection, Entities, Keywords, Patterns, Repeats, Similar
from .scan import Scan, keyword_terms, precision_of
from .similarity import overlap, pairs
from .sounds import Precision, sound_text
from .words import cuts_word

_SENTENCE_END = re.compile(r"[。！？!?]")
_CLAUSE = re.compile(r"[^，。！？；,.!?;：:、\s]+")


def find_keywords(finder: Keywords, doc: Document, scan: Scan) -> Iterator[Hit]:
    for term in keyword_terms(finder):
        for found in scan.term(term):
            line = doc.line(found.start)
            base = doc.starts[line]
            if finder.boundary and cuts_word(doc.lines[line], found.start - base, found.end - base):
                continue
            how = "exact" if found.exact else str(finder.precision)
            yield Hit(line, found.start, found.end, how, term.text)


def find_patterns(finder: Patterns, doc: Document, scan: Scan) -> Iterator[Hit]:
    for start, end, exact in scan.patterns(finder.sources, finder.precision):
        if not exact and _over_sentences(doc, start, end):
            continue
        yield Hit(doc.line(start), start, end, "regex" if exact else str(finder.precision))


def _over_sentences(doc: Document, start: int, end: int) -> bool:
    """Whether a sentence ends within: what only sounds so must at least be one sentence."""
    line, first, last = doc.original(start, end)
    return _SENTENCE_END.search(doc.utterances[line].text, first, last - 1) is not None


def find_entity_hits(finder: Entities, doc: Document, speaker: Role | None) -> Iterator[Hit]:
    for line, utterance in enumerate(doc.utterances):
        if speaker is not None and utterance.role is not speaker:
            continue
        for entity in find_entities(utterance.text, finder.kinds):
            places = fold_positions(utterance.text)
            inside = [i for i, place in enumerate(places) if entity.start <= place < entity.end]
            if inside:
                base = doc.starts[line]
                yield Hit(line, base + inside[0], base + inside[-1] + 1, "entity", entity.kind)


def find_similar(finder: Similar, doc: Document) -> Iterator[Hit]:
    samples = [(s, pairs(sound_text(fold(s), finder.precision))) for s in finder.samples]
    for line in range(len(doc.lines)):
        for start, end in _clauses(doc, line):
            heard = pairs(doc.heard(finder.precision)[start:end])
            best = max(samples, key=lambda sample: overlap(sample[1], heard), default=None)
            if best and overlap(best[1], heard) >= finder.threshold:
                yield Hit(line, start, end, "similar", best[0])


def _clauses(doc: Document, line: int) -> Iterator[tuple[int, int]]:
    """Folded ranges between punctuation marks."""
    text, at = doc.utterances[line].text, doc.starts[line]
    for match in _CLAUSE.finditer(text):
        length = len(fold(match[0]))
        if length:
            yield at, at + length
        at += length


def find_repeats(finder: Repeats, doc: Document) -> Iterator[Hit]:
    for lines in doc.by_role.values():
        said = [pairs(doc.lines[i]) for i in lines]
        for k, line in enumerate(lines):
            if len(doc.lines[line]) < finder.min_chars:
                continue
            before = said[max(0, k - finder.within) : k]
            alike = sum(overlap(said[k], other) >= finder.threshold for other in before)
            if alike + 1 >= finder.times:
                yield Hit(line, *doc.span(line), "repeat", f"said {alike + 1} times")


def refine(detection: Detection, hits: Sequence[Hit], scan: Scan) -> list[Hit]:
    """Drop hits inside a phrase of ``not_inside`` or in an utterance with an expression of ``unless``.

    Hits by sound are also dropped inside a phrase that only sounds so.
    """
    shields = {how: _spans(detection, scan, how) for how in (Precision.EXACT, precision_of(detection))}
    kept = [
        h
        for h in hits
        if not any(_touched(h, s) for how, s in shields.items() if how in (Precision.EXACT, h.match))
    ]
    if not detection.unless or not kept:
        return kept
    spoilt = {scan.line_of(a) for a, _, _ in scan.patterns(detection.unless, Precision.EXACT)}
    return [h for h in kept if h.line not in spoilt]


def _spans(detection: Detection, scan: Scan, how: Precision) -> list[tuple[int, int]]:
    return [(start, end) for start, end, _ in scan.patterns(detection.not_inside, how)]


def _touched(hit: Hit, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < hit.end and hit.start < end for start, end in spans)


def distinct(hits: Sequence[Hit]) -> int:
    return len({replace(h, line=None, start=0, end=0, match="") for h in hits})
