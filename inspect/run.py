"""One rule on one call: for which hits of its detections the condition holds, and what keeps it from that."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations, islice

from .detect import Detector
from .find_call import call_fields
from .hits import Hit
from .rule import Status
from .scope import searched_lines

MOST_WAYS = 1024
"""Ways of taking detections away that are tried to see whether a hit is needed."""


def _without(names: Sequence[str]) -> Iterator[dict[str, bool]]:
    """Ways to take some of these detections for not hit: all of them first, MOST_WAYS at most."""
    ways = (chosen for many in range(len(names), -1, -1) for chosen in combinations(names, many))
    for chosen in islice(ways, MOST_WAYS):
        yield dict.fromkeys(chosen, False)


class RuleRun(Detector):
    """The state of evaluating one rule on one document."""

    def not_applicable(self) -> str:
        """Why the rule does not concern this call; empty when it does."""
        if self.rule.status is Status.DEPRECATED:
            return "the rule is deprecated"
        scope = self.rule.scope
        fields = call_fields(self.doc, self._metadata) if scope.calls else {}
        for key, allowed in scope.calls.items():
            if str(fields.get(key, "")) not in allowed:
                return f"{key} is '{fields.get(key, 'unknown')}', not {' or '.join(allowed)}"
        spoken = searched_lines(self.doc, scope.speaker, None)
        if not spoken:
            return f"{scope.speaker or 'nobody'} does not speak" if scope.speaker else "nobody speaks"
        if len(spoken) < scope.min_utterances:
            return f"only {len(spoken)} of {scope.min_utterances} utterances"
        return ""

    @cached_property
    def _names(self) -> tuple[tuple[str, bool], ...]:
        return tuple(self.rule.condition.names())

    def holds(self, name: str, bound: Hit) -> bool:
        """Whether the condition holds because of ``bound``, a hit of ``name``.

        Not when only another alternative of an ``or`` holds, somewhere else in the call: with some of
        the other hits away it must hold with ``bound`` and not without.
        """
        truths = self.truths(name, bound)
        if not self.rule.condition.holds(truths.__getitem__):
            return False
        others = [n for n in self.rule.flag if n != name and truths.get(n) and n in truths]
        return any(self._decides(name, {**truths, **away}) for away in _without(others))

    def _decides(self, name: str, truths: dict[str, bool]) -> bool:
        self.spend(len(truths))
        holds = self.rule.condition.holds
        return holds(truths.__getitem__) and not holds({**truths, name: False}.__getitem__)

    def truths(self, name: str, bound: Hit) -> dict[str, bool]:
        """Each detection of the condition as it stands for ``bound``."""
        return {other: other == name or self._related(other, name, bound) for other, _ in self._names}

    def absent(self) -> bool:
        """Whether the condition holds of the call as a whole (rules about something missing)."""
        return self.rule.condition.holds(lambda name: bool(self.hits(name)))

    def _related(self, name: str, anchor_name: str, anchor: Hit) -> bool:
        """Whether a hit of ``name`` stands where it must relative to one hit of ``anchor_name``."""
        detection, hits = self.rule.detections[name], self.hits(name)
        nears = [n for n in detection.near if n.anchor == anchor_name]
        if not nears:
            return bool(hits)
        return any(all(self.in_place(h, anchor, near, detection) for near in nears) for h in hits)

    def why_not(self) -> str:
        """The first thing that kept the rule from hitting."""
        for name in self.rule.flag:
            if not self.hits(name):
                continue
            against = self.against(name, self.hits(name)[0])
            return f"'{name}' was found, but set aside because of {', '.join(against)}"
        if self.rule.flag:
            reasons = "; ".join(f"{n} was {self.lost[n]}" for n in self.rule.flag if self.lost.get(n))
            return f"no hit of {' or '.join(self.rule.flag)}" + (f": {reasons}" if reasons else "")
        present = [n for n, wanted in self._names if not wanted and self.hits(n)]
        return f"{' and '.join(present)} was found" if present else "the condition does not hold"

    def against(self, name: str, bound: Hit) -> list[str]:
        """What keeps the condition from holding for ``bound``: a detection that should not have hit, else
        the ones that are missing."""
        truths = self.truths(name, bound)
        holds = self.rule.condition.holds
        decisive = [n for n in truths if n != name and holds({**truths, n: not truths[n]}.__getitem__)]
        unmet = [n for n, wanted in self._names if truths[n] is not wanted]
        return [n for n in decisive if truths[n]] or decisive or list(dict.fromkeys(unmet))
