"""Charts of the day pages, as Vega-Lite. Where ``PICK`` is among a chart's parameters, a click selects a
row by its ``id``."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ..inspect.types import Level
from ..store.day_figures import Figures
from ..store.heat import HeatCell
from .day_view import DayLevels, TeamLine
from .rule_names import RuleNames
from .texts import Texts
from .theme import CHARTS, DARK, LIGHT

Chart = dict[str, Any]
PICK = "pick"
_STEP = 26
_ROUND = {"type": "bar", "cornerRadiusEnd": 3}
BLUE, GREY = "#3f80c4", "#8a96a3"
_QUIET = {"config": {"view": {"stroke": None}, "background": "transparent"}}
_CLICK = [{"name": PICK, "select": {"type": "point", "fields": ["id"]}}]
_DAYS: Chart = {
    "field": "day",
    "type": "temporal",
    "title": None,
    "axis": {"format": "%m-%d", "tickCount": 7},
}


def severities(counts: Mapping[Level, int], texts: Texts, dark: bool) -> Chart:
    """A bar a severity, gravest first."""
    return _bars(
        [(level.value, texts(f"level.{level.value}"), level, n) for level, n in counts.items()], dark
    )


def rules(counts: Sequence[tuple[str, Level, int]], names: RuleNames, dark: bool) -> Chart:
    """A bar a rule, most flags first, in the colour of its severity."""
    return _bars([(rule, names.title(rule), level, n) for rule, level, n in counts], dark)


def level_trend(days: Sequence[DayLevels], texts: Texts, dark: bool, height: int = 210) -> Chart:
    """Flags a day, stacked by severity."""
    rows = [
        {"day": d.day.isoformat(), "level": level.value, "label": texts(f"level.{level.value}"), "n": n}
        | {"order": list(Level).index(level)}
        for d in days
        for level, n in d.flags.items()
    ]
    x = {"field": "day", "type": "ordinal", "title": None, "timeUnit": None}
    return {
        "data": {"values": rows},
        "height": height,
        "mark": {"type": "bar"},
        "encoding": {
            "x": x | {"axis": {"labelAngle": 0, "labelExpr": "slice(datum.value, 5)", "labelOverlap": True}},
            "y": _plain("n"),
            "color": _level_colour(dark) | {"legend": None},
            "order": {"field": "order", "sort": "descending"},
            "tooltip": [
                _seen("day", "day.day", texts),
                _seen("label", "rules.level", texts),
                _seen("n", "day.flags", texts),
            ],
        },
        **_QUIET,
    }


def team_shares(teams: Sequence[TeamLine], share: float | None, texts: Texts) -> Chart:
    """Share of calls with a grave enough flag and its 95 % interval, a line a team; all teams' as a rule."""
    rows = [
        {
            "id": t.team,
            "team": t.team,
            "share": t.figures.flagged_share,
            "low": t.low,
            "high": t.high,
            "calls": t.figures.scored,
        }
        for t in teams
    ]
    y = {"field": "team", "type": "nominal", "sort": None, "title": None, "axis": _NAMES}
    tips = [_seen("team", "list.team", texts), _seen("share", "day.flagged_share", texts, ".1%")]
    tips += [_seen("low", "people.low", texts, ".1%"), _seen("high", "people.high", texts, ".1%")]
    tips += [_seen("calls", "day.calls", texts)]
    layers: list[Chart] = [
        {
            "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.35, "color": BLUE},
            "encoding": {"x": _share("low"), "x2": {"field": "high"}, "y": y, "tooltip": tips},
        },
        {
            "params": _CLICK,
            "mark": {"type": "point", "filled": True, "size": 110, "color": BLUE, "opacity": 1},
            "encoding": {"x": _share("share"), "y": y, "tooltip": tips},
        },
    ]
    if share is not None:
        layers.append(_all_line("x", share))
    return {"data": {"values": rows}, "height": {"step": _STEP}, "layer": layers, **_QUIET}


