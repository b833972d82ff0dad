"""What rules miss: random audits of calls without a flag, and the estimate with its interval."""

from functools import partial

import streamlit as st

from ..privacy.roles import Permission
from ..review.audits import AuditState, audit_state, start_audit, widen_audit
from ..store.database import Store
from ..store.day_figures import Period
from ..store.miss_audits import AuditCall, AuditRow, audit_calls, audits, note_heard
from . import links, session
from .clips import hear
from .figure_links import of_audit
from .filters import View
from .period_bar import period_bar
from .rule_names import RuleNames, names_for
from .texts import Texts
from .tried import tried


def misses_tab(texts: Texts) -> None:
    store = session.store()
    names = names_for(store)
    period = period_bar(texts, store)
    if period is None:
        return
    if session.may(Permission.QUALITY_MANAGE):
        _new(texts, store, names, period)
    found = audits(store)
    if not found:
        st.info(texts("miss.none"))
        return
    chosen = st.selectbox(texts("miss.which"), found, format_func=partial(_named, names))
    state = audit_state(store, chosen.id)
    _estimate(texts, state)
    _more(texts, store, state)
    _hear(texts, store, chosen)


def _named(names: RuleNames, row: AuditRow) -> str:
    return f"{names.title(row.rule)} · {row.since} – {row.until} · {row.drawn_by}"


def _new(texts: Texts, store: Store, names: RuleNames, period: Period) -> None:
    rule, size, button = st.columns([4, 1, 1], vertical_alignment="bottom")
    chosen = rule.selectbox(
        texts("miss.rule"), names.ids, None, format_func=names.title, placeholder=texts("miss.choose")
    )
    many = size.number_input(texts("miss.size"), 1, 5000, 50)
    if button.button(texts("miss.draw"), type="primary", disabled=chosen is None, width="stretch"):
        assert chosen is not None and period.since is not None and period.until is not None
        tried(
            partial(
                start_audit, store, chosen, period.since, period.until, int(many), by=session.person().name
            )
        )


def _estimate(texts: Texts, state: AuditState) -> None:
    found = state.estimate
    middle, low, high = found.count
    rate, calls, heard, waiting = st.columns(4)
    rate.metric(
        texts("miss.rate"),
        f"{found.rate:.2%}",
        f"{found.low:.2%} – {found.high:.2%}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=texts("miss.rate_help"),
    )
    calls.metric(
        texts("miss.calls"),
        f"{middle:,.0f}",
        f"{low:,.0f} – {high:,.0f}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    heard.metric(texts("miss.heard"), f"{found.heard:,}", border=True)
    waiting.metric(texts("miss.waiting"), f"{state.waiting:,}", border=True)
    linked = of_audit(state)
    for place, name in ((heard, "heard"), (waiting, "waiting")):
        links.see(place, texts, f"miss_{name}", linked[name])


def _more(texts: Texts, store: Store, state: AuditState) -> None:
    width, words, button = st.columns([2, 4, 1], vertical_alignment="bottom")
    wanted = (
        width.select_slider(texts("miss.width"), (1, 2, 5, 10, 20), 5, format_func=lambda n: f"{n}%") / 100
    )
    more = state.more_for(wanted)
    words.markdown(texts("miss.enough") if more == 0 else texts("miss.more", n=f"{more or 0:,}"))
    draw = max(0, (more or 0) - state.waiting)
    if session.may(Permission.QUALITY_MANAGE) and button.button(
        texts("miss.widen"), disabled=not draw, width="stretch"
    ):
        tried(partial(widen_audit, store, state.audit.id, draw))


def _hear(texts: Texts, store: Store, audit: AuditRow) -> None:
    left = audit_calls(store, audit.id, unheard=True)
    if not left or not session.may(Permission.VERDICT_GIVE):
        return
    _one(texts, store, audit, left[0])


def _one(texts: Texts, store: Store, audit: AuditRow, call: AuditCall) -> None:
    with st.container(border=True):
        st.markdown(f"**{texts('miss.next', n=call.recording_id)}** · {call.stratum}")
        hear(texts, f"miss_{call.recording_id}", call.recording_id)
        comment = st.text_input(texts("form.comment"), key=f"miss_{call.recording_id}", max_chars=500)
        yes, no, look = st.columns([1, 1, 1])
        noted = partial(
            note_heard, store, audit.id, call.recording_id, by=session.person().name, comment=comment
        )
        if yes.button(texts("miss.yes"), key="miss_yes", width="stretch"):
            tried(partial(noted, missed=True))
        if no.button(texts("miss.no"), key="miss_no", type="primary", width="stretch"):
            tried(partial(noted, missed=False))
        if look.button(texts("case.hear"), key="miss_look", width="stretch"):
            links.open_call(View(), call.recording_id)
