"""Page: the list of calls with its filters, which live in the address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ..inspect.types import Level
from ..store.calls import STATUSES, CallFilter, list_calls
from ..store.review_queries import flags_of
from . import links, session
from .components import call_list
from .filters import ORDERS, PAGE_SIZE, VERDICT_STATES, View, narrowed
from .list_view import list_view
from .rule_names import RuleNames, names_for
from .texts import Texts

_SINGLE = ("verdict", "severity", "since", "until", "max_score")
_LISTS = ("rule", "status", "business", "team", "agent")


def calls_page() -> None:
    session.enter("calls")
    texts, store, view = session.texts(), session.store(), session.view()
    names = names_for(store)
    _filters(texts, names, view)
    page = list_calls(store, view.filter, order=view.order, limit=PAGE_SIZE, offset=view.offset)
    flags = flags_of(store, [row.id for row in page.rows])
    anything = page.total or list_calls(store, limit=1).total
    data = list_view(page, flags, view, names, texts, store_is_empty=not anything)
    call_list(data, on_open=_opened, on_page=_turned)
    links.follow()


def _filters(texts: Texts, names: RuleNames, view: View) -> None:
    _show(view)
    verdict, severity, rule, find, order, more, start = st.columns(
        [1.4, 1.4, 2.4, 2, 1.4, 1.3, 1.2], vertical_alignment="bottom"
    )
    _select(verdict, texts, "verdict", {v: texts(f"list.verdict.{v}") for v in VERDICT_STATES})
    levels = {v: texts("list.severity.at_least", level=texts(f"level.{v}")) for v in reversed(Level)}
    _select(severity, texts, "severity", levels)
    with rule:
        rules = sorted({*session.facets()["rule"], *view.filter.rule})
        _multi(texts, "rule", {r: names.title(r) for r in rules}, texts("list.rule_hint"))
    hint = texts("list.search_hint")
    find.text_input(texts("list.search"), key="list_name", placeholder=hint, on_change=_changed)
    orders = {o: texts(f"list.order.{o}") for o in ORDERS}
    order.selectbox(
        texts("list.order"), ORDERS, format_func=orders.__getitem__, key="list_order", on_change=_changed
    )
    count = narrowed(view)
    label = texts("list.active", n=count) if count else texts("list.more")
    with more.popover(label, width="stretch"):
        _more_filters(texts, view.filter)
    if start.button(texts("list.start"), type="primary", width="stretch"):
        links.go_to_review(view)


def _more_filters(texts: Texts, f: CallFilter) -> None:
    _multi(texts, "status", {s: texts(f"status.{s}") for s in STATUSES}, texts("list.any"))
    for name in ("business", "team", "agent"):
        values = dict.fromkeys([*session.facets()[name], *getattr(f, name)])
        _multi(texts, name, {value: value for value in values}, texts("list.any"))
    for column, day in zip(st.columns(2), ("since", "until"), strict=True):
        column.date_input(
            texts(f"list.{day}"), None, key=f"list_{day}", format="YYYY-MM-DD", on_change=_changed
        )
    st.number_input(texts("list.max_score"), 0, 100, None, key="list_max_score", on_change=_changed)
    st.checkbox(texts("list.doubtful"), key="list_doubtful", on_change=_changed)
    st.button(texts("list.clear"), on_click=lambda: session.set_view(View()), width="stretch")


def _show(view: View) -> None:
    """The address decides what the widgets show, also after the browser's back button."""
    for name in _SINGLE:
        st.session_state[f"list_{name}"] = getattr(view.filter, name)
    for name in _LISTS:
        st.session_state[f"list_{name}"] = list(getattr(view.filter, name))
    st.session_state.list_name = view.filter.name or ""
    st.session_state.list_doubtful = bool(view.filter.doubtful)
    st.session_state.list_order = view.order


def _changed() -> None:
    """Put what the widgets show into the address; a new filter begins at its first page."""
    state: Any = st.session_state
    chosen = CallFilter(
        verdict=state.list_verdict,
        severity=state.list_severity,
        rule=tuple(state.list_rule),
        name=state.list_name.strip() or None,
        status=tuple(state.get("list_status", ())),
        business=tuple(state.get("list_business", ())),
        team=tuple(state.get("list_team", ())),
        agent=tuple(state.get("list_agent", ())),
        since=state.get("list_since"),
        until=state.get("list_until"),
        max_score=state.get("list_max_score"),
        doubtful=True if state.get("list_doubtful") else None,
    )
    session.set_view(View(chosen, state.list_order))


def _select(column: Any, texts: Texts, name: str, labels: Mapping[Any, str]) -> None:
    column.selectbox(
        texts(f"list.{name}"),
        tuple(labels),
        index=None,
        format_func=labels.__getitem__,
        placeholder=texts("list.any"),
        key=f"list_{name}",
        on_change=_changed,
    )


def _multi(texts: Texts, name: str, labels: Mapping[str, str], hint: str) -> None:
    st.multiselect(
        texts(f"list.{name}"),
        tuple(labels),
        format_func=labels.__getitem__,
        key=f"list_{name}",
        placeholder=hint,
        on_change=_changed,
    )


def _opened() -> None:
    if wanted := st.session_state.calls.open:
        links.open_call(session.view(), int(wanted))


def _turned() -> None:
    if wanted := st.session_state.calls.page:
        session.set_view(replace(session.view(), page=int(wanted)))
