"""Acoustic measures from timed utterances: pauses, overlap, interruptions, rate."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from .types import Interruption, Measures, Role, Span, Utterance

PAUSE_SECONDS = 2.0
"""Shorter pauses are breathing, not silence."""
INTERRUPTION_OVERLAP = 0.3
"""Seconds both must speak before a start counts as an interruption."""
_SPOKEN = re.compile(r"[0-9A-Za-z]+|[\u3400-\u9fff]")
_PEOPLE = (Role.AGENT, Role.CUSTOMER)


def measure(
    utterances: Sequence[Utterance],
    duration: float,
    loudness_dbfs: Mapping[str, float] | None = None,
    utterance_dbfs: Mapping[str, float] | None = None,
) -> Measures:
    """Measure a call of ``duration`` seconds from its utterances, sorted by start or not."""
    ordered = sorted(utterances, key=lambda u: (u.start, u.end))
    seconds = _speech_seconds(ordered)
    total = sum(seconds.values())
    silences = pauses(ordered, duration)
    return Measures(
        speech_seconds=seconds,
        talk_ratio={role: s / total for role, s in seconds.items()} if total else {},
        silences=silences,
        silence_seconds=sum(s.duration for s in silences),
        overlap_seconds=_overlap_seconds(ordered),
        interruptions=interruptions(ordered),
        chars_per_minute=_chars_per_minute(ordered),
        loudness_dbfs=dict(loudness_dbfs or {}),
        utterance_dbfs=dict(utterance_dbfs or {}),
    )


def spoken_length(text: str) -> int:
    """How many characters or Latin words of ``text`` are spoken; punctuation is not.

    >>> spoken_length("您好，VIP 客户。")
    5
    """
    return len(_SPOKEN.findall(text))


def pauses(ordered: Iterable[Utterance], duration: float) -> tuple[Span, ...]:
    """Stretches of at least PAUSE_SECONDS between utterances in which nobody speaks.

    The time before the first and after the last utterance is not a pause of the conversation.
    """
    found: list[Span] = []
    heard_until: float | None = None
    for u in ordered:
        if heard_until is not None and u.start - heard_until >= PAUSE_SECONDS:
            found.append(Span(heard_until, min(u.start, duration)))
        heard_until = max(heard_until or 0.0, u.end)
    return tuple(found)


def interruptions(ordered: Sequence[Utterance]) -> tuple[Interruption, ...]:
    """Starts of agent or customer while the other is still speaking."""
    found: list[Interruption] = []
    until: dict[Role, float] = {}
    for u in ordered:
        if u.role not in _PEOPLE:
            continue
        other = Role.CUSTOMER if u.role is Role.AGENT else Role.AGENT
        overlap_end = min(until.get(other, 0.0), u.end)
        if overlap_end - u.start >= INTERRUPTION_OVERLAP - 1e-6:
            found.append(Interruption(u.start, overlap_end, u.role, u.index))
        until[u.role] = max(until.get(u.role, 0.0), u.end)
    return tuple(found)


def _speech_seconds(utterances: Iterable[Utterance]) -> dict[str, float]:
    seconds: dict[str, float] = defaultdict(float)
    for u in utterances:
        if u.role in _PEOPLE:
            seconds[u.role.value] += u.end - u.start
    return dict(seconds)


def _overlap_seconds(ordered: Iterable[Utterance]) -> float:
    total = 0.0
    heard_until = 0.0
    for u in ordered:
        total += max(0.0, min(heard_until, u.end) - u.start)
        heard_until = max(heard_until, u.end)
    return total


def _chars_per_minute(utterances: Iterable[Utterance]) -> dict[str, float]:
    chars: dict[str, int] = defaultdict(int)
    seconds: dict[str, float] = defaultdict(float)
    for u in utterances:
        if u.role in _PEOPLE:
            chars[u.role.value] += spoken_length(u.text)
            seconds[u.role.value] += u.end - u.start
    return {role: 60 * chars[role] / s for role, s in seconds.items() if s > 0}
