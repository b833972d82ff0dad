"""Transcripts from labelled turns, so that rules can be judged apart from recognition."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..transcribe.measures import measure
from ..transcribe.types import Role, Transcript, Utterance


def transcript_from_truth(truth: Mapping[str, Any]) -> Transcript:
    """The perfect transcript of a labelled call.

    ``truth["turns"]`` holds ``role``, ``start``, ``end`` (seconds) and ``text``;
    ``truth["audio"]["seconds"]``, where given, the duration.
    """
    turns = truth["turns"]
    duration = (truth.get("audio") or {}).get("seconds")
    return transcript_of(
        [(Role(t["role"]), float(t["start"]), float(t["end"]), str(t["text"])) for t in turns],
        float(duration) if duration else None,
    )


def transcript_of(
    turns: Sequence[tuple[Role, float, float, str]], duration: float | None = None
) -> Transcript:
    """A transcript of (role, start, end, text) turns, measured like a recognised one."""
    utterances = tuple(
        Utterance(i, start, end, str(role), role, text) for i, (role, start, end, text) in enumerate(turns)
    )
    seconds = duration if duration is not None else max((u.end for u in utterances), default=0.0)
    return Transcript(seconds, 2, "zh", utterances, measure(utterances, seconds), {"asr": "truth"})
