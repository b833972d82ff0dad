"""Page: appeals. Agents see what was found in their calls and object; leads decide; all of it stays told."""

from functools import partial

import streamlit as st

from ..errors import UsageError
from ..privacy.redact import redact_text
from ..privacy.roles import Permission, Person
from ..review.appeals import file_appeal, go_further, grant, reject, standing, withdraw
from ..review.scores import score_of_call
from ..store.appeals import AppealRow, appeal_history, appeals
from ..store.call import StoredCall, StoredFlag, get_call
from ..store.calls import CallFilter, list_calls
from ..store.database import Store
from . import links, session
from .clips import hear
from .coaching_notes import show_notes
from .filters import View
from .formats import local_time
from .plain import plain
from .rule_names import RuleNames, names_for
from .texts import Texts
from .tried import tried

OWN_CALLS = 20


def appeals_page() -> None:
    session.enter("appeals")
    texts, store, person = session.texts(), session.store(), session.person()
    names = names_for(store)
    if person.may(Permission.APPEAL_FILE) and person.agent:
        show_notes(texts, person.agent, names)
        _own(texts, store, person, names)
    found = appeals(store, agent=person.agent)
    waiting = [one for one in found if one.state == "open"]
    st.markdown(f"**{texts('appeal.open')}** · {len(waiting)}")
    if not waiting:
        st.caption(texts("appeal.none"))
    for one in waiting:
        _appeal(texts, store, one, names, person)
    decided = [one for one in found if one.state != "open"]
    if decided:
        st.markdown(f"**{texts('appeal.decided')}** · {len(decided)}")
        for one in decided[:50]:
            _appeal(texts, store, one, names, person)
    links.follow()


def _own(texts: Texts, store: Store, person: Person, names: RuleNames) -> None:
    """The agent's newest calls with flags, each of which can be appealed against."""
    page = list_calls(store, CallFilter(agent=(str(person.agent),)), order="newest", limit=OWN_CALLS)
    st.markdown(f"**{texts('appeal.own')}** · {page.total}")
    asked = _asked_for(store)
    rows = [row for row in page.rows if asked is None or row.id != asked.row.id]
    for call in (*([asked] if asked else []), *(get_call(store, row.id) for row in rows)):
        row = call.row
        with st.expander(
            f"{row.day} · {row.name} · {texts('column.score')} {_score(call)} · {len(call.flags)}",
            expanded=call is asked,
        ):
            for flag in call.flags:
                _own_flag(texts, store, call, flag, person, names)
            if st.button(texts("case.hear"), key=f"own_{row.id}"):
                links.open_call(View(), row.id)


def _asked_for(store: Store) -> StoredCall | None:
    """The call that the address names, which the agent comes from; None without one in reach."""
    asked = st.query_params.get("call", "")
    try:
        return get_call(store, int(asked))
    except (UsageError, ValueError):
        return None


def _score(call: StoredCall) -> str:
    found = score_of_call(call=call, store=session.store())
    if found is None:
        return "–"
    return f"{found.original} → {found.now}" if found.changed else str(found.now)


def _own_flag(
    texts: Texts, store: Store, call: StoredCall, flag: StoredFlag, person: Person, names: RuleNames
) -> None:
    verdict = texts(f"verdict.{flag.verdict}") if flag.verdict else texts("appeal.unjudged")
    quote = plain(redact_text(flag.flag.quote))
    st.markdown(f"**{names.title(flag.flag.rule)}** {flag.flag.points:+d} · {verdict}  \n> {quote}")
    hear(texts, f"own_{flag.id}", call.row.id, flag.flag.start, flag.flag.end)
    with st.popover(texts("appeal.file"), icon=":material/gavel:"):
        reason = st.text_area(texts("appeal.reason"), key=f"reason_{flag.id}", max_chars=1000)
        if st.button(texts("appeal.send"), key=f"send_{flag.id}", type="primary"):
            agent = str(person.agent)
            tried(partial(file_appeal, store, call.row.id, agent=agent, reason=reason, flag_id=flag.id))


def _appeal(texts: Texts, store: Store, appeal: AppealRow, names: RuleNames, person: Person) -> None:
    now = standing(store, appeal.id)
    with st.container(border=True):
        words, button = st.columns([6, 1], vertical_alignment="center")
        what = names.title(appeal.rule) if appeal.rule else texts("appeal.whole")
        state = texts(f"appeal.state.{appeal.state}")
        late = f" :red[{texts('appeal.late')}]" if now.is_overdue else ""
        words.markdown(
            f"**{what}** · {plain(appeal.agent)} · {state}{late} · {_scores(texts, appeal, now.score_now)}"
        )
        if button.button(texts("case.hear"), key=f"appeal_call_{appeal.id}", width="stretch"):
            links.open_call(View(), appeal.recording_id)
        if appeal.quote:
            st.markdown(f"> {plain(appeal.quote)}")
        if appeal.start is not None:
            hear(texts, f"appeal_{appeal.id}", appeal.recording_id, appeal.start, appeal.end or appeal.start)
        for step in appeal_history(store, appeal.id):
            told = texts(f"appeal.step.{step.kind}")
            st.markdown(
                f":gray[{local_time(step.at):%m-%d %H:%M} {plain(step.who)}] {told} {plain(step.text)}"
            )
        _answer(texts, store, appeal, person, further=now.may_go_further)


def _scores(texts: Texts, appeal: AppealRow, now: float | None) -> str:
    before = "–" if appeal.original_score is None else f"{appeal.original_score:g}"
    return texts("appeal.scores", before=before, now="–" if now is None else f"{now:g}")


def _answer(texts: Texts, store: Store, appeal: AppealRow, person: Person, *, further: bool) -> None:
    text_key = f"answer_{appeal.id}_{appeal.level}"
    if appeal.state == "open" and person.may(Permission.APPEAL_DECIDE):
        text = st.text_input(texts("appeal.words"), key=text_key, max_chars=1000)
        yes, no, _ = st.columns([1, 1, 4])
        said = {"level": appeal.level, "by": person.name, "text": text}
        if yes.button(texts("appeal.grant"), key=f"grant_{appeal.id}", type="primary", width="stretch"):
            tried(partial(grant, store, appeal.id, **said))  # type: ignore[arg-type]
        if no.button(texts("appeal.reject"), key=f"reject_{appeal.id}", width="stretch"):
            tried(partial(reject, store, appeal.id, **said))  # type: ignore[arg-type]
    elif appeal.state == "open" and person.agent == appeal.agent:
        if st.button(texts("appeal.withdraw"), key=f"withdraw_{appeal.id}"):
            tried(partial(withdraw, store, appeal.id, agent=appeal.agent))
    elif further and person.agent == appeal.agent:
        text = st.text_input(texts("appeal.overlooked"), key=text_key, max_chars=1000)
        if st.button(texts("appeal.further"), key=f"further_{appeal.id}"):
            tried(partial(go_further, store, appeal.id, agent=appeal.agent, text=text))
