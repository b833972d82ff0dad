"""The rulebook to read: every rule with what it means and how it does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from ..inspect.types import Level
from ..review.precision import Precision
from ..review.rule_history import VersionRecord
from ..store.database import Store
from ..store.day_figures import Period, flag_figures
from .formats import local_time
from .texts import Texts


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with how many flags it has and how often reviewers agreed."""

    rule: Rule
    flags: int
    precision: Precision


def rule_lines(store: Store, rulebook: Rulebook) -> list[RuleLine]:
    """All rules, gravest first."""
    flags: Counter[str] = Counter()
    judged: Counter[str] = Counter()
    confirmed: Counter[str] = Counter()
    for found in flag_figures(store, Period(), "rule", "verdict"):
        rule, verdict = found.key
        flags[rule] += found.flags
        judged[rule] += found.flags if verdict in ("confirmed", "false_alarm") else 0
        confirmed[rule] += found.flags if verdict == "confirmed" else 0
    levels = list(Level)
    rules = sorted(rulebook.rules, key=lambda r: (-levels.index(r.level), r.id))
    return [RuleLine(r, flags[r.id], Precision(confirmed[r.id], judged[r.id])) for r in rules]


def table(lines: Sequence[RuleLine], texts: Texts) -> list[dict[str, Any]]:
    """Rows for a grid, keyed by column heading."""
    return [_row(line, texts) for line in lines]


def version_rows(records: Sequence[VersionRecord], texts: Texts) -> list[dict[str, Any]]:
    """A row a version that was judged: precision, its interval, and whether it gets worse."""
    return [
        {
            texts("rules.version"): record.version,
            texts("rules.precision"): _percent(record.precision.value),
            texts("rules.interval"): interval_text(record.precision),
            texts("rules.judged"): record.precision.judged,
            texts("record.unsure"): record.unsure,
            texts("record.drift"): drift_text(record, texts),
            texts("record.when"): (
                f"{local_time(record.first):%Y-%m-%d} – {local_time(record.last):%Y-%m-%d}"
            ),
        }
        for record in records
    ]


def drift_text(record: VersionRecord, texts: Texts) -> str:
    """The drift mark in words."""
    if record.drift is None:
        return texts("record.unknown")
    if not record.drift.worse:
        return texts("record.steady")
    before, after = record.drift.before.value or 0.0, record.drift.after.value or 0.0
    return texts("record.worse", before=f"{100 * before:.0f}%", after=f"{100 * after:.0f}%")


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
            return f"{texts(f'role.{role}')}{texts('colon')}{turn[role]}"
    return "，".join(f"{key} {value}" for key, value in turn.items())


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _row(line: RuleLine, texts: Texts) -> dict[str, Any]:
    rule = line.rule
    speaker = rule.scope.speaker.value if rule.scope.speaker else "any"
    return {
        texts("rules.title_column"): rule.title,
        texts("rules.level"): texts(f"level.{rule.level.value}"),
        texts("rules.speaker"): texts(f"role.{speaker}"),
        texts("rules.flags"): line.flags,
        texts("rules.precision"): _percent(line.precision.value),
        texts("rules.interval"): interval_text(line.precision),
        texts("rules.judged"): line.precision.judged,
        texts("rules.points"): rule.outcome.points,
        texts("rules.tests"): len(rule.tests),
        texts("rules.version"): rule.version,
        texts("rules.id"): rule.id,
    }
