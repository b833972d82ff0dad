"""Which finder looks for what a detection wants."""

from collections.abc import Iterable, Mapping, Sequence

from .document import Document
from .find_call import find_call_data, find_hangup, find_loudness, find_position
from .find_extent import find_in_clauses, find_merged
from .find_sound import find_interruptions, find_rates, find_responses, find_silences
from .find_text import find_entity_hits, find_keywords, find_patterns, find_repeats, find_similar
from .hits import Hit
from .rule import (
    CallData,
    Detection,
    Entities,
    Hangup,
    Interruptions,
    Keywords,
    Loudness,
    Patterns,
    Rate,
    Repeats,
    Response,
    Silence,
    Similar,
    Speaks,
)
from .scan import Plan, Scan


def find_hits(
    detection: Detection,
    plan: Plan,
    doc: Document,
    scan: Scan,
    metadata: Mapping[str, str],
    lines: Sequence[int],
) -> list[Hit]:
    """What is there to find: words on ``lines``, or in the whole call where that is no more work.

    Hits are in order of position and have no two alike.
    """
    hits = _words(detection, plan, doc, scan, lines)
    if hits is None:
        hits = _sounds(detection, doc, metadata, lines)
    once = set(hits)
    return sorted(once, key=lambda h: (h.start, h.end, h.match, h.about)) if len(once) > 1 else list(once)


def _words(
    detection: Detection, plan: Plan, doc: Document, scan: Scan, lines: Sequence[int]
) -> Iterable[Hit] | None:
    finder = detection.finder
    match finder:
        case Keywords() | Patterns() if detection.extent == "merged":
            return find_merged(finder, plan, doc, scan, lines)
        case Keywords():
            hits = find_keywords(plan, doc, scan)
        case Patterns():
            if detection.extent == "clause":
                return find_in_clauses(finder, plan, doc, scan, lines)
            hits = find_patterns(finder, plan, doc, scan, lines)
        case Similar():
            hits = find_similar(finder, plan, doc, lines)
        case Entities():
            hits = find_entity_hits(finder, doc, lines)
        case Repeats():
            hits = find_repeats(finder, plan, doc, scan)
        case _:
            return None
    return hits if detection.extent == "utterance" else (h for h in hits if doc.one_clause(h.start, h.end))


def _sounds(
    detection: Detection, doc: Document, metadata: Mapping[str, str], lines: Sequence[int]
) -> Iterable[Hit]:
    match detection.finder:
        case Silence() as finder:
            return find_silences(finder, doc)
        case Response() as finder:
            return find_responses(finder, doc)
        case Hangup() as finder:
            return find_hangup(finder, doc)
        case Loudness() as finder:
            return find_loudness(finder, doc)
        case Rate() as finder:
            return find_rates(finder, doc, lines)
        case Interruptions() as finder:
            return find_interruptions(finder, doc)
        case Speaks() as finder:
            return find_position(finder, doc)
        case CallData() as finder:
            return find_call_data(finder, doc, metadata)
    raise TypeError(f"nothing finds {detection.finder}")
