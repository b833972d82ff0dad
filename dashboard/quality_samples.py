"""Samples: calls drawn for people to hear, by a plan that can be repeated."""

from typing import get_args

import streamlit as st

from ..privacy.roles import Permission
from ..review.sampling import By, Method, Plan, carry_out
from ..store.assignments import known_reviewers
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.sampling import draws
from . import links, session
from .filters import View
from .formats import local_time
from .period_bar import period_bar
from .plain import plain
from .texts import Texts
from .tried import tried


def samples_tab(texts: Texts) -> None:
    store = session.store()
    period = period_bar(texts, store)
    if period is None:
        return
    if session.may(Permission.QUALITY_MANAGE):
        chosen = CallFilter(
            since=period.since, until=period.until, business=period.business, team=period.team
        )
        _draw(texts, store, chosen)
    st.markdown(f"**{texts('sample.drawn')}**")
    rows = draws(store)
    if not rows:
        st.caption(texts("sample.none"))
    for row in rows:
        words, button = st.columns([6, 1], vertical_alignment="center")
        method = texts(f"sample.method.{row.plan.get('method', 'random')}")
        drawn = f"{row.drawn_by} {local_time(row.drawn_at):%m-%d %H:%M}"
        seed = f"{texts('sample.seed')} {row.plan.get('seed', 0)}"
        share = f"{row.drawn} / {row.population:,}"
        words.markdown(f"**{plain(row.name)}** · {method} · {share} · :gray[{drawn} · {seed}]")
        if row.list_id is not None and button.button(
            texts("sample.work"), key=f"draw_{row.id}", width="stretch"
        ):
            links.open_list(View(CallFilter(list=row.list_id)))


def _draw(texts: Texts, store: Store, chosen: CallFilter) -> None:
    with st.form("sample", border=True):
        name, method, by, size, seed = st.columns([2.4, 1.6, 1.2, 1, 1], vertical_alignment="bottom")
        called = name.text_input(texts("sample.name"), max_chars=80)
        how: Method = method.selectbox(
            texts("sample.method"), get_args(Method), format_func=lambda word: texts(f"sample.method.{word}")
        )
        strata: By = by.selectbox(
            texts("sample.by"), get_args(By), format_func=lambda word: texts(f"sample.by.{word}")
        )
        many = size.number_input(texts("sample.size"), 1, 10_000, 20)
        start = seed.number_input(texts("sample.seed"), 0, None, 0, help=texts("sample.seed_help"))
        reviewers = st.multiselect(
            texts("sample.reviewers"), known_reviewers(store), accept_new_options=True,
            help=texts("sample.reviewers_help"), placeholder=texts("assign.people_hint"),
        )  # fmt: skip
        if st.form_submit_button(texts("sample.draw"), type="primary"):
            plan = Plan(how, int(many), int(start), strata)
            tried(
                lambda: carry_out(store, called, plan, chosen, by=session.person().name, reviewers=reviewers)
            )
