"""Recognised windows to utterances: each piece of speech gets its words, times and doubts."""

import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from .chinese import CHINESE, chinese_marks, simplify
from .loops import cut_loops
from .measures import spoken_length
from .recogniser import Heard
from .trust import times_doubtful
from .types import Doubt, Role, Utterance, Word
from .windows import Piece, Window

LOW_CONFIDENCE = 0.72
"""Less than this share of the characters is expected to be right."""
RATE_LIMITS = (0.8, 14.0)
"""Characters a second outside of which nobody speaks."""
_NOT_SPOKEN = re.compile(r"[\W_]+")
_FULL_WIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]\W*")
_INVENTED = re.compile(
    r"(字幕|由.{0,8}(社区|志愿者)提供|请不吝(点赞|點讚)|订阅.{0,6}(转发|打赏)|明镜|以下是普通话的句子|感谢(您的)?(观看|收看|收听)|下集再见|Amara)"
)
"""What Whisper writes when it hears nothing: credits of the films it learnt from, or its prompt."""
_INVENTED_BELOW = 0.82


def words_by_piece(heard: Sequence[tuple[Window, Heard]]) -> dict[Piece, list[Word]]:
    """The words of each piece, in recording time, Chinese in simplified characters and with its own marks."""
    found: dict[Piece, list[Word]] = {p.piece: [] for w, _ in heard for p in w.placed}
    for window, result in heard:
        for word in result.words:
            place = window.place_of(word.start, word.end)
            start, end = place.to_recording(word.start), place.to_recording(word.end)
            text = chinese_marks(simplify(word.text)) if result.language in CHINESE else word.text
            found[place.piece].append(Word(start, max(start, end), text, word.confidence))
    return found


def utterance(
    piece: Piece, words: Sequence[Word], channel: int | None, overlapped: bool, looped: bool = False
) -> Utterance | None:
    """The utterance of one piece; None when nothing was said or what was written is invented.

    Confidence of ``words`` is calibrated; ``looped`` when the recogniser ran in circles here. Speaker, role
    and index are given later by ``finish``.
    """
    words = _without_stray_marks(words)
    kept, cut = cut_loops(words, [_NOT_SPOKEN.sub("", w.text) for w in words])
    text = "".join(w.text for w in kept).strip()
    if not _NOT_SPOKEN.sub("", text):
        return None
    kept = _stripped(kept)
    confidence = sum(w.confidence for w in kept) / len(kept)
    if _INVENTED.search(text) and confidence < _INVENTED_BELOW:
        return None
    span = piece.span
    doubts = [
        (Doubt.LOW_CONFIDENCE, confidence < LOW_CONFIDENCE),
        (Doubt.REPETITION, cut or looped),
        (Doubt.ODD_RATE, not _plausible(text, span.duration)),
        (Doubt.OVERLAP, overlapped),
        (Doubt.TIMES, times_doubtful(kept)),
    ]
    return Utterance(
        index=0,
        start=span.start,
        end=span.end,
        speaker=str(piece.lane),
        role=Role.UNKNOWN,
        text="".join(w.text for w in kept),
        confidence=confidence,
        words=tuple(kept),
        doubts=tuple(doubt for doubt, holds in doubts if holds),
        channel=channel,
    )


def finish(
    utterances: Sequence[Utterance], roles: Mapping[str, Role], machine: Container[int] = ()
) -> tuple[Utterance, ...]:
    """Utterances in time order with index, speaker names S1, S2 … in order of appearance, and roles.

    ``machine`` are the positions of those that are announcements.
    """
    given = [
        replace(u, role=Role.SYSTEM if i in machine else roles.get(u.speaker, Role.UNKNOWN))
        for i, u in enumerate(utterances)
    ]
    ordered = sorted(given, key=lambda u: (u.start, u.end))
    names: dict[str, str] = {}
    for u in ordered:
        names.setdefault(u.speaker, f"S{len(names) + 1}")
    return tuple(replace(u, index=i, speaker=names[u.speaker]) for i, u in enumerate(ordered))


def _without_stray_marks(words: Sequence[Word]) -> list[Word]:
    """Words without the lone full-width letters and digits that Whisper writes for commas."""
    wide = [bool(_FULL_WIDTH.fullmatch(w.text)) for w in words]
    beside = [any(wide[max(0, i - 1) : i] + wide[i + 1 : i + 2]) for i in range(len(wide))]
    return [w for w, lone in zip(words, map(_lone, wide, beside), strict=True) if not lone]


def _lone(wide: bool, beside: bool) -> bool:
    return wide and not beside


def _stripped(words: list[Word]) -> list[Word]:
    """Words whose joined text has no space at either end."""
    first = replace(words[0], text=words[0].text.lstrip())
    words = [first, *words[1:]]
    return [*words[:-1], replace(words[-1], text=words[-1].text.rstrip())]


def mean_confidence(words: Sequence[Word]) -> float:
    """Geometric mean of the word confidences; ``words`` must not be empty."""
    return math.exp(sum(math.log(max(w.confidence, 1e-4)) for w in words) / len(words))


def _plausible(text: str, seconds: float) -> bool:
    rate = spoken_length(text) / max(seconds, 0.1)
    return RATE_LIMITS[0] <= rate <= RATE_LIMITS[1]
