"""Rules of Alibaba Cloud SCA → rule files with the same meaning, and what could not be taken over.

Each condition becomes one detection or more with its role, range and anchor. What is an anchor is there
twice: ``c1`` counts in the rule's condition, ``c1_at`` is only where others are anchored, because in SCA a
condition is true or false of the call as a whole, wherever the hits of the others are.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RulebookError
from ..inspect.rulebook import read_rulebook
from .lambdas import Clause, LambdaError, alternatives
from .sca_operators import CannotError, Finder, to_finder
from .sca_read import Condition, ScaRule, read_sca
from .texts import to_yaml

AREA = "sca"
_ANYWHERE = "100000 utterances apart"
_SPEAKERS = {"客服": "agent", "客户": "customer", "": "any"}
_HITS: Mapping[int, str | int] = {-1: "any", 0: "every"}


@dataclass(frozen=True)
class Imported:
    """The files by path, and a report: a line for every rule, and one for all that is not the same."""

    files: Mapping[str, str]
    report: tuple[str, ...]


def import_file(path: Path) -> Imported:
    """Raises UsageError when the file is no rule JSON."""
    return convert(read_sca(path))


def convert(rules: Sequence[ScaRule]) -> Imported:
    files: dict[str, str] = {}
    report: list[str] = []
    for rule in rules:
        about = f"{rule.name} ({rule.id})"
        try:
            made, notes = _rule(rule)
            read_rulebook(made)
        except (CannotError, LambdaError) as error:
            report.append(f"{about}: not taken over: {error}")
            continue
        except RulebookError as error:
            report += [f"{about}: not taken over: {problem}" for problem in error.problems]
            continue
        files |= made
        report.append(f"{about}: {', '.join(made)}")
        report += [f"{about}: {note}" for note in notes]
    return Imported(files, tuple(report))


def _rule(rule: ScaRule) -> tuple[dict[str, str], list[str]]:
    clauses = alternatives(rule.expression)
    if not clauses:
        raise CannotError("it contradicts itself and can never hit")
    made = _Detections(rule)
    for clause in clauses:
        for name, _ in clause:
            made.add(name)
    # A rule about something absent flags the whole call, so that it must be a rule of its own.
    absent = [clause for clause in clauses if all(made.negated(name) is wanted for name, wanted in clause)]
    present = [clause for clause in clauses if clause not in absent]
    slug = "sca_" + (re.sub(r"[^a-z0-9]+", "_", rule.id.lower()).strip("_") or "rule")
    groups = [present] if present else []
    groups += [[clause] for clause in absent]
    names = [slug, *(f"{slug}_{n}" for n in range(2, len(groups) + 1))]
    files = {f"{AREA}/{n}.yaml": made.rule(n, g) for n, g in zip(names, groups, strict=True)}
    notes = made.notes
    if rule.score is not None:
        notes.append(f"its score of {rule.score} is for you to put into 'outcome' or a scorecard")
    return files, notes


class _Detections:
    """The detections of one rule, made as its conditions are asked for."""

    def __init__(self, rule: ScaRule) -> None:
        self._rule = rule
        self._made: dict[str, dict[str, Any]] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._finders: dict[str, Finder] = {}
        self.notes: list[str] = []

    def negated(self, name: str) -> bool:
        return self._finders[name].negated

    def rule(self, name: str, clauses: Sequence[Clause]) -> str:
        """The YAML of a rule on these alternatives."""
        condition = " or ".join(self._clause(clause, alone=len(clauses) == 1) for clause in clauses)
        used = self._needed(p for clause in clauses for n, _ in clause for p in self._pieces[n])
        data = {
            "title": self._rule.name,
            "name": name,
            "version": 1,
            "status": "experimental",
            "level": "medium",
            "description": self._rule.comment or f"取自 SCA 规则 {self._rule.id}",
            "detection": {**{n: self._made[n] for n in self._made if n in used}, "condition": condition},
        }
        return to_yaml(data)

    def _clause(self, clause: Clause, alone: bool) -> str:
        parts = [self._literal(name, wanted is not self.negated(name)) for name, wanted in sorted(clause)]
        joined = " and ".join(parts)
        return joined if alone or len(parts) == 1 else f"({joined})"

    def _literal(self, name: str, wanted: bool) -> str:
        pieces = " or ".join(self._pieces[name])
        pieces = f"({pieces})" if len(self._pieces[name]) > 1 else pieces
        return pieces if wanted else f"not {pieces}"

    def _needed(self, names: Iterator[str]) -> set[str]:
        needed: set[str] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name not in needed:
                needed.add(name)
                left += [near["anchor"] for near in self._made[name].get("near", ())]
        return needed

    def add(self, identity: str) -> None:
        """Make the detections of a condition."""
        if identity in self._pieces:
            return
        condition = self._condition(identity)
        self._finders[identity] = finder = self._finder(condition)
        self._pieces[identity] = self._place(f"c{identity}", condition, finder)

    def _condition(self, identity: str) -> Condition:
        condition = self._rule.conditions.get(identity)
        if condition is None:
            raise CannotError(f"there is no condition {identity}")
        if condition.unread:
            raise CannotError(f"condition {identity} uses {', '.join(condition.unread)}")
        return condition

    def _finder(self, condition: Condition) -> Finder:
        if len(condition.operators) != 1 or condition.expression.strip() != condition.operators[0].id:
            raise CannotError(f"condition {condition.id} joins several operators, or negates one")
        finder = to_finder(condition.operators[0], condition.role)
        self.notes += [f"condition {condition.id}: {note}" for note in finder.notes]
        return finder

    def _place(self, name: str, condition: Condition, finder: Finder) -> tuple[str, ...]:
        """The detections that stand for the condition; one of them must hit."""
        if condition.anchor is None:
            self._put(name, condition, finder, _window(condition))
            return (name,)
        if finder.negated:
            raise CannotError(f"condition {condition.id}: none of the keywords near an anchor")
        anchor = self._anchor(condition.anchor.condition, frozenset({condition.id}))
        places = _places(condition)
        if len(places) > 1 and condition.anchor.hit_time == 0:
            raise CannotError(f"condition {condition.id}: around every hit of {anchor}")
        names = [name] if len(places) == 1 else [f"{name}_{where}" for where, _ in places]
        for each, (where, within) in zip(names, places, strict=True):
            near = _near(anchor, condition.anchor.hit_time, where, within)
            self._put(each, condition, finder, {"near": [near]})
        return tuple(names)

    def _anchor(self, identity: str, above: frozenset[str]) -> str:
        """The copy of a condition to which others are anchored."""
        if identity in above:
            raise CannotError(f"condition {identity} is anchored to itself in a circle")
        name = f"c{identity}_at"
        if name in self._made:
            return name
        condition = self._condition(identity)
        finder = self._finder(condition)
        if finder.negated or len(finder.detections) > 1:
            raise CannotError(f"condition {identity} is an anchor without a place of its own")
        where: dict[str, Any] = _window(condition) if condition.anchor is None else {}
        if condition.anchor is not None:
            outer = self._anchor(condition.anchor.condition, above | {identity})
            places = _places(condition)
            if len(places) > 1:
                raise CannotError(f"condition {identity} is an anchor and itself around another")
            where = {"near": [_near(outer, condition.anchor.hit_time, *places[0])]}
        self._put(name, condition, finder, where)
        return name

    def _put(self, name: str, condition: Condition, finder: Finder, where: Mapping[str, Any]) -> None:
        speaker = {"speaker": _SPEAKERS[condition.role]}
        first, *others = finder.detections
        together = [f"{name}_{number}" for number, _ in enumerate(others, 2)]
        for other, found in zip(together, others, strict=True):
            self._made[other] = {**found, **speaker}
        placed = {"where": "same"} if finder.together == "utterance" else {"within": "clause"}
        nears = [*where.get("near", ()), *({"anchor": other, **placed} for other in together)]
        made = {**first, **speaker, **{k: v for k, v in where.items() if k != "near"}}
        self._made[name] = made | ({"near": nears} if nears else {})


def _near(anchor: str, hit_time: int, where: str, within: str) -> dict[str, Any]:
    near = {"anchor": anchor, "where": where, "hit": _HITS.get(hit_time, hit_time)}
    return near | ({"within": within} if within else {})


def _window(condition: Condition) -> dict[str, Any]:
    """The range of a condition without an anchor."""
    if condition.range is None:
        return {}
    first, last = condition.range
    if first == 1 and last > 0:
        return {"window": {"first": f"{last} utterances"}}
    if last == -1 and first < 0:
        return {"window": {"last": f"{-first} utterances"}}
    raise CannotError(f"condition {condition.id}: sentences {first} to {last} of the call")


def _places(condition: Condition) -> list[tuple[str, str]]:
    """Where relative to the anchor, and within how much; the alternatives of it."""
    assert condition.anchor is not None
    where = condition.anchor.location
    first, last = condition.range or (None, None)
    if where == "CURRENT":
        return [("same", "")]
    if where == "AROUND":
        return _around(condition)
    if first is None or last is None:
        return [(where.lower(), _ANYWHERE)]
    if where == "BEFORE" and last == -1 and first < 0:
        return [("before", f"{-first} utterances apart")]
    if where == "AFTER" and first == 1 and last > 0:
        return [("after", f"{last} utterances apart")]
    raise CannotError(f"condition {condition.id}: sentences {first} to {last} {where.lower()} its anchor")


def _around(condition: Condition) -> list[tuple[str, str]]:
    """Some sentences before, the anchor's own, and some after it."""
    if condition.range is None:
        return [("before", _ANYWHERE), ("same", ""), ("after", _ANYWHERE)]
    first, last = condition.range
    if first > 0 or last < 0:
        raise CannotError(f"condition {condition.id}: sentences {first} to {last} around its anchor")
    places = [("before", f"{-first} utterances apart")] if first else []
    places.append(("same", ""))
    return places + ([("after", f"{last} utterances apart")] if last else [])
