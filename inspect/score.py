"""Scorecards: how the flags of a call become its score, item by item.

A rulebook without scorecards scores every call with ``DEFAULT``: 100 plus the points of the flags, held
between 0 and 100, and 0 when a fatal rule hit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, Protocol

from .reader import Fields, Problems
from .types import Flag, ScoreItem

Per = Literal["hit", "call"]
Kind = Literal["cap", "fatal", "bounds"]


@dataclass(frozen=True, slots=True)
class Item:
    """How a rule counts here; what is None is as the rule itself says."""

    points: int | None = None
    per: Per | None = None
    at_most: int | None = None
    """The rule moves the score by no more than this, up or down."""
    fatal: bool | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that count together; a rule belongs to the first group that names it."""

    name: str
    title: str
    rules: tuple[str, ...]
    """Ids or patterns: ``service.*``."""
    weight: float = 1.0
    deduct_at_most: int | None = None
    credit_at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How calls whose call data fit ``calls`` are scored; without ``calls``: all that no other fits."""

    name: str = ""
    title: str = ""
    calls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: int = 100
    floor: int = 0
    ceiling: int = 100
    fatal_score: int = 0
    groups: tuple[Group, ...] = ()
    items: Mapping[str, Item] = field(default_factory=dict)

    def fits(self, metadata: Mapping[str, str]) -> bool:
        return all(str(metadata.get(key, "")) in allowed for key, allowed in self.calls.items())

    def group_of(self, rule_id: str) -> Group | None:
        return next((g for g in self.groups if any(fnmatchcase(rule_id, p) for p in g.rules)), None)


class _Consequence(Protocol):
    @property
    def points(self) -> int: ...
    @property
    def fatal(self) -> bool: ...


class Scored(Protocol):
    """What scoring needs to know of a rule."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def outcome(self) -> _Consequence: ...


DEFAULT = Scorecard()


def choose_scorecard(scorecards: Sequence[Scorecard], metadata: Mapping[str, str]) -> Scorecard:
    """The scorecard for a call: one that names such calls, else the one for all others, else DEFAULT."""
    fitting = [card for card in scorecards if card.fits(metadata)]
    return max(fitting, key=lambda card: len(card.calls), default=DEFAULT)


def score_flags(
    flags: Sequence[Flag], rules: Sequence[Scored], card: Scorecard = DEFAULT
) -> tuple[int, tuple[ScoreItem, ...]]:
    """The score and how it came about: ``card.start`` plus the points of the items is the score."""
    items = list(_rule_items(flags, rules, card))
    items += _group_caps(items, card)
    total = card.start + sum(item.points for item in items)
    final = max(card.floor, min(card.ceiling, round(total)))
    fatal = [item for item in items if item.fatal]
    if fatal:
        final = min(final, card.fatal_score)
        why = "fatal: " + ", ".join(item.rule for item in fatal)
        return final, (*items, _adjustment("fatal", final - total, why))
    if final != total:
        why = f"rounded and held between {card.floor} and {card.ceiling}"
        items.append(_adjustment("bounds", final - total, why))
    return final, tuple(items)


def _adjustment(kind: Kind, points: float, why: str, group: str = "") -> ScoreItem:
    return ScoreItem(kind, points=round(points, 2), group=group, why=why)


def _rule_items(flags: Sequence[Flag], rules: Sequence[Scored], card: Scorecard) -> Iterator[ScoreItem]:
    for rule in rules:
        raised = [f for f in flags if f.rule == rule.id]
        if raised:
            yield _rule_item(rule, raised, card)


def _rule_item(rule: Scored, raised: Sequence[Flag], card: Scorecard) -> ScoreItem:
    item, group = card.items.get(rule.id, Item()), card.group_of(rule.id)
    counted = _points(rule, raised, item)
    points = sum(counted)
    why = f"{len(raised)} flagged, {_counted(counted)}"
    if item.at_most is not None and abs(points) > item.at_most:
        points = item.at_most if points > 0 else -item.at_most
        why += f", at most {item.at_most}"
    weight = group.weight if group else 1.0
    if weight != 1:
        why += f", times {weight:g}"
    return ScoreItem(
        "rule",
        rule=rule.id,
        title=rule.title,
        flags=len(raised),
        points=round(points * weight, 2),
        group=group.name if group else "",
        fatal=rule.outcome.fatal if item.fatal is None else item.fatal,
        why=why,
    )


