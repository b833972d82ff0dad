"""Page: one call to hear and judge."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ..errors import StoreError, UsageError
from ..privacy.roles import Permission
from ..review.actions import Refused, ReviewSession
from ..review.added import rules_of
from ..store.call import StoredCall, get_call, get_peaks
from ..store.calls import list_calls
from ..store.claim_queue import claim_beside, free_neighbours, progress
from ..store.claims import Claim, claim_call, holder
from ..store.database import Store
from ..store.review_lists import mark_done, place_in_list
from ..store.review_queries import place
from ..store.verdicts import verdict_history
from . import links, session
from .call_view import Answers, Desk, Queue, call_view
from .components import review_desk
from .desk_session import claim_address, page_key
from .filters import REVIEW_QUEUE, View
from .originals import originals_wanted, revealed
from .rule_names import names_for
from .texts import Texts


def review_page() -> None:
    links.follow()
    session.enter("review")
    texts, store = session.texts(), session.store()
    recording_id = _wanted(store)
    if recording_id is None:
        return _nothing_left(texts)
    try:
        call = get_call(store, recording_id)
    except UsageError:
        return _unknown(texts, recording_id)
    review = session.review_session()
    actions = _outbox()
    original = originals_wanted(texts)
    if original:
        call = revealed(call)
    data = call_view(
        call,
        get_peaks(store, recording_id),
        verdict_history(store, recording_id),
        names_for(store, call.row.rulebook),
        texts,
        reviewer=review.reviewer,
        sound=_sound(recording_id, original),
        queue=_queue(store, call, session.view()),
        answers=_answers(review, actions.actions, texts),
        desk=_desk(store, call, review.reviewer),
        have=actions.have,
    )
    review_desk(data, on_outbox=_received, on_go=_go, on_claim=_take_over)
    return None


def _sound(recording_id: int, original: bool) -> str | None:
    may_hear = session.may(Permission.SOUND_HEAR)
    return session.sound_address(recording_id, original=original) if may_hear else None


def _wanted(store: Store) -> int | None:
    """The call in the address; without one the first of the list that is free, which then goes into it."""
    asked = st.query_params.get("call", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 16:
        return int(asked)
    view = session.view()
    whole = view.filter == View().filter
    for queue in (_mine(view), replace(REVIEW_QUEUE, order=view.order)) if whole else (view,):
        found = _first(store, queue)
        if found is not None:
            session.set_view(queue, call=str(found))
            return found
    return None


def _mine(view: View) -> View:
    """What is assigned to who sits here comes before all that is open."""
    name = session.review_session().reviewer
    return replace(REVIEW_QUEUE, order=view.order, filter=replace(REVIEW_QUEUE.filter, assigned=(name,)))


def _first(store: Store, view: View) -> int | None:
    """The first call of the list; for who judges, the first that nobody else has."""
    if not session.may(Permission.VERDICT_GIVE):
        rows = list_calls(store, view.filter, order=view.order, limit=1).rows
        return rows[0].id if rows else None
    name = session.review_session().reviewer
    return claim_beside(store, None, name, page_key(), view.filter, order=view.order)


def _queue(store: Store, call: StoredCall, view: View) -> Queue:
    position, total = place(store, call.row.id, view.filter, order=view.order)
    name = session.review_session().reviewer
    before, after = free_neighbours(store, call.row.id, name, view.filter, order=view.order)
    done, flagged = progress(store, view.filter)
    sound = session.sound_address(after) if after and session.may(Permission.SOUND_HEAR) else None
    return Queue(position, total, before, after, sound, done, flagged)


def _desk(store: Store, call: StoredCall, reviewer: str) -> Desk:
    judges, corrects = session.may(Permission.VERDICT_GIVE), session.may(Permission.TRANSCRIPT_CORRECT)
    claim = _claim(store, call, reviewer) if judges else holder(store, call.row.id)
    other = claim.reviewer if claim and claim.reviewer != reviewer else None
    return Desk(
        may_judge=judges,
        may_correct=corrects,
        held_by=other,
        may_take_over=judges and session.may(Permission.QUALITY_MANAGE),
        renew=claim_address(call.row.id, reviewer) if judges and claim and not other else None,
        at=_moment(store, call.row.id),
        rules=rules_of(store, call.row.rulebook) if judges else (),
        lead=_lead(call),
    )


def _lead(call: StoredCall) -> str | None:
    """Who works on cases opens one from a flag; an agent appeals against a flag of an own call."""
    person = session.person()
    if person.may(Permission.CASES_WORK):
        return "case"
    is_own = person.agent is not None and person.agent == call.row.agent
    return "appeal" if is_own and person.may(Permission.APPEAL_FILE) else None


def _claim(store: Store, call: StoredCall, reviewer: str) -> Claim | None:
    """A call with something to judge is claimed by who opens it."""
    if call.transcript is None:
        return None
    return claim_call(store, call.row.id, reviewer, page_key())


def _moment(store: Store, recording_id: int) -> float | None:
    """The second to begin with: from the address, or from the list that the call is worked through in."""
    with suppress(ValueError):
        return max(0.0, float(st.query_params.get("t", "")))
    chosen = session.view().filter.list
    return place_in_list(store, chosen, recording_id) if chosen is not None else None


@dataclass(frozen=True, slots=True)
class Outbox:
    """What the browser holds: actions not yet answered, and which call's bulk it has."""

    have: str = ""
    actions: tuple[dict[str, Any], ...] = ()


