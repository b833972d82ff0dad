"""Page: one call to hear and judge."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from ..errors import StoreError, UsageError
from ..review.actions import Refused, ReviewSession
from ..store.call import StoredCall, get_call, get_peaks
from ..store.calls import list_calls, neighbours
from ..store.database import Store
from ..store.review_queries import place
from ..store.verdicts import verdict_history
from . import links, session
from .call_view import Answers, Queue, call_view
from .components import review_desk
from .filters import REVIEW_QUEUE, View
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
    data = call_view(
        call,
        get_peaks(store, recording_id),
        verdict_history(store, recording_id),
        names_for(store, call.row.rulebook),
        texts,
        reviewer=review.reviewer,
        sound=session.sound_address(recording_id),
        queue=_queue(store, call, session.view()),
        answers=_answers(review, actions.actions, texts),
        have=actions.have,
    )
    review_desk(data, on_outbox=_received, on_go=_go)
    return None


def _wanted(store: Store) -> int | None:
    """The call in the address; without one the first of the list, which then goes into the address."""
    asked = st.query_params.get("call", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 16:
        return int(asked)
    view = session.view()
    if view.filter == View().filter:
        view = replace(REVIEW_QUEUE, order=view.order)
    first = list_calls(store, view.filter, order=view.order, limit=1).rows
    if not first:
        return None
    session.set_view(view, call=str(first[0].id))
    return first[0].id


def _queue(store: Store, call: StoredCall, view: View) -> Queue:
    position, total = place(store, call.row.id, view.filter, order=view.order)
    before, after = neighbours(store, call.row.id, view.filter, order=view.order)
    return Queue(position, total, before, after, session.sound_address(after) if after else None)


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
        session.review_session().apply(session.store(), _outbox().actions)


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
    return texts("verdict.gone")


def _go() -> None:
    wanted = st.session_state.desk.go
    if wanted == "list":
        links.open_list(session.view())
    elif isinstance(wanted, int | float):
        session.set_view(session.view(), call=str(int(wanted)))


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
