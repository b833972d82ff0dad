"""A backtest as charts and tables."""

from collections.abc import Mapping
from typing import Any

from ..review.precision import Precision
from ..rulebooks.backtest_types import Backtest, Counts, RuleBacktest
from .charts import Chart
from .reports import Report, Sheet
from .rules_view import interval_text
from .texts import Texts

_COLOURS = {"gained": "#2f855a", "lost": "#c05621", "kept": "#8a96a3"}
_MOST = 15
_NAMES, _LEGEND = {"labelLimit": 160}, {"title": None, "orient": "top"}
_CUT = {"by_team": "by_team", "by_business": "by_business", "by_week": "by_week"}


def rows(made: Backtest, cut: str) -> list[tuple[str, Counts]]:
    """Counts of all changed rules by rule, team, business or week; weeks in order, else most change first."""
    if cut == "by_rule":
        return _most((rule.title, rule.counts) for rule in made.rules)
    sums: dict[str, Counts] = {}
    for rule in made.rules:
        found: Mapping[str, Counts] = getattr(rule, _CUT[cut])
        for name, counts in found.items():
            sums[name] = sums.get(name, Counts()) + counts
    return sorted(sums.items()) if cut == "by_week" else _most(sums.items())


def _most(found: Any) -> list[tuple[str, Counts]]:
    order = sorted(found, key=lambda item: (-(item[1].flags_gained + item[1].flags_lost), item[0]))
    return order[:_MOST]


def chart(found: list[tuple[str, Counts]], texts: Texts) -> Chart:
    """Flags gained to the right, lost to the left, unchanged pale; a bar a row."""
    values = [
        {"name": name or "–", "how": texts(f"bt.{how}"), "n": n, "shown": -n if how == "lost" else n}
        for name, counts in found
        for how, n in (
            ("kept", counts.flags_kept),
            ("gained", counts.flags_gained),
            ("lost", counts.flags_lost),
        )
    ]
    names = [texts(f"bt.{how}") for how in _COLOURS]
    scale = {"domain": names, "range": list(_COLOURS.values())}
    return {
        "data": {"values": values},
        "height": {"step": 28},
        "mark": {"type": "bar", "cornerRadius": 2},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"labelLimit": 160},
            },
            "x": {"field": "shown", "type": "quantitative", "title": None, "axis": {"format": "d"}},
            "color": {
                "field": "how",
                "type": "nominal",
                "scale": scale,
                "legend": {"title": None, "orient": "top"},
            },
            "tooltip": [
                {"field": "name", "title": texts("people.name")},
                {"field": "how", "title": texts("bt.how")},
                {"field": "n", "title": texts("bt.flags")},
            ],
        },
        "config": {"view": {"stroke": None}, "background": "transparent"},
    }


def precision_row(rule: RuleBacktest, texts: Texts) -> dict[str, Any]:
    """How right the rule was and would be, as far as its flags were judged."""
    judged = rule.judged
    return {
        texts("rules.title_column"): rule.title,
        texts("bt.before"): precision_text(judged.before, texts),
        texts("bt.after"): precision_text(judged.after, texts),
        texts("bt.confirmed_lost"): judged.confirmed_lost,
        texts("bt.false_lost"): judged.false_alarms_lost,
    }


def precision_text(precision: Precision, texts: Texts) -> str:
    """``86%（62–97%）``"""
    if not precision.judged:
        return texts("bt.unjudged")
    return f"{100 * (precision.value or 0):.0f}%（{interval_text(precision)}）"


def report(made: Backtest, name: str, texts: Texts) -> Report:
    """The backtest as a file."""
    counts = made.counts
    figures = tuple(
        (texts(f"bt.{how}"), f"{n:,}")
        for how, n in (
            ("gained", counts.flags_gained),
            ("lost", counts.flags_lost),
            ("kept", counts.flags_kept),
        )
    )
    heads = ("gained", "lost", "kept")
    sheets = [
        Sheet(
            texts(f"bt.{cut}"),
            (texts("people.name"), *(texts(f"bt.{h}") for h in heads)),
            tuple((n or "–", c.flags_gained, c.flags_lost, c.flags_kept) for n, c in rows(made, cut)),
            texts("bt.gained"),
        )
        for cut in ("by_rule", *_CUT)
    ]
    precision = tuple(tuple(precision_row(rule, texts).values()) for rule in made.rules)
    if precision:
        sheets.append(Sheet(texts("bt.precision"), tuple(precision_row(made.rules[0], texts)), precision))
    about = texts("bt.done", calls=made.calls, examined=made.examined, seconds=made.seconds)
    return Report(f"{texts('editor.step.backtest')} · {name}", about, figures, tuple(sheets))
