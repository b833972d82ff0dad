"""Packs pieces of speech into windows as long as the recogniser hears at once.

A full window costs no more than a nearly empty one, and the words around a short answer help to
recognise it; so pieces of one lane (a channel or a speaker) share windows, silence between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .types import Span

RATE = 16000
LONGEST_SECONDS = 28.0
"""Whisper hears 30 s; a little room is left for the last word to end."""
GAP_SECONDS = 0.3
EAR_SECONDS = 0.1
"""A piece is cut this much wider than its speech, so that soft first and last sounds are heard."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Speech of one lane without a longer pause; ``lane`` is a channel or a speaker's number."""

    span: Span
    lane: int
    channel: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece inside a window: what of the recording lies at ``offset`` seconds of the window."""

    piece: Piece
    heard: Span
    offset: float

    @property
    def end(self) -> float:
        return self.offset + self.heard.duration

    def to_recording(self, seconds: float) -> float:
        """Window time to recording time, held inside the piece's speech."""
        at = self.heard.start + seconds - self.offset
        return min(max(at, self.piece.span.start), self.piece.span.end)


@dataclass(frozen=True, slots=True)
class Window:
    """What the recogniser hears at once."""

    placed: tuple[Placed, ...]

    @property
    def seconds(self) -> float:
        return self.placed[-1].end

    def samples(self, recording: np.ndarray) -> np.ndarray:
        """Samples (samples,) of the window, from ``recording`` (channels, samples) at 16 kHz."""
        out = np.zeros(round(self.seconds * RATE) + 1, dtype=np.float32)
        for p in self.placed:
            cut = recording[p.piece.channel, round(p.heard.start * RATE) : round(p.heard.end * RATE)]
            at = round(p.offset * RATE)
            out[at : at + len(cut)] = cut[: len(out) - at]
        return out

    def place_of(self, start: float, end: float) -> Placed:
        """The piece that a word from ``start`` to ``end`` seconds of the window belongs to."""
        middle = (start + end) / 2
        return min(self.placed, key=lambda p: max(p.offset - middle, middle - p.end, 0.0))


def halves(window: Window) -> list[Window]:
    """The window's pieces in two shorter windows; the window itself when it holds one piece."""
    middle = (len(window.placed) + 1) // 2
    return [_placed_anew(part) for part in (window.placed[:middle], window.placed[middle:]) if part]


def _placed_anew(placed: Sequence[Placed]) -> Window:
    shift = placed[0].offset
    return Window(tuple(Placed(p.piece, p.heard, p.offset - shift) for p in placed))


def pack(pieces: Iterable[Piece], duration: float, longest: float = LONGEST_SECONDS) -> list[Window]:
    """Windows of at most ``longest`` seconds that hold every piece once, lane by lane, in time order."""
    lanes: dict[int, list[Piece]] = {}
    for piece in pieces:
        lanes.setdefault(piece.lane, []).extend(_short_enough(piece, longest))
    return [w for lane in sorted(lanes) for w in _pack_lane(lanes[lane], duration, longest)]


def _pack_lane(pieces: Sequence[Piece], duration: float, longest: float) -> list[Window]:
    windows: list[Window] = []
    current: list[Placed] = []
    for piece, heard in _with_ears(sorted(pieces, key=lambda p: p.span.start), duration):
        offset = current[-1].end + GAP_SECONDS if current else 0.0
        if current and offset + heard.duration > longest:
            windows.append(Window(tuple(current)))
            current, offset = [], 0.0
        current.append(Placed(piece, heard, offset))
    return [*windows, Window(tuple(current))] if current else windows


def _with_ears(pieces: Sequence[Piece], duration: float) -> list[tuple[Piece, Span]]:
    """Each piece with the wider span that is cut for it; never into its neighbours."""
    out: list[tuple[Piece, Span]] = []
    for i, piece in enumerate(pieces):
        low = pieces[i - 1].span.end if i else 0.0
        high = pieces[i + 1].span.start if i + 1 < len(pieces) else duration
        start = max(piece.span.start - EAR_SECONDS, min(low, piece.span.start))
        end = min(piece.span.end + EAR_SECONDS, max(high, piece.span.end))
        out.append((piece, Span(start, end)))
    return out


def _short_enough(piece: Piece, longest: float) -> list[Piece]:
    """Speech without a pause for longer than a window is cut into equal parts."""
    room = longest - 2 * EAR_SECONDS
    parts = int(np.ceil(piece.span.duration / room))
    if parts <= 1:
        return [piece]
    edges = np.linspace(piece.span.start, piece.span.end, parts + 1)
    return [Piece(Span(float(a), float(b)), piece.lane, piece.channel) for a, b in pairwise(edges)]
