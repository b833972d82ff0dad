"""Page: the list of calls with its filters, which live in the address."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from ..inspect.topics import shipped_topics
from ..inspect.types import Level
from ..privacy.roles import Permission
from ..store.assignments import assign, assigned_to, known_reviewers, open_by_reviewer, unassign
from ..store.calls import NOBODY, STATUSES, CallFilter, list_calls
from ..store.review_lists import lists
from ..store.review_queries import flags_of
from . import links, session
from .components import call_list
from .filters import ORDERS, PAGE_SIZE, VERDICT_STATES, View, narrowed
from .list_view import list_view
from .rule_names import RuleNames, names_for
from .texts import Texts

ASSIGN_AT_ONCE = 50
_SINGLE = ("verdict", "severity", "since", "until", "max_score", "list")
_LISTS = ("rule", "status", "business", "team", "agent", "assigned")


def calls_page() -> None:
    session.enter("calls")
    texts, store, view = session.texts(), session.store(), session.view()
    names = names_for(store)
    page = list_calls(store, view.filter, order=view.order, limit=PAGE_SIZE, offset=view.offset)
    _filters(texts, names, view, page.total)
    flags = flags_of(store, [row.id for row in page.rows])
    assigned = assigned_to(store, [row.id for row in page.rows])
    anything = page.total or list_calls(store, limit=1).total
    data = list_view(page, flags, view, names, texts, assigned, store_is_empty=not anything)
    if more := _also(texts, view.filter):
        st.caption(texts("figure.narrowed", what=" · ".join(more)))
    call_list(data, on_open=_opened, on_page=_turned)
    links.follow()


def _also(texts: Texts, f: CallFilter) -> list[str]:
    """What figures of other pages narrow the list to, in words; there are no widgets for it."""
    told = [_topic(texts, name) for name in f.topic]
    told += [texts("figure.level", level=texts(f"level.{f.level}"))] if f.level else []
    told += [texts("figure.hour", n=f.hour)] if f.hour is not None else []
    told += [texts("figure.audit", n=f.audit)] if f.audit else []
    told += [texts("figure.heard" if f.heard else "figure.unheard")] if f.heard is not None else []
    return told


def _topic(texts: Texts, name: str) -> str:
    topics = shipped_topics()
    found = next((t for t in (*topics.topics, topics.other) if t.name == name), None)
    return name if found is None else found.title_en if texts.language == "en" else found.title


def _filters(texts: Texts, names: RuleNames, view: View, total: int) -> None:
    _show(view)
    leads = session.may(Permission.QUALITY_MANAGE)
    widths = [1.4, 1.4, 2.2, 1.8, 1.4, 1.3, *([1.0] if leads else []), 1.2]
    verdict, severity, rule, find, order, more, *share, start = st.columns(
        widths, vertical_alignment="bottom"
    )
    if share:
        with share[0].popover(texts("assign.title"), width="stretch"):
            _assign(texts, view, total)
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
    _queue_filters(texts, f)
    st.number_input(texts("list.max_score"), 0, 100, None, key="list_max_score", on_change=_changed)
    st.checkbox(texts("list.doubtful"), key="list_doubtful", on_change=_changed)
    st.button(texts("list.clear"), on_click=lambda: session.set_view(View()), width="stretch")


def _queue_filters(texts: Texts, f: CallFilter) -> None:
    """Who is to do the calls, and lists made from searches."""
    me = session.review_session().reviewer
    people = dict.fromkeys([me, NOBODY, *known_reviewers(session.store()), *f.assigned])
    labels = {name: name for name in people} | {NOBODY: texts("list.nobody")}
    _multi(texts, "assigned", labels | {me: texts("list.me", name=me)}, texts("list.any"))
    named = {row.id: row.name for row in lists(session.store())}
    if f.list is not None:
        named.setdefault(f.list, str(f.list))
    if named:
        _select(st, texts, "list", named)


def _assign(texts: Texts, view: View, total: int) -> None:
    """Share the calls of the list out among reviewers."""
    store, me = session.store(), session.review_session().reviewer
    with st.form("assign", border=False):
        people = st.multiselect(
            texts("assign.people"),
            dict.fromkeys([me, *known_reviewers(store)]),
            accept_new_options=True,
            placeholder=texts("assign.people_hint"),
        )
        count = st.number_input(texts("assign.count"), 1, max(1, total), max(1, min(total, ASSIGN_AT_ONCE)))
        given = st.form_submit_button(texts("assign.give"), type="primary", width="stretch")
        taken = st.form_submit_button(texts("assign.take"), width="stretch")
    if given and people:
        shared = assign(store, view.filter, people, by=me, order=view.order, limit=int(count))
        said = "、".join(f"{name} {n}" for name, n in shared.items())
        st.success(texts("assign.given", who=said))
    elif taken:
        st.success(texts("assign.taken", n=unassign(store, view.filter)))
    for name, (left, all_of_them) in open_by_reviewer(store).items():
        st.caption(texts("assign.open", name=name, left=left, total=all_of_them))


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
    chosen = replace(
        session.view().filter,
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
        assigned=tuple(state.get("list_assigned", ())),
        list=state.get("list_list"),
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
