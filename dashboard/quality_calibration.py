"""Calibration: several people judge the same calls, then see how far they agree."""

from functools import partial
from typing import Any

import streamlit as st

from ..errors import UsageError
from ..privacy.roles import Permission
from ..review.agreement import strength
from ..review.evaluations import CalibrationResult, calibrate, calibration_result, items_of
from ..store.assignments import known_reviewers
from ..store.database import Store
from ..store.quality import (
    CalibrationRow,
    calibrations,
    close_calibration,
    evaluations,
    forms,
    get_form,
    start_calibration,
)
from . import session
from .clips import hear
from .quality_forms import ask
from .texts import Texts
from .tried import tried


def calibration_tab(texts: Texts) -> None:
    store = session.store()
    if session.may(Permission.QUALITY_MANAGE):
        with st.expander(texts("calibration.new")):
            _new(texts, store)
    found = calibrations(store)
    if not found:
        st.info(texts("calibration.none"))
        return
    chosen = st.selectbox(texts("calibration.which"), found, format_func=partial(_named, texts))
    _result(texts, store, chosen)
    if chosen.closed_at is None:
        _judge(texts, store, chosen)
        if session.may(Permission.QUALITY_MANAGE) and st.button(texts("calibration.close")):
            tried(lambda: close_calibration(store, chosen.id))


def _named(texts: Texts, row: CalibrationRow) -> str:
    state = texts("calibration.closed" if row.closed_at else "calibration.running")
    return f"{row.title} · {len(row.calls)} · {'、'.join(row.people)} · {state}"


def _new(texts: Texts, store: Store) -> None:
    known = forms(store)
    if not known:
        st.caption(texts("form.none"))
        return
    title = st.text_input(texts("calibration.title"), max_chars=80)
    form = st.selectbox(
        texts("form.form"),
        known,
        format_func=lambda row: f"{row.name} v{row.version}",
        key="calibration_form",
    )
    calls = st.text_input(texts("calibration.calls"), placeholder="12, 15, 31")
    people = st.multiselect(
        texts("calibration.people"),
        known_reviewers(store),
        accept_new_options=True,
        placeholder=texts("assign.people_hint"),
    )
    if st.button(texts("calibration.start"), type="primary"):
        tried(lambda: _start(store, title, form.id, calls, people))


def _start(store: Store, title: str, form_id: int, calls: str, people: list[str]) -> None:
    words = calls.replace("，", ",").replace(",", " ").split()
    if not all(word.isdigit() for word in words):
        raise UsageError(f"numbers of calls are wanted, not {calls!r}")
    start_calibration(store, title, form_id, [int(word) for word in words], people, by=session.person().name)


def _judge(texts: Texts, store: Store, row: CalibrationRow) -> None:
    me = session.person().name
    if me not in row.people:
        st.caption(texts("calibration.not_you"))
        return
    done = {e.recording_id for e in evaluations(store, calibration_id=row.id, evaluator=me)}
    left = [call for call in row.calls if call not in done]
    st.progress(
        len(done) / len(row.calls), texts("calibration.progress", done=len(done), calls=len(row.calls))
    )
    if not left:
        return
    call = left[0]
    hear(texts, f"calibrate_{call}", call)
    with st.form(f"calibrate_{row.id}_{call}"):
        st.markdown(f"**{texts('calibration.call', n=call)}**")
        items = items_of(get_form(store, row.form_id))
        answers = {item.key: ask(texts, item, None, call) for item in items}
        if st.form_submit_button(texts("form.send"), type="primary"):
            tried(lambda: calibrate(store, row.id, call, answers, evaluator=me))


def _result(texts: Texts, store: Store, row: CalibrationRow) -> None:
    try:
        found = calibration_result(store, row.id, viewer=session.person().name)
    except UsageError:
        st.info(texts("calibration.blind"))
        return
    alpha, kappa, widest = st.columns(3)
    alpha.metric(
        texts("calibration.alpha"),
        _figure(found.alpha),
        texts(f"calibration.{strength(found.alpha)}"),
        border=True,
        delta_color="off",
        delta_arrow="off",
        help=texts("calibration.alpha_help"),
        height="stretch",
    )
    pairs = [value for value in found.pairs.values() if value is not None]
    kappa.metric(texts("calibration.kappa"), _figure(min(pairs, default=None)), border=True, height="stretch")
    widest.metric(texts("calibration.widest"), str(found.widest or "–"), border=True, height="stretch")
    st.dataframe(_rows(texts, found), hide_index=True)
    st.dataframe(_scores(texts, found), hide_index=True)


def _rows(texts: Texts, found: CalibrationResult) -> list[dict[str, Any]]:
    heads = [texts(f"calibration.{name}") for name in ("item", "alpha", "divided")]
    return [
        dict(zip(heads, (item.title, _figure(item.alpha), len(item.disagreements)), strict=True))
        for item in found.items
    ]


def _scores(texts: Texts, found: CalibrationResult) -> list[dict[str, Any]]:
    return [{texts("form.call"): call} | dict(scores) for call, scores in found.scores.items()]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
