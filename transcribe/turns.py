"""Diarized turns to pieces for the recogniser: pauses joined, overlaps marked, scraps dropped."""

from collections.abc import Sequence

from .activity import JOIN_SECONDS
from .diarize import SpeakerTurn
from .types import Span
from .windows import Piece

SHORTEST_SECONDS = 0.25


def pieces_of(turns: Sequence[SpeakerTurn]) -> list[Piece]:
    """One lane a speaker, numbered in the order they first speak; turns across short pauses joined.

    A pause is bridged only when nobody else speaks in it.
    """
    ordered = sorted(turns, key=lambda t: (t.span.start, t.span.end))
    lanes: dict[str, int] = {}
    joined: list[tuple[str, Span]] = []
    for turn in ordered:
        lanes.setdefault(turn.speaker, len(lanes))
        last = joined[-1] if joined else None
        if last and last[0] == turn.speaker and turn.span.start - last[1].end < JOIN_SECONDS:
            joined[-1] = (last[0], Span(last[1].start, max(last[1].end, turn.span.end)))
        else:
            joined.append((turn.speaker, turn.span))
    return [Piece(s, lanes[who], 0) for who, s in joined if s.duration >= SHORTEST_SECONDS]


def overlaps(pieces: Sequence[Piece], piece: Piece) -> bool:
    """Whether another lane speaks during ``piece``."""
    return any(
        p.lane != piece.lane and p.span.start < piece.span.end and piece.span.start < p.span.end
        for p in pieces
    )