def score_trend(
    days: Sequence[tuple[date, Figures]], others: Sequence[tuple[date, Figures]], texts: Texts
) -> Chart:
    """Mean score a day of one agent or team, with that of all as a grey line."""
    mine, all_of_them = texts("people.mine"), texts("people.everyone")
    rows = _scores(days, mine) + _scores(others, all_of_them)
    colour = {"field": "who", "type": "nominal", "title": None, "legend": {"orient": "top"}}
    scale = {"domain": [mine, all_of_them], "range": [BLUE, GREY]}
    tips = [_seen("day", "day.day", texts), _seen("who", "people.who", texts)]
    tips += [_seen("score", "day.mean_score", texts, ".1f"), _seen("calls", "day.calls", texts)]
    return {
        "data": {"values": rows},
        "height": 330,
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {
            "x": _DAYS,
            "y": _plain("score") | {"scale": {"zero": False, "nice": True}},
            "color": colour | {"scale": scale},
            "tooltip": tips,
        },
        **_QUIET,
    }


def funnel(points: Sequence[Mapping[str, Any]], limits: Sequence[Mapping[str, Any]], texts: Texts) -> Chart:
    """Each agent or team by calls and share, with the range that chance gives to that many calls."""
    standings = ("clearly_more", "more", "usual", "fewer", "clearly_fewer")
    colours = ["#c8372d", "#d98a1f", BLUE, "#5aa469", "#256b43"]
    x = {
        "field": "calls",
        "type": "quantitative",
        "title": texts("people.calls"),
        "scale": {"nice": False, "zero": False, "padding": 12},
        "axis": {"format": "d", "tickMinStep": 1, "grid": False},
    }
    tips = [_seen("name", "people.name", texts), _seen("calls", "day.calls", texts)]
    tips += [_seen("share", "day.flagged_share", texts, ".1%"), _seen("label", "people.standing", texts)]
    band = [
        {
            "data": {"values": list(limits)},
            "mark": {"type": "area", "opacity": opacity, "color": GREY},
            "encoding": {"x": x, "y": _share(low), "y2": {"field": high}},
        }
        for low, high, opacity in (("low_clear", "high_clear", 0.10), ("low", "high", 0.14))
    ]
    dots: Chart = {
        "data": {"values": list(points)},
        "params": _CLICK,
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.9},
        "encoding": {
            "x": x,
            "y": _share("share") | {"title": texts("day.flagged_share")},
            "color": {
                "field": "standing",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": list(standings), "range": colours},
            },
            "tooltip": tips,
        },
    }
    return {"height": 300, "layer": [*band, dots], **_QUIET}


def counts_over_time(rows: Sequence[tuple[str, int]], height: int = 150) -> Chart:
    """A bar a step of time; ``rows`` are moments (ISO) and counts."""
    return {
        "data": {"values": [{"at": at, "n": n} for at, n in rows]},
        "height": height,
        "mark": {"type": "bar", "color": BLUE},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None, "axis": {"format": "%H:%M"}},
            "y": _plain("n"),
            "tooltip": [{"field": "at", "type": "temporal", "format": "%m-%d %H:%M"}, {"field": "n"}],
        },
        **_QUIET,
    }


_NAMES = {"labelLimit": 170, "ticks": False, "domain": False}


def _bars(bars: Sequence[tuple[str, str, Level, int]], dark: bool) -> Chart:
    rows = [{"id": one, "name": name, "level": level.value, "n": n} for one, name, level, n in bars]
    return {
        "data": {"values": rows},
        "height": {"step": _STEP},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": _NAMES},
            "x": {"field": "n", "type": "quantitative", "title": None, "axis": None},
        },
        "layer": [
            {
                "params": _CLICK,
                "mark": _ROUND | {"cursor": "pointer"},
                "encoding": {"color": _level_colour(dark) | {"legend": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "color": _ink(dark)},
                "encoding": {"text": {"field": "n", "type": "quantitative", "format": ","}},
            },
        ],
        **_QUIET,
    }


def _ink(dark: bool) -> str:
    return (DARK if dark else LIGHT)["textColor"]


def _scores(days: Sequence[tuple[date, Figures]], who: str) -> list[dict[str, Any]]:
    return [
        {"day": day.isoformat(), "score": figures.mean_score, "calls": figures.scored, "who": who}
        for day, figures in days
        if figures.scored
    ]


