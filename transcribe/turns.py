"""Diarized turns to pieces for the recogniser: pauses joined, scraps dropped, overlaps remembered."""

from collections.abc import Sequence
from dataclasses import dataclass

from .activity import JOIN_SECONDS
from .types import Span
from .windows import Piece

SHORTEST_SECONDS = 0.25
PAUSE_SECONDS = 0.08
"""Turns are cut at pauses this short, in what voice detection sees of them: it still hears speech for 0.15 s
after the end, and people take turns within 0.25 s. One voice's turns are joined again."""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """``speaker`` is speaking during ``span``; ``overlapped`` when somebody else is, too."""

    span: Span
    speaker: str
    overlapped: bool = False


@dataclass(frozen=True, slots=True)
class Turns:
    """The pieces of a mono recording and those in which somebody else speaks, too."""

    pieces: tuple[Piece, ...]
    overlapped: frozenset[Piece]


def pieces_of(turns: Sequence[SpeakerTurn]) -> Turns:
    """One lane a speaker, numbered in the order they first speak; turns across short pauses joined.

    A pause is bridged only when nobody else speaks in it.
    """
    lanes: dict[str, int] = {}
    joined: list[SpeakerTurn] = []
    for turn in sorted(turns, key=lambda t: (t.span.start, t.span.end)):
        lanes.setdefault(turn.speaker, len(lanes))
        if joined and _continues(joined[-1], turn):
            joined[-1] = _join(joined[-1], turn)
        else:
            joined.append(turn)
    kept = [t for t in joined if t.span.duration >= SHORTEST_SECONDS]
    pieces = {Piece(t.span, lanes[t.speaker], 0): t.overlapped for t in kept}
    return Turns(tuple(pieces), frozenset(p for p, both in pieces.items() if both))


def _continues(last: SpeakerTurn, turn: SpeakerTurn) -> bool:
    return last.speaker == turn.speaker and turn.span.start - last.span.end < JOIN_SECONDS


def _join(last: SpeakerTurn, turn: SpeakerTurn) -> SpeakerTurn:
    span = Span(last.span.start, max(last.span.end, turn.span.end))
    return SpeakerTurn(span, last.speaker, last.overlapped or turn.overlapped)
