"""Charts of the overview, as Vega-Lite."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..inspect.types import Level
from ..store.review_queries import DayCount, TeamCount
from .rule_names import RuleNames
from .texts import Texts
from .theme import CHARTS

Chart = dict[str, Any]
_STEP = 25
_ROUND = {"type": "bar", "cornerRadiusEnd": 3}
_PLAIN = _ROUND | {"color": "#3f80c4"}


def severities(counts: Mapping[Level, int], texts: Texts, dark: bool) -> Chart:
    """A bar a severity, gravest first."""
    bars = [(texts(f"level.{level.value}"), level, n) for level, n in counts.items()]
    return _bars(bars, dark)


def rules(counts: Sequence[tuple[str, Level, int]], names: RuleNames, dark: bool) -> Chart:
    """A bar a rule, most flags first, in the colour of its severity."""
    return _bars([(names.title(rule), level, n) for rule, level, n in counts], dark)


def trend(days: Sequence[DayCount]) -> Chart:
    """Flags a day."""
    rows = [{"day": d.day.isoformat(), "flags": d.flags, "calls": d.calls} for d in days]
    return {
        "data": {"values": rows},
        "height": 150,
        "mark": _PLAIN,
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": "flags", "type": "quantitative", "title": None, "axis": {"tickCount": 4}},
            "tooltip": [{"field": name} for name in ("day", "calls", "flags")],
        },
    }


def teams(counts: Sequence[TeamCount]) -> Chart:
    """Share of calls with a flag of medium severity or worse, a bar a team."""
    rows = [{"team": t.team, "share": t.flagged / t.calls, "calls": t.calls} for t in counts[:8]]
    return {
        "data": {"values": rows},
        "height": _STEP * len(rows),
        "mark": _PLAIN,
        "encoding": {
            "y": {"field": "team", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": None,
                "axis": {"format": "%", "tickCount": 4},
            },
            "tooltip": [{"field": "team"}, {"field": "share", "format": ".0%"}, {"field": "calls"}],
        },
    }


def _bars(bars: Sequence[tuple[str, Level, int]], dark: bool) -> Chart:
    colours = CHARTS["dark" if dark else "light"]
    rows = [{"name": name, "level": level.value, "n": n} for name, level, n in bars]
    scale = {"domain": list(colours), "range": list(colours.values())}
    names = {"labelLimit": 170, "ticks": False, "domain": False}
    return {
        "data": {"values": rows},
        "height": _STEP * max(1, len(rows)),
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": names},
            "x": {"field": "n", "type": "quantitative", "title": None, "axis": None},
        },
        "layer": [
            {
                "mark": _ROUND,
                "encoding": {"color": {"field": "level", "type": "nominal", "scale": scale, "legend": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5},
                "encoding": {"text": {"field": "n", "type": "quantitative"}},
            },
        ],
        "config": {"view": {"stroke": None}},
    }
