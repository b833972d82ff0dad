"""Forms: scorecards that people fill in, and filling one in for a call."""

from typing import Any

import streamlit as st

from ..errors import UsageError
from ..privacy.roles import Permission
from ..review.evaluations import evaluate, items_of, prefill, visible_evaluations
from ..review.forms import FormItem, read_items
from ..store.call import get_call
from ..store.database import Store
from ..store.quality import FormRow, forms, save_form
from . import session
from .clips import hear
from .plain import plain
from .rule_names import names_for
from .texts import Texts
from .tried import tried

_COLUMNS = ("key", "title", "points", "kind", "rule", "fatal")
_STARTER = [
    dict(zip(_COLUMNS, row, strict=True))
    for row in (
        ("greeting", "开场白规范", 10.0, "auto", "service.missing_greeting", False),
        ("listening", "倾听与理解", 20.0, "manual", None, False),
        ("solving", "解决问题", 40.0, "manual", None, False),
        ("abuse", "辱骂客户", 30.0, "auto", "compliance.abuse", True),
    )
]


def forms_tab(texts: Texts) -> None:
    store = session.store()
    known = forms(store)
    if session.may(Permission.QUALITY_MANAGE):
        with st.expander(texts("form.edit"), expanded=not known):
            _edit(texts, store, known)
    if not known:
        st.info(texts("form.none"))
        return
    _fill(texts, store, known)


def _edit(texts: Texts, store: Store, known: list[FormRow]) -> None:
    base = st.selectbox(
        texts("form.base"), known, None, format_func=lambda form: f"{form.name} v{form.version}",
        placeholder=texts("form.new"), key="form_base",
    )  # fmt: skip
    name, business = st.columns(2)
    called = name.text_input(
        texts("form.name"), base.name if base else "通用评分表", key=f"form_name_{base and base.id}"
    )
    whose = business.text_input(
        texts("form.business"), base.business if base else "", key=f"form_business_{base and base.id}"
    )
    rows = [dict(item) for item in base.items] if base else _STARTER
    edited = st.data_editor(
        [{column: row.get(column) for column in _COLUMNS} for row in rows],
        num_rows="dynamic",
        key=f"form_items_{base and base.id}",
        column_config={
            "key": st.column_config.TextColumn(texts("form.key"), required=True),
            "title": st.column_config.TextColumn(texts("form.item"), required=True),
            "points": st.column_config.NumberColumn(texts("form.points"), min_value=0.0),
            "kind": st.column_config.SelectboxColumn(texts("form.kind"), options=["manual", "auto"]),
            "rule": st.column_config.SelectboxColumn(texts("form.rule"), options=list(names_for(store).ids)),
            "fatal": st.column_config.CheckboxColumn(texts("form.fatal")),
        },
    )
    if st.button(texts("form.save"), type="primary"):
        tried(lambda: _save(store, called, whose, edited))


def _save(store: Store, name: str, business: str, rows: list[dict[str, Any]]) -> None:
    items = [_item(row) for row in rows]
    read_items(items)
    save_form(store, name, items, business=business.strip(), by=session.person().name)


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": str(row.get("key") or "").strip(), "title": str(row.get("title") or "").strip(),
        "points": float(row.get("points") or 0), "kind": row.get("kind") or "manual",
        "rule": row.get("rule") or None,
        "fatal": bool(row.get("fatal")),
    }  # fmt: skip


def _fill(texts: Texts, store: Store, known: list[FormRow]) -> None:
    number, which, kind = st.columns([1, 3, 2], vertical_alignment="bottom")
    asked = st.query_params.get("call", "1")
    call = number.number_input(
        texts("form.call"), 1, None, int(asked) if asked.isdigit() else 1, key="form_call"
    )
    st.query_params["call"] = str(call)
    form = which.selectbox(texts("form.form"), known, format_func=lambda row: f"{row.name} v{row.version}")
    second = kind.toggle(texts("form.second"), help=texts("form.second_help"))
    try:
        row = get_call(store, int(call)).row
    except UsageError as error:
        st.info(str(error))
        return
    st.caption(" · ".join(filter(None, (row.name, row.agent, row.business))))
    hear(texts, f"form_{row.id}", row.id)
    _questions(texts, store, form, row.id, second=second)
    _others(texts, store, row.id, second=second)


def _questions(texts: Texts, store: Store, form: FormRow, recording_id: int, *, second: bool) -> None:
    answered = prefill(store, form, recording_id)
    with st.form(f"fill_{form.id}_{recording_id}"):
        answers = {
            item.key: ask(texts, item, answered.get(item.key), recording_id) for item in items_of(form)
        }
        comment = st.text_input(texts("form.comment"), max_chars=1000)
        if st.form_submit_button(texts("form.send"), type="primary"):
            tried(
                lambda: evaluate(
                    store, recording_id, form.id, answers, evaluator=session.person().name,
                    kind="second" if second else "first", comment=comment,
                )
            )  # fmt: skip


def ask(texts: Texts, item: FormItem, known: float | None, recording_id: int) -> float | None:
    """One item to answer: fulfilled, half, not, or not applicable."""
    choices: dict[str, float | None] = {"yes": 1.0, "half": 0.5, "no": 0.0, "none": None}
    usual = "no" if known == 0 else "yes"
    title = f"{item.title}（{item.points:g}）" + (f" {texts('form.by_rule')}" if item.kind == "auto" else "")
    said = st.radio(
        title, tuple(choices), tuple(choices).index(usual), horizontal=True, help=item.help or None,
        format_func=lambda word: texts(f"form.answer.{word}"), key=f"ask_{recording_id}_{item.key}",
    )  # fmt: skip
    return choices[said]


def _others(texts: Texts, store: Store, recording_id: int, *, second: bool) -> None:
    rows = visible_evaluations(store, recording_id, session.person().name, blind=second)
    if rows:
        st.markdown(f"**{texts('form.given')}**")
    for row in rows:
        kind = texts(f"form.kind.{row.kind}")
        st.markdown(f"{row.score:g} · {plain(row.evaluator)} · {kind} {plain(row.comment)}")
