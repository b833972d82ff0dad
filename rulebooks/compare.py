"""Two versions of a rule on one call: where each of them flags."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import tee
from typing import Any, cast

from ..inspect.engine import inspect_call, inspect_calls
from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from ..inspect.types import Flag
from ..store.slim import SlimCall
from ..transcribe.types import Doubt, Measures, Role, Transcript, Utterance, Word

Place = tuple[int, float]
"""What makes two flags of a rule the same: the utterance, or the stretch of sound."""
_SUFFIX = {"before": "~before", "after": "~after"}
_NO_MEASURES = Measures()


@dataclass(frozen=True, slots=True)
class Ends:
    """Where the rule flags a call, before and after its change."""

    recording_id: int
    before: frozenset[Place]
    after: frozenset[Place]


class Pair:
    """A rule before and after a change (None: it is not there), run together so that a call is read once."""

    def __init__(self, name: str, before: Rulebook, after: Rulebook) -> None:
        self.name = name
        self.before, self.after = _rule(before, name), _rule(after, name)
        sides = (("before", self.before), ("after", self.after))
        rules = tuple(replace(rule, id=rule.id + _SUFFIX[side]) for side, rule in sides if rule)
        self._rulebook = Rulebook(rules, {"format": 1, "rules": {}, "lists": {}})

    @property
    def title(self) -> str:
        rule = self.after or self.before
        return rule.title if rule else self.name

    def flags(
        self, transcript: Transcript, metadata: Mapping[str, str]
    ) -> tuple[Sequence[Flag], Sequence[Flag]]:
        """The flags of both, under the rule's own name."""
        raised = inspect_call(transcript, self._rulebook, metadata).flags
        was, now = (
            [replace(f, rule=self.name) for f in raised if f.rule.endswith(suffix)]
            for suffix in _SUFFIX.values()
        )
        return was, now

    def ends(self, calls: Iterable[tuple[int, Transcript, Mapping[str, str]]]) -> Iterator[Ends]:
        """What comes of each call (its number, transcript and call data), read together in batches."""
        told, read = tee(calls)
        inspections = inspect_calls(((transcript, data) for _, transcript, data in read), self._rulebook)
        for (number, _, _), inspection in zip(told, inspections, strict=True):
            sides = [
                frozenset(place_of(f) for f in inspection.flags if f.rule.endswith(suffix))
                for suffix in _SUFFIX.values()
            ]
            yield Ends(number, *sides)


def place_of(flag: Flag) -> Place:
    return (-1, flag.start) if flag.utterance is None else (flag.utterance, 0.0)


class _Line:
    """An utterance without words, as the engine reads it.

    It stands for the value type because it is made a hundred times a call, at a third of the cost.
    """

    __slots__ = ("end", "index", "role", "speaker", "start", "text")
    confidence = 1.0
    words: tuple[Word, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    channel: int | None = None

    def __init__(self, index: int, start: float, end: float, role: str, text: str) -> None:
        self.index = index
        self.start = start
        self.end = end
        self.speaker = role
        self.role = _ROLES[role]
        self.text = text


def slim_transcript(call: SlimCall) -> Transcript:
    """The transcript without words and measures."""
    lines = tuple(map(_Line, call.positions, call.starts, call.ends, call.roles, call.texts))
    return Transcript(call.duration, 2, "", cast(tuple[Utterance, ...], lines), _NO_MEASURES)


_ROLES = {str(role): role for role in Role}


def _rule(rulebook: Rulebook, name: str) -> Rule | None:
    return next((rule for rule in rulebook.rules if rule.id == name), None)


def run_slim(
    pair: Pair, calls: Iterable[SlimCall], metadata: Callable[[int], Mapping[str, str]]
) -> Iterator[Ends]:
    """What comes of each call; those on which neither version flags are left out."""
    read = ((c.recording_id, slim_transcript(c), metadata(c.recording_id)) for c in calls)
    return (ends for ends in pair.ends(read) if ends.before or ends.after)


def counts_of(ends: Ends) -> Mapping[str, Any]:
    """The keywords of Counts."""
    return {
        "calls_gained": int(bool(ends.after and not ends.before)),
        "calls_lost": int(bool(ends.before and not ends.after)),
        "calls_kept": int(bool(ends.before and ends.after)),
        "flags_gained": len(ends.after - ends.before),
        "flags_lost": len(ends.before - ends.after),
        "flags_kept": len(ends.before & ends.after),
    }
