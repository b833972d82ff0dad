"""The period and groups a day page is about: widgets over the address."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from ..store.calls import CallFilter
from ..store.database import Store
from ..store.day_figures import Group, Period, first_and_last_day, known_values
from . import session
from .filters import View
from .texts import Texts

DAYS_SHOWN = 7
_QUICK = (1, 7, 30, 90)
_GROUPS: tuple[Group, ...] = ("business", "team")
Days = tuple[date, date]


def period_bar(texts: Texts, store: Store) -> Period | None:
    """Draw the controls; the period they show, or None (and a word about it) while there are no calls."""
    days = first_and_last_day(store)
    if days is None:
        st.info(texts("list.empty_store"))
        return None
    period = period_of(session.view().filter, days)
    state = st.session_state
    state.period_quick = _quick(period, days)
    state.period_since, state.period_until = period.since, period.until
    for name in _GROUPS:
        state[f"period_{name}"] = list(getattr(period, name))
    quick, since, until, business, team = st.columns([2.3, 1.1, 1.1, 1.9, 1.9], vertical_alignment="bottom")
    quick.segmented_control(
        texts("day.quick"),
        _QUICK,
        format_func=lambda n: texts(f"day.quick.{n}"),
        key="period_quick",
        on_change=lambda: _chosen_quick(days),
        label_visibility="collapsed",
    )
    since.date_input(texts("day.since"), key="period_since", format="YYYY-MM-DD", on_change=_changed)
    until.date_input(texts("day.until"), key="period_until", format="YYYY-MM-DD", on_change=_changed)
    _groups(business, texts, store, "business", texts("day.all_business"))
    _groups(team, texts, store, "team", texts("day.all_teams"))
    return period


def period_of(chosen: CallFilter, days: Days) -> Period:
    """The period of an address; without one the last DAYS_SHOWN days that have calls."""
    until = chosen.until or days[1]
    since = chosen.since or until - timedelta(days=DAYS_SHOWN - 1)
    return Period(min(since, until), until, chosen.business, chosen.team)


def about(period: Period, texts: Texts) -> str:
    """The period in words, for headings and files."""
    span = texts("day.about", since=period.since, until=period.until)
    return " · ".join((span, *period.business, *period.team, *period.agent))


def _groups(column: Any, texts: Texts, store: Store, name: Group, hint: str) -> None:
    chosen = st.session_state[f"period_{name}"]
    values = dict.fromkeys([*known_values(store, name), *chosen])
    column.multiselect(
        texts(f"list.{name}"), tuple(values), key=f"period_{name}", placeholder=hint, on_change=_changed
    )


def _quick(period: Period, days: Days) -> int | None:
    if period.since is None or period.until != days[1]:
        return None
    length = (period.until - period.since).days + 1
    return length if length in _QUICK else None


def _chosen_quick(days: Days) -> None:
    length = st.session_state.period_quick
    if length:
        since = days[1] - timedelta(days=length - 1)
        chosen = replace(session.view().filter, since=since, until=days[1])
        session.set_view(View(chosen))


def _changed() -> None:
    state = st.session_state
    chosen = replace(
        session.view().filter,
        since=state.period_since,
        until=state.period_until,
        business=tuple(state.period_business),
        team=tuple(state.period_team),
    )
    session.set_view(View(chosen))
