"""Hits: where in a document a detection was found."""

from dataclasses import dataclass

from .document import Document


@dataclass(frozen=True, slots=True)
class Hit:
    """Folded positions ``start`` to ``end`` within ``line``, or a stretch of sound.

    Hits of sound carry their ``seconds``; their positions are those of the utterance they belong to.
    ``about`` tells what was found, for the reader of a flag.
    """

    line: int | None
    start: int
    end: int
    match: str
    about: str = ""
    seconds: tuple[float, float] | None = None


def seconds_of(hit: Hit, doc: Document) -> tuple[float, float]:
    """When the hit was said or happened."""
    if hit.seconds is not None:
        return hit.seconds
    quote = doc.quote(hit.start, hit.end)
    return quote.start, quote.end
