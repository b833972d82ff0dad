"""Whether hits come often enough, in enough different words, close enough together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .document import Document
from .hits import Hit, seconds_of
from .rule import Amount, Detection, Keywords


def enough(detection: Detection, hits: Sequence[Hit], doc: Document) -> list[Hit]:
    """The hits that belong to a stretch with as many hits and different terms as the detection wants."""
    finder = detection.finder
    wanted = finder.distinct if isinstance(finder, Keywords) else 1
    if wanted <= 1 and detection.at_least <= 1:
        return list(hits)
    names = _names(finder) if isinstance(finder, Keywords) else {}
    kept: dict[int, Hit] = {}
    for stretch in _stretches(hits, detection.together, doc):
        members = [hits[i] for i in stretch]
        if len(members) >= detection.at_least and _different(members, names) >= wanted:
            kept.update((i, hits[i]) for i in stretch)
    return [kept[i] for i in sorted(kept)]


def _names(finder: Keywords) -> Mapping[str, str]:
    return {term.text: term.same_as or term.text for term in finder.entries}


def _different(hits: Iterable[Hit], names: Mapping[str, str]) -> int:
    return len({(names.get(hit.about, hit.about), hit.seconds) for hit in hits})


def _stretches(hits: Sequence[Hit], together: Amount | None, doc: Document) -> Iterator[Sequence[int]]:
    """Places of the hits of each stretch; a stretch is a unit of speech, or begins with a hit."""
    if together is None or together.unit == "call":
        yield range(len(hits))
    elif together.unit in ("clause", "utterance"):
        groups: dict[tuple[int | None, int], list[int]] = defaultdict(list)
        for i, hit in enumerate(hits):
            clause = doc.clause(hit.start) if together.unit == "clause" and hit.line is not None else 0
            groups[hit.line, clause].append(i)
        yield from groups.values()
    else:
        yield from _sliding(hits, together, doc)


def _sliding(hits: Sequence[Hit], together: Amount, doc: Document) -> Iterator[range]:
    """From each hit on, those that end within the amount; both ends only move forward."""
    spans = [_span(hit, together, doc) for hit in hits]
    order = sorted(range(len(hits)), key=lambda i: spans[i])
    if order != list(range(len(hits))):
        spans = [spans[i] for i in order]
    last = 0
    for first, (start, _) in enumerate(spans):
        last = max(last, first)
        while last + 1 < len(spans) and spans[last + 1][1] - start <= together.value:
            last += 1
        yield range(first, last + 1)


def _span(hit: Hit, together: Amount, doc: Document) -> tuple[float, float]:
    if together.unit == "s":
        return seconds_of(hit, doc)
    if together.unit == "utterances":
        line = hit.line if hit.line is not None else len(doc.lines)
        return line, line + 1
    return hit.start, hit.end
