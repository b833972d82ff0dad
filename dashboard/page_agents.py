"""Pages: agents and teams, compared fairly, and one of them in detail."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..review.comparison import ENOUGH_CALLS
from ..store.coaching import CoachCall
from ..store.day_figures import Period
from . import charts, figure_links, links, session
from .clips import Clip, show_clips
from .coaching_notes import show_notes, write_note
from .export_menu import export_menu
from .filters import View
from .page_day import picked
from .people_report import people_report, person_report
from .people_view import (
    Kind,
    PersonLine,
    PersonView,
    funnel_limits,
    funnel_points,
    measure_rows,
    people,
    person,
)
from .period_bar import about, period_bar
from .rule_names import RuleNames, names_for
from .texts import Texts

_SHOWN = ("talk", "silence", "interruptions", "rate")
"""Measures that the grid has room for; the details and the files have all."""


def agents_page() -> None:
    _page("agent")


def teams_page() -> None:
    _page("team")


def _page(kind: Kind) -> None:
    session.enter(f"{kind}s")
    texts, store = session.texts(), session.store()
    controls, menu = st.columns([9, 1], vertical_alignment="bottom")
    with controls:
        period = period_bar(texts, store)
    if period is None:
        return
    chosen = st.query_params.get("who", "")
    if chosen:
        _one(texts, kind, period, chosen, menu)
    else:
        _all(texts, kind, period, menu)
    links.follow()


def _all(texts: Texts, kind: Kind, period: Period, menu: Any) -> None:
    lines = people(session.store(), period, kind)
    if not lines:
        st.info(f"{texts('people.none')}\n\n{texts('people.none_help')}")
        return
    with menu:
        export_menu(texts, f"{kind}s", lambda: people_report(lines, kind, texts, about(period, texts)))
    points = funnel_points(lines, texts)
    if len(points) > 1:
        with st.container(border=True):
            st.markdown(f"**{texts('people.funnel')}**", help=texts("people.funnel_help"))
            chart = charts.funnel(points, funnel_limits(lines), texts)
            st.vega_lite_chart(chart, key=f"{kind}_funnel", on_select=lambda: _picked(kind))
    st.caption(f"{texts(f'people.choose_{kind}')} · {texts('people.too_few', n=ENOUGH_CALLS)}")
    _grid(texts, kind, lines)


def _grid(texts: Texts, kind: Kind, lines: Sequence[PersonLine]) -> None:
    number = st.column_config.NumberColumn
    percent = number(format="%.1f%%")
    chosen = st.dataframe(
        [_row(line, kind, texts) for line in lines],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"{kind}_grid",
        height=min(640, 38 + 35 * len(lines)),
        column_config={
            texts("day.flagged_share_short"): percent,
            texts("people.talk"): percent,
            texts("people.score"): number(format="%.1f"),
            texts("people.silence"): number(format="%.1f"),
            texts("people.interruptions"): number(format="%.2f"),
            texts("people.rate"): number(format="%d"),
            texts("people.trend"): st.column_config.LineChartColumn(y_min=0, y_max=100),
        },
    )
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(lines):
        _open(lines[rows[0]].name)
        st.rerun()


def _row(line: PersonLine, kind: Kind, texts: Texts) -> dict[str, Any]:
    figures = line.figures
    team = {texts("people.team"): line.team} if kind == "agent" else {}
    measures = {texts(f"people.{name}"): getattr(figures, f"mean_{name}") for name in _SHOWN}
    measures[texts("people.talk")] = _percent(figures.mean_talk)
    return {
        texts(f"people.{kind}"): line.name,
        **team,
        texts("people.calls"): figures.scored,
        texts("people.score"): figures.mean_score,
        texts("people.trend"): list(line.trend),
        texts("day.flagged_share_short"): _percent(figures.flagged_share),
        texts("people.interval"): interval_text(line.share_interval),
        texts("people.standing"): texts(f"people.standing.{line.standing}"),
        **measures,
        texts("people.open"): figures.open_flags,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def interval_text(interval: tuple[float, float] | None, percent: bool = True) -> str:
    """``12.1–18.4%``; a dash when there are too few calls."""
    if interval is None:
        return "–"
    low, high = interval
    return f"{100 * low:.1f}–{100 * high:.1f}%" if percent else f"{low:.1f}–{high:.1f}"


def _picked(kind: Kind) -> None:
    if name := picked(f"{kind}_funnel"):
        _open(name)


def _open(name: str) -> None:
    session.set_view(session.view(), who=name)


def _one(texts: Texts, kind: Kind, period: Period, name: str, menu: Any) -> None:
    names = names_for(session.store())
    view = person(session.store(), period, kind, name)
    with menu:
        export_menu(texts, kind, lambda: person_report(view, names, texts, about(period, texts)))
    back, heading, calls = st.columns([1.2, 6, 1.2], vertical_alignment="center")
    if back.button(texts("people.back"), icon=":material/arrow_back:", width="stretch"):
        session.set_view(session.view())
        st.rerun()
    heading.subheader(name, anchor=False)
    if calls.button(texts("people.see_calls"), icon=":material/call:", width="stretch"):
        links.open_list(View(figure_links.calls_of(kind, period, name)))
        links.follow()
    linked = figure_links.of_person(kind, period, view)
    _figures(texts, view, linked)
    left, right = st.columns([3, 2], border=True)
    with left:
        st.markdown(f"**{texts('people.trend')}**")
        st.vega_lite_chart(charts.score_trend(view.days, view.whole_days, texts))
    with right:
        st.markdown(f"**{texts('people.measures')}**")
        heads = texts("people.measure"), texts("people.mine"), texts("people.everyone")
        st.dataframe(
            [dict(zip(heads, row, strict=True)) for row in measure_rows(view, texts)], hide_index=True
        )
        st.markdown(f"**{texts('people.rules')}**")
        chart = charts.rules(view.rules, names, st.context.theme.type == "dark")
        st.vega_lite_chart(chart, key=f"{kind}_rules", on_select=lambda: _rule(kind, linked))
    _coach(texts, kind, period, view, names)
    if kind == "agent" and session.may(Permission.CALLS_SEE):
        write_note(texts, (*view.coach, *view.good), names)
        show_notes(texts, name, names)


def _rule(kind: Kind, linked: figure_links.Figures) -> None:
    if rule := picked(f"{kind}_rules"):
        links.open_list(linked[f"rule.{rule}"].view)


def _figures(texts: Texts, view: PersonView, linked: figure_links.Figures) -> None:
    mine, whole = view.figures, view.whole
    line = PersonLine(view.name, "", mine, "usual", ())
    figures = [
        (texts("people.calls"), f"{mine.scored:,}", None, None),
        (
            texts("people.score"),
            "–" if mine.mean_score is None else f"{mine.mean_score:.1f}",
            _beside(mine.mean_score, whole.mean_score, 1, 1),
            interval_text(line.score_interval, percent=False),
        ),
        (
            texts("day.flagged_share"),
            "–" if mine.flagged_share is None else f"{100 * mine.flagged_share:.1f}%",
            _beside(mine.flagged_share, whole.flagged_share, 100, 1),
            interval_text(line.share_interval),
        ),
        (texts("people.flags"), f"{mine.flags:,}", None, None),
        (texts("people.open"), f"{mine.open_flags:,}", None, None),
    ]
    for column, (name, value, beside, interval), key in zip(
        st.columns(len(figures)), figures, linked, strict=False
    ):
        help = f"{texts('people.interval')} {interval}" if interval else None
        inverse = name == texts("day.flagged_share")
        column.metric(
            name,
            value,
            beside,
            delta_color="inverse" if inverse else "normal",
            border=True,
            height="stretch",
            help=help,
        )
        links.see(column, texts, f"person_{key}", linked[key])


def _beside(mine: float | None, whole: float | None, times: int, digits: int) -> str | None:
    return None if mine is None or whole is None else f"{times * (mine - whole):+.{digits}f}"


def _coach(texts: Texts, kind: Kind, period: Period, view: PersonView, names: RuleNames) -> None:
    st.markdown(f"**{texts('people.coach')}**", help=texts("people.coach_help"))
    if not session.may(Permission.CALLS_SEE) or not (view.coach or view.good):
        st.caption(texts("people.coach_none"))
        return
    clips = [_clip(call, names, texts) for call in (*view.coach, *view.good)]
    show_clips(texts, f"{kind}_coach", clips, lambda: View(figure_links.calls_of(kind, period, view.name)))


def _clip(call: CoachCall, names: RuleNames, texts: Texts) -> Clip:
    at = f"{call.started_at:%m-%d %H:%M}" if call.started_at else f"{call.day:%m-%d}"
    verdict = texts(f"verdict.{call.verdict}") if call.verdict else ""
    about = (mask_phones(call.name), at, call.agent or "", f"{texts('desk.score')} {call.score}", verdict)
    words = " · ".join(part for part in about if part)
    if call.rule is None or call.severity is None:
        return Clip(call.recording_id, 0.0, call.seconds or 30.0, call.name, words, tag=texts("people.good"))
    start, end = call.start or 0.0, call.end or 0.0
    title = names.title(call.rule)
    return Clip(call.recording_id, start, end, title, words, call.quote or "", title, call.severity)
