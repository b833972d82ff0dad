"""Which stretches of which calls let people hear a channel: clear, telling, and different from each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..transcribe.types import Role, Utterance

SHORTEST, LONGEST, WANTED = 4.0, 25.0, 12.0
"""Seconds of a clip; it grows over the lines that follow until it is ``WANTED`` long."""
PAUSE = 2.0
"""A longer pause ends a clip."""
MARGIN = 0.4
MOST = 5
_ALIKE = 0.6
"""Clips that share more of their pairs of characters are the same story."""
_CLARITY, _TELLING, _LENGTH, _SAME = 0.45, 0.4, 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a call; ``text`` is what the customer says in it, without personal data.

    ``clarity`` and ``telling`` lie between 0 and 1: how well it was heard, and how much it is to the point.
    """

    recording_id: int
    start: float
    end: float
    text: str
    clarity: float
    telling: float
    customer: str | None = None
    agent: str | None = None

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def worth(self) -> float:
        fits = 1 - min(1.0, abs(self.seconds - WANTED) / WANTED)
        return _CLARITY * self.clarity + _TELLING * self.telling + _LENGTH * fits


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a call belongs to a channel: the utterance that says so, and how strongly (0 to 1)."""

    utterance: int
    strength: float


def clip_around(
    recording_id: int,
    utterances: Sequence[Utterance],
    redacted: Sequence[str],
    evidence: Evidence,
    *,
    customer: str | None = None,
    agent: str | None = None,
) -> Clip | None:
    """The clip that begins with the utterance of the evidence; None when it comes out too short or too long.

    It follows the talk, whoever speaks, until it is long enough, and ends where a line ends.
    """
    lines = list(_following(utterances, evidence.utterance))
    if not lines:
        return None
    start, end = max(0.0, lines[0].start - MARGIN), lines[-1].end + MARGIN
    if not SHORTEST <= end - start <= LONGEST:
        return None
    said = [line for line in lines if line.role is Role.CUSTOMER]
    weight = sum(line.end - line.start for line in said) or 1.0
    heard = sum(line.confidence * (line.end - line.start) for line in said) / weight
    clarity = heard * 0.5 ** sum(bool(line.doubts) for line in lines)
    text = " ".join(redacted[line.index] for line in said)
    return Clip(recording_id, start, end, text, clarity, evidence.strength, customer, agent)


def _following(utterances: Sequence[Utterance], first: int) -> Iterator[Utterance]:
    start = utterances[first].start
    end = start
    for line in utterances[first:]:
        too_late = line.start - end > PAUSE or line.end - start > LONGEST - 2 * MARGIN
        if line.index != first and (end - start >= WANTED or too_late):
            return
        yield line
        end = max(end, line.end)


def choose(clips: Sequence[Clip], most: int = MOST) -> list[Clip]:
    """Up to ``most`` clips, the best first: clear, to the point, and each another story.

    Greedy maximal marginal relevance (J. Carbonell and J. Goldstein, 1998): what resembles a clip chosen
    already, or is of the same agent, must be better to come in; the same call or customer comes once.
    """
    left, chosen = list(clips), list[Clip]()
    while left and len(chosen) < most:
        best = max(left, key=lambda clip: (_gain(clip, chosen), -clip.recording_id, -clip.start))
        chosen.append(best)
        left = [clip for clip in left if not _same_story(clip, best)]
    return chosen


def _gain(clip: Clip, chosen: Sequence[Clip]) -> float:
    nearest = max((alike(clip.text, other.text) for other in chosen), default=0.0)
    agent = 0.1 if clip.agent and any(clip.agent == other.agent for other in chosen) else 0.0
    return clip.worth - _SAME * nearest - agent


def _same_story(clip: Clip, other: Clip) -> bool:
    same_customer = clip.customer is not None and clip.customer == other.customer
    same_call = clip.recording_id == other.recording_id
    return same_call or same_customer or alike(clip.text, other.text) > _ALIKE


def alike(one: str, other: str) -> float:
    """Share of pairs of neighbouring characters that two texts have in common (Jaccard)."""
    a, b = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return len(a & b) / len(a | b) if a and b else float(one == other)
