"""Page: cases on a board, and one case with its way so far."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import streamlit as st

from ..errors import UsageError
from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..store.call import get_call
from ..store.cases import (
    CaseEventRow,
    CaseRow,
    calls_of_case,
    case_history,
    comment_case,
    get_case,
)
from ..store.database import Store
from ..store.digests import clip_row
from ..store.results import LEVELS
from ..voice.cases import MOVES, NewCase, add_call, assign, board, escalate_overdue, move, open_case
from . import links, session
from .clips import hear
from .filters import View
from .formats import local_time
from .plain import plain
from .texts import Texts
from .tried import tried

CLOSED_DAYS = 30
"""Closed cases stay on the board so long."""
_FROM = ("call", "flag", "clip", "title", "department")
"""What the address says a new case is opened from."""
CLOSING = ("solved", "dropped")


def cases_page() -> None:
    session.enter("cases")
    texts, store = session.texts(), session.store()
    if chosen := st.query_params.get("case"):
        _case(texts, store, chosen)
    else:
        _board(texts, store)
    links.follow()


def _board(texts: Texts, store: Store) -> None:
    escalate_overdue(store, date.today())
    department, owner, _, new = st.columns([2, 2, 4, 1.2], vertical_alignment="bottom")
    wanted = department.text_input(
        texts("case.department"), key="cases_department", placeholder=texts("case.all")
    )
    whose = owner.text_input(texts("case.owner"), key="cases_owner", placeholder=texts("case.all"))
    if session.may(Permission.CASES_WORK):
        opening = new.button(texts("case.new"), type="primary", icon=":material/add:", width="stretch")
        if opening or "call" in st.query_params:
            _new(texts, store)
    since = date.today() - timedelta(days=CLOSED_DAYS)
    columns = board(store, department=wanted.strip() or None, owner=whose.strip() or None, closed_since=since)
    if not any(column.cases for column in columns):
        st.info(texts("case.none"))
        return
    for place, column in zip(st.columns(len(columns)), columns, strict=True):
        with place:
            st.markdown(f"**{texts(f'case.state.{column.state}')}** · {len(column.cases)}")
            for case in column.cases:
                _card(texts, case)


def _card(texts: Texts, case: CaseRow) -> None:
    with st.container(border=True):
        level = LEVELS[case.severity].value
        st.markdown(f"**{plain(case.title)}**")
        st.caption(" · ".join(filter(None, (texts(f"level.{level}"), case.department, case.owner))) or "–")
        words, button = st.columns([3, 2], vertical_alignment="center")
        words.markdown(_deadline(texts, case))
        if button.button(texts("case.open"), key=f"case_{case.id}", width="stretch"):
            st.query_params["case"] = str(case.id)
            st.rerun()


def _deadline(texts: Texts, case: CaseRow) -> str:
    if case.deadline is None:
        return ""
    late = (date.today() - case.deadline).days
    if case.is_overdue(date.today()):
        return f":red[{texts('case.late', days=late)}]"
    return f":gray[{texts('case.until', day=case.deadline.isoformat())}]"


def _new(texts: Texts, store: Store) -> None:
    asked = st.query_params

    @st.dialog(texts("case.new"), on_dismiss=_forget)
    def form() -> None:
        title = st.text_input(texts("case.title"), asked.get("title", ""), max_chars=120)
        severity = st.selectbox(
            texts("case.severity"),
            range(4, -1, -1),
            1,
            format_func=lambda n: texts(f"level.{LEVELS[n].value}"),
        )
        department = st.text_input(texts("case.department"), asked.get("department", ""), max_chars=60)
        owner = st.text_input(texts("case.owner"), max_chars=60)
        deadline = st.date_input(
            texts("case.deadline"), None, format="YYYY-MM-DD", help=texts("case.deadline_help")
        )
        if st.button(texts("case.save"), type="primary"):
            new = NewCase(
                title, department, owner, deadline if isinstance(deadline, date) else None, severity
            )
            tried(lambda: _opened(store, new))

    form()


def _opened(store: Store, new: NewCase) -> None:
    asked = st.query_params
    call, flag = asked.get("call"), asked.get("flag")
    clip = clip_row(store, int(asked["clip"])) if asked.get("clip", "").isdigit() else None
    made = open_case(
        store, new, who=session.person().name, today=date.today(),
        recording_id=int(call) if call and call.isdigit() else None,
        flag_id=int(flag) if flag and flag.isdigit() else None,
        span=(clip.start, clip.end) if clip else None,
        quote=clip.quote if clip else "",
    )  # fmt: skip
    _forget()
    asked["case"] = str(made)


def _forget() -> None:
    """What a case was to be opened from is done with."""
    for name in _FROM:
        st.query_params.pop(name, None)


def _case(texts: Texts, store: Store, chosen: str) -> None:
    try:
        case = get_case(store, int(chosen))
    except (UsageError, ValueError):
        st.info(texts("case.unknown"))
        return
    back, title = st.columns([1, 8], vertical_alignment="center")
    if back.button(texts("case.back"), icon=":material/arrow_back:", width="stretch"):
        st.query_params.pop("case", None)
        st.rerun()
    title.subheader(plain(case.title), anchor=False)
    facts = (
        texts(f"case.state.{case.state}"),
        case.department,
        case.owner,
        texts(f"level.{LEVELS[case.severity].value}"),
    )
    st.markdown(" · ".join(filter(None, facts)) + "  " + _deadline(texts, case))
    if case.outcome:
        st.success(f"{texts('case.outcome')}: {plain(case.outcome)}")
    left, right = st.columns([3, 2], border=True)
    with left:
        _calls(texts, store, case)
        _history(texts, case_history(store, case.id))
    with right:
        if session.may(Permission.CASES_WORK):
            _work(texts, store, case)


def _calls(texts: Texts, store: Store, case: CaseRow) -> None:
    st.markdown(f"**{texts('case.calls')}**")
    if case.recording_id is not None:
        _first_call(texts, store, case)
    for call in calls_of_case(store, case.id):
        words, button = st.columns([5, 1.2], vertical_alignment="center")
        why = texts("case.repeat") if call.why == "repeat" else call.why
        words.caption(" · ".join(filter(None, (call.day.isoformat(), mask_phones(call.name), why))))
        if button.button(texts("case.hear"), key=f"linked_{call.recording_id}", width="stretch"):
            links.open_call(View(), call.recording_id)
    if case.is_open and session.may(Permission.CASES_WORK):
        _link(texts, store, case)


def _link(texts: Texts, store: Store, case: CaseRow) -> None:
    """Another call that belongs to the case, by its number."""
    number, why, button = st.columns([2, 3, 1.2], vertical_alignment="bottom")
    wanted = number.number_input(texts("case.link"), 1, None, None, 1, key="case_link")
    reason = why.text_input(texts("case.link_why"), key="case_link_why", max_chars=120)
    if button.button(texts("case.link_add"), disabled=wanted is None, width="stretch") and wanted:
        tried(partial(add_call, store, case.id, int(wanted), who=session.person().name, why=reason))


def _first_call(texts: Texts, store: Store, case: CaseRow) -> None:
    assert case.recording_id is not None
    try:
        name = mask_phones(get_call(store, case.recording_id).row.name)
    except UsageError:
        st.caption(texts("case.gone"))
        return
    if case.quote:
        st.markdown(f"> {plain(case.quote)}")
    hear(texts, f"case_{case.id}", case.recording_id, case.start or 0.0, case.end)
    words, button = st.columns([5, 1.2], vertical_alignment="center")
    words.caption(" · ".join(filter(None, (name, case.rule))))
    if button.button(texts("case.hear"), key="case_call", width="stretch"):
        links.open_call(View(), case.recording_id)


def _history(texts: Texts, events: list[CaseEventRow]) -> None:
    st.markdown(f"**{texts('case.history')}**")
    for event in events:
        told = [texts(f"case.event.{event.kind}")]
        for name, (before, after) in event.detail.get("changes", {}).items():
            if name not in ("closed_at", "outcome", "escalated"):
                told.append(_change(texts, name, before, after))
        if note := event.detail.get("note"):
            told.append(plain(str(note)))
        st.markdown(f":gray[{local_time(event.at):%m-%d %H:%M} {plain(event.who)}]  {' · '.join(told)}")


def _change(texts: Texts, name: str, before: Any, after: Any) -> str:
    if name == "state":
        before, after = texts(f"case.state.{before}"), texts(f"case.state.{after}")
    return f"{texts(f'case.{name}')}: {plain(str(before or '–'))} → {plain(str(after or '–'))}"


def _work(texts: Texts, store: Store, case: CaseRow) -> None:
    who = session.person().name
    st.markdown(f"**{texts('case.next')}**")
    outcome = st.text_area(
        texts("case.outcome"), key="case_outcome", help=texts("case.outcome_help"), height=80
    )
    for place, state in zip(st.columns(len(MOVES[case.state])), MOVES[case.state], strict=True):
        kind: Any = "primary" if state == "solved" else "secondary"
        if place.button(texts(f"case.to.{state}"), key=f"to_{state}", type=kind, width="stretch"):
            said = outcome if state in CLOSING else ""
            tried(partial(move, store, case.id, state, who=who, outcome=said))
    comment = st.text_input(texts("case.comment"), key="case_comment", max_chars=500)
    if st.button(texts("case.add_comment"), disabled=not comment.strip()):
        tried(lambda: comment_case(store, case.id, who=who, text=comment.strip()))
    if case.is_open:
        _hand_over(texts, store, case, who)


def _hand_over(texts: Texts, store: Store, case: CaseRow, who: str) -> None:
    with st.form("case_assign", border=False):
        department = st.text_input(texts("case.department"), case.department, max_chars=60)
        owner = st.text_input(texts("case.owner"), case.owner, max_chars=60)
        deadline = st.date_input(texts("case.deadline"), case.deadline, format="YYYY-MM-DD")
        if st.form_submit_button(texts("case.hand_over")):
            given: dict[str, Any] = {
                "department": department.strip(),
                "owner": owner.strip(),
                "deadline": deadline,
            }
            changed = {name: value for name, value in given.items() if value != getattr(case, name)}
            tried(lambda: assign(store, case.id, who=who, **changed))
