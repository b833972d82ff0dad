"""Page: the overview of a period."""

from datetime import date, timedelta

import streamlit as st

from ..store.calls import CallFilter
from ..store.review_queries import last_day
from . import charts, links, session
from .day_view import Overview, failure_rows
from .filters import View
from .rule_names import RuleNames, names_for
from .texts import Texts

DAYS_SHOWN = 7


def day_page() -> None:
    session.enter("day")
    texts, store = session.texts(), session.store()
    newest = last_day(store)
    if newest is None:
        st.info(texts("list.empty_store"))
        return
    since, until = _period(texts, newest)
    day = session.overview_of(since, until)
    if not day.calls:
        st.info(texts("day.empty"))
        return
    _figures(texts, day)
    _charts(texts, day, names_for(store))
    _failures(texts, day)
    links.follow()


def _period(texts: Texts, newest: date) -> tuple[date | None, date | None]:
    view = session.view()
    since = view.filter.since or newest - timedelta(days=DAYS_SHOWN - 1)
    until = view.filter.until or newest
    st.session_state.day_since, st.session_state.day_until = since, until
    first, second, _ = st.columns([1, 1, 5])
    first.date_input(texts("day.since"), key="day_since", format="YYYY-MM-DD", on_change=_changed)
    second.date_input(texts("day.until"), key="day_until", format="YYYY-MM-DD", on_change=_changed)
    return since, until


def _changed() -> None:
    state = st.session_state
    session.set_view(View(CallFilter(since=state.day_since, until=state.day_until)))


def _figures(texts: Texts, day: Overview) -> None:
    rate = f"{100 * day.confirmed / day.judged:.0f}%" if day.judged else "–"
    figures = [
        ("day.calls", f"{day.calls:,}"),
        ("day.hours", f"{day.hours:,.1f}"),
        ("day.coverage", f"{100 * day.accounted:.0f}%"),
        ("day.mean_score", "–" if day.mean_score is None else f"{day.mean_score:.1f}"),
        ("day.flags", f"{sum(day.severities.values()):,}"),
        ("day.open", f"{day.open_flags:,}"),
        ("day.confirmed_rate", rate),
    ]
    for column, (name, value) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(texts(name), value, border=True)


def _charts(texts: Texts, day: Overview, names: RuleNames) -> None:
    dark = st.context.theme.type == "dark"
    left, middle, right = st.columns([3, 5, 4])
    with left:
        _heading(texts, "by_status")
        shown = {texts(f"status.{s}"): n for s, n in day.statuses.items() if n}
        heads = texts("column.status"), texts("day.count")
        st.dataframe(dict(zip(heads, (list(shown), list(shown.values())), strict=True)), hide_index=True)
        _heading(texts, "by_severity")
        st.vega_lite_chart(charts.severities(day.severities, texts, dark))
    with middle:
        _heading(texts, "by_rule")
        st.vega_lite_chart(charts.rules(day.rules, names, dark))
    with right:
        _heading(texts, "trend")
        st.vega_lite_chart(charts.trend(day.days))
        if day.teams:
            _heading(texts, "by_team")
            st.vega_lite_chart(charts.teams(day.teams))


def _heading(texts: Texts, name: str) -> None:
    st.markdown(f"**{texts(f'day.{name}')}**")


def _failures(texts: Texts, day: Overview) -> None:
    _heading(texts, "failures")
    rows = failure_rows(day, texts)
    if not rows:
        st.caption(texts("day.failures_none"))
        return
    heads = [texts(f"day.{name}") for name in ("kind", "count", "reason", "remedy", "details", "example")]
    st.dataframe([dict(zip(heads, row, strict=True)) for row in rows], hide_index=True)
