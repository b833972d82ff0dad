"""Page: the overview of a period."""

from dataclasses import replace
from typing import Any

import streamlit as st

from ..inspect.types import Level
from ..store.calls import CallFilter
from . import charts, figure_links, links, session
from .day_report import day_report
from .day_view import Overview, failure_rows, overview
from .export_menu import export_menu
from .filters import View
from .period_bar import about, period_bar
from .rule_names import RuleNames, names_for
from .texts import Texts


def day_page() -> None:
    session.enter("day")
    texts, store = session.texts(), session.store()
    controls, menu = st.columns([9, 1], vertical_alignment="bottom")
    with controls:
        period = period_bar(texts, store)
    if period is None:
        return
    day = overview(store, period)
    if not day.calls:
        st.info(texts("day.empty"))
        return
    names = names_for(store)
    with menu:
        export_menu(texts, "overview", lambda: day_report(day, names, texts, about(period, texts)))
    _figures(texts, day)
    _charts(texts, day, names)
    _batch(texts, day)
    _failures(texts, day)
    links.follow()


def _figures(texts: Texts, day: Overview) -> None:
    now, then = day.figures, day.before
    rate = f"{100 * day.confirmed / day.judged:.0f}%" if day.judged else "–"
    figures: list[tuple[str, str, str | None]] = [
        ("calls", f"{day.calls:,}", _change(now.calls, then.calls)),
        ("hours", f"{now.seconds / 3600:,.1f}", _change(now.seconds, then.seconds)),
        ("coverage", f"{100 * day.accounted:.0f}%", None),
        ("mean_score", *_score(now.mean_score, then.mean_score)),
        ("flags", f"{now.flags:,}", _change(now.flags, then.flags)),
        ("open", f"{day.open_flags:,}", None),
        ("confirmed_rate", rate, None),
    ]
    linked = figure_links.of_overview(day)
    helps = {"coverage": texts("day.coverage_help")}
    colours: dict[str, Any] = {"flags": "inverse", "mean_score": "normal"}
    for column, (name, value, change) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(
            texts(f"day.{name}"),
            value,
            change,
            delta_color=colours.get(name, "off"),
            border=True,
            height="stretch",
            help=helps.get(name, texts("day.compared") if change else None),
        )
        links.see(column, texts, f"day_{name}", linked[name])


def _change(now: float, then: float) -> str | None:
    return f"{100 * (now - then) / then:+.0f}%" if then else None


def _score(now: float | None, then: float | None) -> tuple[str, str | None]:
    value = "–" if now is None else f"{now:.1f}"
    return value, None if now is None or then is None else f"{now - then:+.1f}"


def _charts(texts: Texts, day: Overview, names: RuleNames) -> None:
    dark = st.context.theme.type == "dark"
    left, right = st.columns([5, 4], border=True)
    with left:
        _heading(texts, "trend")
        st.vega_lite_chart(charts.level_trend(day.levels, texts, dark))
        _heading(texts, "by_severity")
        st.vega_lite_chart(
            charts.severities(day.severities, texts, dark), key="day_severities", on_select=_level
        )
    with right:
        _heading(texts, "by_rule", texts("day.pick_rule"))
        st.vega_lite_chart(charts.rules(day.rules, names, dark), key="day_rules", on_select=_rule)
    if day.teams:
        with st.container(border=True):
            _heading(texts, "by_team", texts("day.team_help"))
            share = day.figures.flagged_share
            st.vega_lite_chart(charts.team_shares(day.teams, share, texts), key="day_teams", on_select=_team)


def _heading(texts: Texts, name: str, help: str | None = None) -> None:
    st.markdown(f"**{texts(f'day.{name}')}**", help=help)


def picked(key: str) -> str | None:
    """The ``id`` that was clicked in a chart."""
    chosen = (st.session_state.get(key) or {}).get("selection", {}).get(charts.PICK) or []
    return str(chosen[0]["id"]) if chosen else None


def _rule() -> None:
    if rule := picked("day_rules"):
        links.open_list(View(replace(_calls(), rule=(rule,))))


def _level() -> None:
    if level := picked("day_severities"):
        links.open_list(View(replace(_calls(), level=Level(level))))


def _team() -> None:
    if team := picked("day_teams"):
        links.open_page("agents", View(replace(_calls(), team=(team,))))


def _calls() -> CallFilter:
    """The calls of the period on the screen."""
    state = st.session_state
    chosen = session.view().filter
    return replace(chosen, since=state.period_since, until=state.period_until)


def _batch(texts: Texts, day: Overview) -> None:
    left = day.statuses["queued"] + day.statuses["running"]
    without = sum(f.count for f in day.failures) + day.unreadable_total
    with st.container(border=True):
        words, button = st.columns([6, 1], vertical_alignment="center")
        with words:
            _heading(texts, "batch")
            done = day.calls - left
            said = texts("day.batch_left", n=f"{left:,}") if left else texts("day.batch_done")
            st.progress(
                done / day.calls,
                f"{done:,} / {day.calls:,} · {said} · " + texts("day.failed_total", n=without),
            )
        if button.button(texts("day.to_batch"), width="stretch"):
            links.open_page("batch", View())
            links.follow()


def _failures(texts: Texts, day: Overview) -> None:
    _heading(texts, "failures")
    rows = failure_rows(day, texts)
    if not rows:
        st.caption(texts("day.failures_none"))
        return
    heads = [texts(f"day.{name}") for name in ("kind", "count", "reason", "remedy", "details", "example")]
    st.dataframe([dict(zip(heads, row, strict=True)) for row in rows], hide_index=True)
