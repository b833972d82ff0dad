"""Hits of a rule's detections that count: found, in scope, in place, often enough."""

from collections.abc import Iterator, Mapping, Sequence

from . import limits
from .document import Document
from .find import find_hits
from .find_text import refine
from .gather import enough
from .hits import Hit
from .rule import Amount, Detection, Near, Patterns, Rule
from .scan import Plan, Scan
from .scope import in_place, is_narrow, is_question, lines_about, searched_lines


class Detector:
    """The detections of one rule on one document; each is looked for when first asked for."""

    def __init__(self, rule: Rule, doc: Document, scan: Scan, metadata: Mapping[str, str]) -> None:
        self.rule = rule
        self.doc = doc
        self._scan = scan
        self._metadata = metadata
        self._hits: dict[str, list[Hit]] = {}
        self.lost: dict[str, str] = {}
        """For detections without hits the first thing that took the last of them."""
        self.cut: list[str] = []
        """Detections of whose hits only the first were kept."""
        scan.budget = limits.Budget()

    def hits(self, name: str) -> list[Hit]:
        """The hits of a detection that count, in order of position."""
        if name not in self._hits:
            self._hits[name] = self._counting(self.rule.detections[name])
        return self._hits[name]

    def _counting(self, detection: Detection) -> list[Hit]:
        missing = [near.anchor for near in detection.near if not self.anchors(near)]
        if missing:
            return self._none(detection, f"not looked for, as there is no {missing[0]} to stand near")
        hits = list(self._scoped(detection))
        if not hits:
            return hits
        hits = [h for h in hits if self._placed(h, detection)]
        if not hits:
            return self._none(detection, f"found, but not {_place(detection)}")
        many = len(hits)
        hits = enough(detection, hits, self.doc)
        if not hits:
            return self._none(detection, f"found {many} times, which is not enough")
        if not self._every(detection, hits):
            return self._none(detection, "found, but not at every hit of its anchor")
        return hits

    def _none(self, detection: Detection, reason: str) -> list[Hit]:
        self.lost[detection.name] = reason
        return []

    def _scoped(self, detection: Detection) -> Sequence[Hit]:
        lines = searched_lines(self.doc, detection.speaker, detection.window)
        plan = self._scan.plan((self.rule.id, detection.name))
        hits = self._bounded(detection, self._found(detection, plan, self._about_anchors(detection, lines)))
        if not hits:
            return self._none(detection, f"not found {_place(detection)}" if detection.near else "")
        if not isinstance(detection.finder, Patterns):
            within = set(lines)
            hits = [h for h in hits if h.line is None or h.line in within]
        if not hits:
            return self._none(detection, f"found, but not {_scope(detection)}")
        hits = refine(hits, plan, self._scan)
        if not hits:
            return self._none(detection, "found, but only with what not_inside or unless names")
        return list(self._asked(detection, hits)) or self._none(
            detection, f"found, but in no {detection.sentence}"
        )

    def _bounded(self, detection: Detection, hits: list[Hit]) -> list[Hit]:
        if len(hits) > limits.HITS:
            self.cut.append(detection.name)
        return hits[: limits.HITS]

    def _asked(self, detection: Detection, hits: Sequence[Hit]) -> Iterator[Hit]:
        for hit in hits:
            asked = detection.sentence == "any" or is_question(self.doc, hit)
            if detection.sentence == "any" or asked == (detection.sentence == "question"):
                yield hit

    def _about_anchors(self, detection: Detection, lines: Sequence[int]) -> Sequence[int]:
        """Those of ``lines`` in which a hit can lie that is where its anchors want it."""
        for near in detection.near:
            if is_narrow(near):
                about = {i for a in self.anchors(near) for i in lines_about(self.doc, a, near)}
                lines = [i for i in lines if i in about]
        return lines

    def _found(self, detection: Detection, plan: Plan, lines: Sequence[int]) -> list[Hit]:
        return find_hits(detection, plan, self.doc, self._scan, self._metadata, lines)

    def _placed(self, hit: Hit, detection: Detection) -> bool:
        return all(
            any(self.in_place(hit, a, near, detection) for a in self.anchors(near)) for near in detection.near
        )

    def in_place(self, hit: Hit, anchor: Hit, near: Near, detection: Detection) -> bool:
        """Whether a hit stands where ``near`` wants it relative to this anchor."""
        self.spend(1)
        return in_place(hit, anchor, near.within, near.where, self.doc, detection.speaker)

    def spend(self, steps: int) -> None:
        """Raises TooMuchWork when the rule has used up its steps."""
        self._scan.budget.spend(steps)

    def anchors(self, near: Near) -> list[Hit]:
        """The hits of the anchor that ``near`` speaks of."""
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
            any(self.in_place(hit, anchor, near, detection) for hit in hits)
            for near in detection.near
            if near.hit == "every"
            for anchor in self.anchors(near)
        )


def _place(detection: Detection) -> str:
    """Where a detection must stand, in words."""
    return " and ".join(described(near) for near in detection.near)


def described(near: Near) -> str:
    """``within 6 chars before phrase``."""
    if near.where == "same":
        where = "in the utterance of"
    else:
        within = "" if near.within.unit == "call" else f"within {_distance(near.within)} "
        where = within + near.where
    which = (
        ""
        if near.hit == "any"
        else f"hit {near.hit} of "
        if isinstance(near.hit, int)
        else f"the {near.hit} "
    )
    return f"{where} {which}{near.anchor}"


def _distance(within: Amount) -> str:
    if within.unit in ("clause", "utterance"):
        return f"the {within.unit}"
    return f"{within.value:g} utterances apart" if within.unit == "apart" else _counted(within)


def _scope(detection: Detection) -> str:
    who = f"by the {detection.speaker}" if detection.speaker else ""
    return f"{who} within its window".strip() if detection.window else who or "in its scope"


def described_scope(detection: Detection) -> str:
    """Who and which part of the call is searched: ``agent, first 2 utterances``; empty for all of it."""
    window = detection.window
    parts = [str(detection.speaker)] if detection.speaker else []
    if window is not None:
        parts += [f"first {_counted(window.first)}"] if window.first else []
        parts += [f"last {_counted(window.last)}"] if window.last else []
        parts += [f"from {window.start:g} s"] if window.start is not None else []
        parts += [f"to {window.end:g} s"] if window.end is not None else []
    return ", ".join(parts)


def _counted(amount: Amount) -> str:
    return f"{amount.value:g} {amount.unit}"
