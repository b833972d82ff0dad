"""Coaching notes with what they are about to hear: the lead writes them, the agent answers."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..review.coaching import acknowledge, coach
from ..store.coaching import CoachCall
from ..store.coaching_notes import CoachingRow, notes_for
from . import session
from .clips import hear
from .formats import local_time
from .plain import plain
from .rule_names import RuleNames
from .texts import Texts
from .tried import tried

SAMPLE_SECONDS = 30.0
"""So much of a good example is played."""


def show_notes(texts: Texts, agent: str, names: RuleNames) -> None:
    """The notes to ``agent``, unread first; the agent can answer each once."""
    found = notes_for(session.store(), agent)
    st.markdown(f"**{texts('coach.notes')}** · {len(found)}")
    if not found:
        st.caption(texts("coach.none"))
    for note in found:
        _note(texts, note, names)


def _note(texts: Texts, note: CoachingRow, names: RuleNames) -> None:
    with st.container(border=True):
        about = names.title(note.rule) if note.rule else texts("coach.example")
        at = f"{local_time(note.written_at):%m-%d %H:%M}"
        origin = " · ".join((about, plain(note.written_by), at, plain(mask_phones(note.name))))
        st.markdown(f"{plain(note.text)}  \n:gray[{origin}]")
        hear(texts, f"note_{note.id}", note.recording_id, note.start, note.end)
        if note.read_at:
            st.caption(" ".join(filter(None, (texts("coach.read"), plain(note.reply)))))
        elif session.person().agent == note.agent:
            _answer(texts, note)
        else:
            st.caption(texts("coach.unread"))


def _answer(texts: Texts, note: CoachingRow) -> None:
    words, done = st.columns([5, 1], vertical_alignment="bottom")
    reply = words.text_input(texts("coach.reply"), key=f"reply_{note.id}", max_chars=500)
    if done.button(texts("coach.done"), key=f"read_{note.id}", width="stretch"):
        tried(partial(acknowledge, session.store(), note.id, agent=note.agent, reply=reply))


def write_note(texts: Texts, calls: Sequence[CoachCall], names: RuleNames) -> None:
    """A lead chooses one of the calls to coach with and writes a note about it."""
    if not calls or not session.may(Permission.QUALITY_MANAGE):
        return
    with st.expander(texts("coach.write"), icon=":material/edit_note:"):
        chosen = st.selectbox(texts("coach.clip"), calls, format_func=partial(_named, texts, names))
        start, end = _stretch(chosen)
        hear(texts, f"coach_{chosen.recording_id}", chosen.recording_id, start, end)
        text = st.text_area(texts("coach.words"), key="coach_words", max_chars=1000)
        if st.button(texts("coach.send"), type="primary"):
            by = session.person().name
            tried(
                partial(
                    coach, session.store(), chosen.recording_id, text, by=by, start=start, end=end,
                    rule=chosen.rule,
                )
            )  # fmt: skip


def _named(texts: Texts, names: RuleNames, call: CoachCall) -> str:
    title = names.title(call.rule) if call.rule else texts("coach.example")
    return f"{call.day:%m-%d} · {call.name} · {title}"


def _stretch(call: CoachCall) -> tuple[float, float]:
    whole = call.seconds or SAMPLE_SECONDS
    if call.start is None or call.end is None:
        return 0.0, min(whole, SAMPLE_SECONDS)
    return call.start, min(whole, call.end)
