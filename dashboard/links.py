"""Going from one page to another. A callback cannot switch pages, so it leaves a note for the page."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from . import session
from .filters import REVIEW_QUEUE, View
from .texts import Texts

if TYPE_CHECKING:
    from .figure_links import Linked

_NOTE = "go_to"


def open_call(view: View, recording_id: int) -> None:
    """Open a call on the review page, in the list it stands in."""
    _note("review", session.params_for(view, call=str(recording_id)))


def open_list(view: View) -> None:
    _note("calls", session.params_for(view))


def see(place: Any, texts: Texts, key: str, linked: "Linked") -> None:
    """A small button below a figure, to the calls that it counts."""
    pressed = place.button(
        texts("figure.see"),
        key=f"see_{key}",
        type="tertiary",
        icon=":material/list:",
        disabled=not linked.value,
    )
    if pressed:
        open_list(linked.view)
        follow()


def open_page(page: str, view: View, **more: str) -> None:
    """Open the page of that name with the filters of ``view``."""
    _note(page, session.params_for(view, **more))


def go_to_review(view: View) -> None:
    """Open the first call of a list; of the open ones when the list is everything."""
    chosen = view if view.filter != View().filter else REVIEW_QUEUE
    _note("review", session.params_for(chosen))
    follow()


def follow() -> None:
    """Go where a note says."""
    from .shell import pages

    note = st.session_state.pop(_NOTE, None)
    if note:
        name, params = note
        page = next(p for p in pages(session.texts()) if p.url_path == name)
        st.switch_page(page, query_params=params)


def _note(page: str, params: Mapping[str, Sequence[str]]) -> None:
    session.remember_address(page, params)
    st.session_state[_NOTE] = (page, params)
