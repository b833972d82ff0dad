"""One rule on one call: hits of its detections, and for which of them the condition holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations, islice

from .document import Document
from .find_sound import (
    call_fields,
    find_call_data,
    find_interruptions,
    find_position,
    find_rates,
    find_silences,
)
from .find_text import (
    distinct,
    find_entity_hits,
    find_keywords,
    find_patterns,
    find_repeats,
    find_similar,
    refine,
)
from .hits import Hit
from .rule import (
    CallData,
    Detection,
    Entities,
    Interruptions,
    Keywords,
    Near,
    Patterns,
    Rate,
    Repeats,
    Rule,
    Silence,
    Similar,
    Speaks,
    Status,
)
from .scan import Plan, Scan
from .scope import in_place, is_narrow, is_question, lines_about, searched_lines

MOST_WAYS = 1024
"""Ways of taking detections away that are tried to see whether a hit is needed."""


def _without(names: Sequence[str]) -> Iterator[dict[str, bool]]:
    """Ways to take some of these detections for not hit: all of them first, MOST_WAYS at most."""
    ways = (chosen for many in range(len(names), -1, -1) for chosen in combinations(names, many))
    for chosen in islice(ways, MOST_WAYS):
        yield dict.fromkeys(chosen, False)


class RuleRun:
    """The state of evaluating one rule on one document."""

    def __init__(self, rule: Rule, doc: Document, scan: Scan, metadata: Mapping[str, str]) -> None:
        self.rule = rule
        self.doc = doc
        self._scan = scan
        self._metadata = metadata
        self._hits: dict[str, list[Hit]] = {}

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

    def hits(self, name: str) -> list[Hit]:
        """The hits of a detection that count, in order of position."""
        if name not in self._hits:
            detection = self.rule.detections[name]
            hits = [h for h in self._scoped(detection) if self._placed(h, detection)]
            self._hits[name] = hits if self._enough(detection, hits) else []
        return self._hits[name]

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
        speaker = self.rule.detections[name].speaker
        nears = [n for n in self.rule.detections[name].near if n.anchor == anchor_name]
        hits = self.hits(name)
        if not nears:
            return bool(hits)
        return any(
            all(in_place(h, anchor, near.within, near.where, self.doc, speaker) for near in nears)
            for h in hits
        )

    def why_not(self) -> str:
        """The first thing that kept the rule from hitting."""
        for name in self.rule.flag:
            if not self.hits(name):
                continue
            against = self.against(name, self.hits(name)[0])
            return f"'{name}' was found, but set aside because of {', '.join(against)}"
        if self.rule.flag:
            return f"no hit of {' or '.join(self.rule.flag)}"
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

    def _scoped(self, detection: Detection) -> Iterator[Hit]:
        if not all(self._anchors(near) for near in detection.near):
            return
        lines = searched_lines(self.doc, detection.speaker, detection.window)
        plan = self._scan.plan((self.rule.id, detection.name))
        hits = self._found(detection, plan, self._about_anchors(detection, lines))
        if hits and not isinstance(detection.finder, Patterns):
            within = set(lines)
            hits = [h for h in hits if h.line is None or h.line in within]
        for hit in refine(hits, plan, self._scan) if hits else []:
            asked = detection.sentence == "any" or is_question(self.doc, hit)
            if detection.sentence == "any" or asked == (detection.sentence == "question"):
                yield hit

    def _about_anchors(self, detection: Detection, lines: Sequence[int]) -> Sequence[int]:
        """Those of ``lines`` in which a hit can lie that is where its anchors want it."""
        for near in detection.near:
            if is_narrow(near):
                about = {i for a in self._anchors(near) for i in lines_about(self.doc, a, near)}
                lines = [i for i in lines if i in about]
        return lines

    def _found(self, detection: Detection, plan: Plan, lines: Sequence[int]) -> list[Hit]:
        """What is there to find: words on ``lines``, or in the whole call where that is no more work."""
        hits: Iterable[Hit]
        match detection.finder:
            case Keywords():
                hits = find_keywords(plan, self.doc, self._scan)
            case Patterns() as finder:
                hits = find_patterns(finder, plan, self.doc, self._scan, lines)
            case Similar() as finder:
                hits = find_similar(finder, self.doc)
            case Entities() as finder:
                hits = find_entity_hits(finder, self.doc, lines)
            case Silence() as finder:
                hits = find_silences(finder, self.doc)
            case Rate() as finder:
                hits = find_rates(finder, self.doc, lines)
            case Interruptions() as finder:
                hits = find_interruptions(finder, self.doc)
            case Repeats() as finder:
                hits = find_repeats(finder, self.doc)
            case Speaks() as finder:
                hits = find_position(finder, self.doc)
            case CallData() as finder:
                hits = find_call_data(finder, self.doc, self._metadata)
        return sorted(set(hits), key=lambda h: (h.start, h.end, h.match, h.about))

    def _placed(self, hit: Hit, detection: Detection) -> bool:
        return all(
            any(self._in_place(hit, a, near, detection) for a in self._anchors(near))
            for near in detection.near
        )

    def _in_place(self, hit: Hit, anchor: Hit, near: Near, detection: Detection) -> bool:
        return in_place(hit, anchor, near.within, near.where, self.doc, detection.speaker)

    def _anchors(self, near: Near) -> list[Hit]:
        hits = self.hits(near.anchor)
        if near.hit == "first":
            return hits[:1]
        if isinstance(near.hit, int):
            lines = list(dict.fromkeys(h.line for h in hits))
            return [h for h in hits if h.line in lines[near.hit - 1 : near.hit]]
        return hits[-1:] if near.hit == "last" else hits

    def _every(self, detection: Detection, hits: Sequence[Hit]) -> bool:
        """Whether each hit of an anchor of which it is wanted has one in place."""
        return all(
            any(self._in_place(hit, anchor, near, detection) for hit in hits)
            for near in detection.near
            if near.hit == "every"
            for anchor in self._anchors(near)
        )

    def _enough(self, detection: Detection, hits: Sequence[Hit]) -> bool:
        if len(hits) < detection.at_least or not self._every(detection, hits):
            return False
        finder = detection.finder
        return not isinstance(finder, Keywords) or finder.distinct <= 1 or distinct(hits) >= finder.distinct
