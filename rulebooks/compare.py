"""Two versions of a rule on one call: where each of them flags."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..inspect.engine import inspect_call
from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from ..inspect.types import Flag
from ..store.slim import SlimCall
from ..transcribe.types import Measures, Role, Transcript, Utterance

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

    def ends(self, number: int, transcript: Transcript, metadata: Mapping[str, str]) -> Ends:
        was, now = self.flags(transcript, metadata)
        return Ends(number, frozenset(map(place_of, was)), frozenset(map(place_of, now)))


def place_of(flag: Flag) -> Place:
    return (-1, flag.start) if flag.utterance is None else (flag.utterance, 0.0)


def slim_transcript(call: SlimCall) -> Transcript:
    """The transcript without words and measures."""
    lines = zip(call.positions, call.starts, call.ends, call.roles, call.texts, strict=True)
    utterances = tuple(
        Utterance(position, start, end, role, _ROLES[role], text)
        for position, start, end, role, text in lines
    )
    return Transcript(call.duration, 2, "", utterances, _NO_MEASURES)


_ROLES = {str(role): role for role in Role}


def _rule(rulebook: Rulebook, name: str) -> Rule | None:
    return next((rule for rule in rulebook.rules if rule.id == name), None)


def run_slim(
    pair: Pair, calls: Iterable[SlimCall], metadata: Callable[[int], Mapping[str, str]]
) -> Iterator[Ends]:
    """What comes of each call; those on which neither version flags are left out."""
    for call in calls:
        ends = pair.ends(call.recording_id, slim_transcript(call), metadata(call.recording_id))
        if ends.before or ends.after:
            yield ends


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
