"""The rulebook to read: every rule with what it means and how it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from ..inspect.types import Level
from ..review.precision import Precision, precision_by_rule
from ..store.calls import rule_counts
from ..store.database import Store
from ..store.review_queries import flag_counts
from .texts import Texts

_NONE = Precision(0, 0)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with how many calls it hit and how often reviewers agreed."""

    rule: Rule
    calls: int
    precision: Precision


def rule_lines(store: Store, rulebook: Rulebook) -> list[RuleLine]:
    """All rules, gravest first."""
    calls = rule_counts(store)
    precision = precision_by_rule(flag_counts(store))
    levels = list(Level)
    rules = sorted(rulebook.rules, key=lambda r: (-levels.index(r.level), r.id))
    return [RuleLine(r, calls.get(r.id, 0), precision.get(r.id, _NONE)) for r in rules]


def table(lines: Sequence[RuleLine], texts: Texts) -> list[dict[str, Any]]:
    """Rows for a grid, keyed by column heading."""
    return [_row(line, texts) for line in lines]


def interval_text(precision: Precision) -> str:
    """``62–91 %``; empty when nothing was judged."""
    if not precision.judged:
        return ""
    low, high = precision.interval
    return f"{100 * low:.0f}–{100 * high:.0f}%"


def example_text(test: Mapping[str, Any], texts: Texts) -> tuple[str, str, list[str]]:
    """Name of a rule's test, whether it must hit, and its turns, one line each."""
    must = texts("rules.must_hit" if test.get("expect") else "rules.must_not_hit")
    return str(test.get("name", "")), must, [_turn(turn, texts) for turn in test.get("turns", ())]


def _turn(turn: Mapping[str, Any], texts: Texts) -> str:
    for role in ("agent", "customer", "system"):
        if role in turn:
            return f"{texts(f'role.{role}')}：{turn[role]}"
    return "，".join(f"{key} {value}" for key, value in turn.items())


def _row(line: RuleLine, texts: Texts) -> dict[str, Any]:
    rule, share = line.rule, line.precision.value
    speaker = rule.scope.speaker.value if rule.scope.speaker else "any"
    return {
        texts("rules.title_column"): rule.title,
        texts("rules.level"): texts(f"level.{rule.level.value}"),
        texts("rules.speaker"): texts(f"role.{speaker}"),
        texts("rules.calls"): line.calls,
        texts("rules.precision"): None if share is None else 100 * share,
        texts("rules.interval"): interval_text(line.precision),
        texts("rules.judged"): line.precision.judged,
        texts("rules.points"): rule.outcome.points,
        texts("rules.tests"): len(rule.tests),
        texts("rules.version"): rule.version,
        texts("rules.id"): rule.id,
    }