def _points(rule: Scored, raised: Sequence[Flag], item: Item) -> list[int]:
    """The points that each flag counts; a flag's own are those of its rule, once or every time."""
    if item.points is None and item.per is None:
        return [f.points for f in raised]
    points = rule.outcome.points if item.points is None else item.points
    once = item.per == "call" or (item.per is None and len(raised) > 1 and not raised[1].points)
    return [points if i == 0 or not once else 0 for i in range(len(raised))]


def _counted(points: Sequence[int]) -> str:
    each = [p for p in points if p]
    if not each:
        return "no points"
    often = f"{len(each)} × " if len(each) > 1 else ""
    return f"{often}{each[0]:+d} points"


def _group_caps(items: Sequence[ScoreItem], card: Scorecard) -> Iterator[ScoreItem]:
    for group in card.groups:
        mine = [item.points for item in items if item.group == group.name]
        lost, won = -sum(p for p in mine if p < 0), sum(p for p in mine if p > 0)
        if group.deduct_at_most is not None and lost > group.deduct_at_most:
            why = f"{group.title}: no more than {group.deduct_at_most} points are deducted"
            yield _adjustment("cap", lost - group.deduct_at_most, why, group.name)
        if group.credit_at_most is not None and won > group.credit_at_most:
            why = f"{group.title}: no more than {group.credit_at_most} points are credited"
            yield _adjustment("cap", group.credit_at_most - won, why, group.name)


def read_scorecard(
    name: str, data: Any, rule_ids: Sequence[str] | Mapping[str, Any], problems: Problems
) -> Scorecard:
    """The scorecard of a parsed ``scorecards/NAME.yaml``; what is wrong goes to ``problems``."""
    fields = Fields(data, (), problems)
    calls, groups, items = fields.child("calls"), fields.child("groups"), fields.child("items")
    card = Scorecard(
        name,
        fields.text("title", name),
        {key: calls.texts(key) for key, _ in calls.items()},
        fields.whole("start", 100),
        fields.whole("floor", 0),
        fields.whole("ceiling", 100),
        fields.whole("fatal_score", 0),
        tuple(_read_group(key, groups.child(key), tuple(rule_ids)) for key, _ in groups.items()),
        {key: _read_item(items.child(key)) for key, _ in items.items()},
    )
    for key in card.items:
        if key not in rule_ids:
            fields.problem(f"there is no rule '{key}'", "items", key)
    if not card.floor <= card.start <= card.ceiling:
        fields.problem("'start' must lie between 'floor' and 'ceiling'", "start")
    fields.done()
    return card


def _read_group(name: str, fields: Fields, rule_ids: tuple[str, ...]) -> Group:
    group = Group(
        name,
        fields.text("title", name),
        fields.texts("rules"),
        fields.number("weight", 1.0, low=0),
        _limit(fields, "deduct_at_most"),
        _limit(fields, "credit_at_most"),
    )
    for number, pattern in enumerate(group.rules):
        if not any(fnmatchcase(rule_id, pattern) for rule_id in rule_ids):
            fields.problem(f"no rule is called '{pattern}'", "rules", number)
    if not group.rules:
        fields.problem("'rules' must name the rules of the group")
    fields.done()
    return group


def _read_item(fields: Fields) -> Item:
    item = Item(
        fields.whole("points") if "points" in fields else None,
        "call" if fields.choice("per", ("hit", "call"), "hit") == "call" else "hit",
        _limit(fields, "at_most"),
        fields.flag("fatal") if "fatal" in fields else None,
    )
    fields.done()
    return item if "per" in fields else Item(item.points, None, item.at_most, item.fatal)


def _limit(fields: Fields, key: str) -> int | None:
    return fields.whole(key, low=0) if key in fields else None


def clashes(scorecards: Sequence[Scorecard]) -> list[str]:
    """Two scorecards for the same calls: which counts would be chance."""
    return [
        f"scorecards/{card.name}.yaml:1: scores the same calls as '{other.name}'"
        for k, card in enumerate(scorecards)
        for other in scorecards[:k]
        if _overlap(card.calls, other.calls)
    ]


def _overlap(a: Mapping[str, tuple[str, ...]], b: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether some call fits both equally well."""
    if len(a) != len(b):
        return False
    return all(not (key in a and key in b) or set(a[key]) & set(b[key]) for key in {*a, *b})