def _outbox() -> Outbox:
    sent = (st.session_state.get("desk") or {}).get("outbox")
    if not isinstance(sent, dict) or not isinstance(sent.get("actions"), list):
        return Outbox()
    return Outbox(str(sent.get("have") or ""), tuple(a for a in sent["actions"] if isinstance(a, dict)))


def _received() -> None:
    """Actions came in from the browser."""
    with suppress(StoreError):  # the browser keeps them and tries again
        session.review_session().apply(session.store(), _outbox().actions, session.person())


def _answers(review: ReviewSession, actions: Sequence[dict[str, Any]], texts: Texts) -> Answers:
    """What became of the actions that the browser still holds."""
    held = {action.get("id") for action in actions}
    saved = {key: entry for key, entry in review.saved.items() if key in held}
    refused = {key: _reason(why, texts) for key, why in review.refused.items() if key in held}
    return Answers(saved, refused)


def _reason(refused: Refused, texts: Texts) -> str:
    if refused.why == "overtaken":
        verdict = texts(f"verdict.{refused.verdict or 'none'}")
        return texts("verdict.conflict", verdict=verdict, by=refused.reviewer or "–")
    if refused.why == "held":
        return texts("verdict.held", by=refused.reviewer or "–")
    return texts(f"verdict.{refused.why}" if refused.why in ("changed", "forbidden") else "verdict.gone")


def _go() -> None:
    wanted = st.session_state.desk.go
    if wanted == "list":
        links.open_list(session.view())
    elif isinstance(wanted, dict) and isinstance(wanted.get("from"), int | float):
        _move(int(wanted["from"]), forward=wanted.get("to") != "previous")
    elif isinstance(wanted, dict) and isinstance(wanted.get("flag"), int | float):
        _take_flag(int(wanted["flag"]), int(wanted.get("call") or 0))


def _take_flag(flag_id: int, call: int) -> None:
    """Go to where something is done about a flag: the cases, or the agent's own appeals."""
    if not session.may(Permission.CASES_WORK):
        links.open_page("appeals", View(), call=str(call))
        return
    stored = get_call(session.store(), call)
    flag = next((f.flag for f in stored.flags if f.id == flag_id), None)
    names = names_for(session.store(), stored.row.rulebook)
    rule = names.rule(flag.rule) if flag else None
    more = {"title": names.title(flag.rule)} if flag else {}
    more |= {"department": rule.outcome.department} if rule and rule.outcome.department else {}
    links.open_page("cases", View(), call=str(call), flag=str(flag_id), **more)


def _move(here: int, forward: bool) -> None:
    """Go on to the nearest call of the list that nobody else has, and claim it."""
    view, store, name = session.view(), session.store(), session.review_session().reviewer
    if forward and view.filter.list is not None and session.may(Permission.VERDICT_GIVE):
        mark_done(store, view.filter.list, here, by=name)
    if session.may(Permission.VERDICT_GIVE):
        key = page_key()
        found = claim_beside(store, here, name, key, view.filter, order=view.order, forward=forward)
    else:
        found = free_neighbours(store, here, name, view.filter, order=view.order)[forward]
    if found is not None:
        session.set_view(view, call=str(found))


def _take_over() -> None:
    """A lead takes the call from whoever has it."""
    wanted = st.session_state.desk.claim
    if isinstance(wanted, int | float) and session.may(Permission.QUALITY_MANAGE):
        name = session.review_session().reviewer
        claim_call(session.store(), int(wanted), name, page_key(), take_over=True)


def _nothing_left(texts: Texts) -> None:
    st.subheader(texts("review.none"))
    st.write(texts("review.none_help"))
    if st.button(texts("review.to_list")):
        links.open_list(View())
        links.follow()


def _unknown(texts: Texts, recording_id: int) -> None:
    st.subheader(texts("review.unknown", id=recording_id))
    if st.button(texts("review.to_list")):
        links.open_list(View())
        links.follow()