def _level_colour(dark: bool) -> Chart:
    colours = CHARTS["dark" if dark else "light"]
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": "level", "type": "nominal", "scale": scale}


def _all_line(axis: str, share: float) -> Chart:
    return {
        "data": {"values": [{"share": share}]},
        "mark": {"type": "rule", "strokeDash": [4, 4], "color": GREY},
        "encoding": {axis: _share("share")},
    }


def _plain(field: str) -> Chart:
    return {"field": field, "type": "quantitative", "title": None, "axis": {"tickCount": 4}}


def _share(field: str) -> Chart:
    axis = {"format": "%", "tickCount": 5}
    return {"field": field, "type": "quantitative", "title": None, "axis": axis}


def _seen(field: str, text: str, texts: Texts, format: str | None = None) -> Chart:
    """A line of the tooltip."""
    return {"field": field, "title": texts(text)} | ({"format": format} if format else {})


def channels(rows: Sequence[Mapping[str, Any]], texts: Texts) -> Chart:
    """A bar a channel of the customers' voice, its usual size as a tick; what rises clearly in red."""
    title = "title_en" if texts.language == "en" else "title"
    values = [
        {"id": row["name"], "name": row[title], "calls": row["calls"], "usual": row["expected"]}
        | {"alarm": bool(row["is_alarm"])}
        for row in rows
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 160}}
    bars = {
        "params": _CLICK,
        "mark": _ROUND | {"cursor": "pointer"},
        "encoding": {
            "x": {"field": "calls", "type": "quantitative", "title": None}
            | {"axis": {"format": "d", "tickMinStep": 1}},
            "color": {"condition": {"test": "datum.alarm", "value": "#d64545"}, "value": BLUE},
            "tooltip": [{"field": "name", "title": " "}, {"field": "calls"}, {"field": "usual"}],
        },
    }
    usual = {
        "mark": {"type": "tick", "thickness": 3, "color": GREY},
        "encoding": {"x": {"field": "usual", "type": "quantitative"}},
    }
    return {
        "data": {"values": values},
        "height": {"step": _STEP},
        "encoding": {"y": y},
        "layer": [bars, usual] if any(row["expected"] is not None for row in rows) else [bars],
        **_QUIET,
    }


def weights(rows: Sequence[tuple[str, float]]) -> Chart:
    """A bar a name, the weightiest on top."""
    return {
        "data": {"values": [{"name": name, "weight": round(weight, 1)} for name, weight in rows]},
        "height": {"step": _STEP},
        "mark": _ROUND | {"color": BLUE},
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"labelLimit": 160},
            },
            "x": {"field": "weight", "type": "quantitative", "title": None},
            "tooltip": [{"field": "name", "title": " "}, {"field": "weight"}],
        },
        **_QUIET,
    }


def heat(cells: Sequence[HeatCell], texts: Texts) -> Chart:
    """Teams by hour: the share of calls that are flagged; how many calls there are is in the tooltip."""
    nobody = texts("cause.nobody")
    values = [
        {
            "id": f"{cell.hour}|{cell.team}",
            "team": cell.team or nobody,
            "hour": cell.hour,
            "share": cell.flagged / cell.calls,
            "said": f"{cell.flagged} / {cell.calls}",
        }
        for cell in cells
    ]
    hour = {"field": "hour", "type": "ordinal", "title": None, "axis": {"labelAngle": 0}}
    colour = {"scheme": "oranges"}
    legend = {"format": ".0%", "title": None}
    return {
        "data": {"values": values},
        "height": {"step": _STEP},
        "params": _CLICK,
        "mark": {"type": "rect", "cornerRadius": 3, "cursor": "pointer"},
        "encoding": {
            "x": hour,
            "y": {"field": "team", "type": "nominal", "title": None, "axis": {"labelLimit": 160}},
            "color": {"field": "share", "type": "quantitative", "scale": colour, "legend": legend},
            "tooltip": [
                {"field": "team", "title": " "},
                {"field": "hour"},
                {"field": "said", "title": texts("cause.flagged")},
                {"field": "share", "format": ".0%"},
            ],
        },
        **_QUIET,
    }
