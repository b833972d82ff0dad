"""Playing a stretch of a call within a page, from the route that checks who listens."""

import streamlit as st

from ..privacy.roles import Permission
from . import session


def player(recording_id: int, start: float = 0.0, end: float | None = None) -> None:
    """A player from ``start`` to ``end`` seconds; nothing for who may not hear."""
    if not session.may(Permission.SOUND_HEAR):
        return
    # st.audio takes a whole address only; without a browser (tests) there is none.
    origin = "/".join((st.context.url or "http://localhost").split("/")[:3])
    st.audio(f"{origin}/{session.sound_address(recording_id).lstrip('/')}", start_time=start, end_time=end)
