"""Errors of recognition and of telling speakers apart."""

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..transcribe.types import Role
from .heard import Said
from .truth import Turn

DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
ROLES = (Role.AGENT, Role.CUSTOMER)
COLLAR = 0.5
"""Seconds around a true boundary that diarization is not judged on, 0.25 s to either side."""
_UNSPOKEN = re.compile(r"[^0-9a-z\u4e00-\u9fff]")


def plain(text: str) -> str:
    """Characters that are spoken, digits in one form.

    >>> plain("尾号八零23，谢谢！")
    '尾号8023谢谢'
    """
    return _UNSPOKEN.sub("", text.translate(DIGITS).lower())


def said_by(turns: Sequence[Turn] | Sequence[Said], role: str | None = None) -> str:
    """All that a role (or everybody) says, plain, in order of time."""
    chosen = [(t.start, t.text) for t in turns if role is None or t.role == role]
    return plain("".join(text for _, text in sorted(chosen, key=lambda pair: pair[0])))


def text_errors(turns: Sequence[Turn], utterances: Sequence[Said]) -> Counter[str]:
    """Edits and characters: of all speech (``edits``, ``characters``) and of each role (``edits agent`` …).

    Text given to the wrong role counts twice by role: it lacks at one and is too much at the other.
    """
    from rapidfuzz.distance import Levenshtein

    found: Counter[str] = Counter()
    for role in (None, *ROLES):
        said, heard = said_by(turns, role), said_by(utterances, role)
        tail = f" {role}" if role else ""
        found[f"edits{tail}"] = Levenshtein.distance(said, heard)
        found[f"characters{tail}"] = len(said)
    return found


def diarization_errors(turns: Sequence[Turn], utterances: Sequence[Said]) -> dict[str, float]:
    """Seconds of speech missed, invented or given to the wrong speaker (``wrong``), and of ``speech``.

    DER as pyannote.metrics has it, collar 0.25 s to either side, overlap counted.
    """
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth, found = Annotation(), Annotation()
    for i, turn in enumerate(turns):
        truth[Segment(turn.start, turn.end), i] = turn.role
    for i, u in enumerate(utterances):
        if u.end > u.start:
            found[Segment(u.start, u.end), i] = u.speaker
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts: Any = DiarizationErrorRate(collar=COLLAR)(truth, found, detailed=True)
    wrong = parts["confusion"] + parts["false alarm"] + parts["missed detection"]
    return {"wrong": float(wrong), "speech": float(parts["total"])}


def role_seconds(turns: Sequence[Turn], utterances: Sequence[Said]) -> dict[str, float]:
    """Seconds of utterances that overlap a turn, and of those with the role of the turn they overlap most."""
    right = total = 0.0
    for u in utterances:
        shared: dict[str, float] = dict.fromkeys(map(str, ROLES), 0.0)
        for turn in turns:
            overlap = max(0.0, min(turn.end, u.end) - max(turn.start, u.start))
            shared[turn.role] = shared.get(turn.role, 0.0) + overlap
        role, most = max(shared.items(), key=lambda pair: pair[1])
        if most > 0:
            total += u.end - u.start
            right += (u.end - u.start) * (role == u.role)
    return {"right role": right, "judged": total}
