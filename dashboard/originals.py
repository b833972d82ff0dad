"""What was said before redaction: for who may see it, when asked for, and the look is recorded."""

from dataclasses import replace

import streamlit as st

from ..privacy.audit import Action, record
from ..privacy.roles import Permission
from ..store.call import StoredCall
from . import session
from .texts import Texts


def originals_wanted(texts: Texts) -> bool:
    """Draw the switch for who may have it; False where there are no accounts or it is off."""
    if not session.has_signed_in() or not session.may(Permission.ORIGINAL_SEE):
        return False
    return st.sidebar.toggle(texts("original.show"), key="originals", help=texts("original.help"))


def revealed(call: StoredCall) -> StoredCall:
    """The call with its own words in place of the redacted ones; recorded once for a call and sitting."""
    looked: set[int] = st.session_state.setdefault("originals_looked", set())
    if call.row.id not in looked:
        looked.add(call.row.id)
        name = session.person().name
        record(session.whole_store(), name, Action.ORIGINAL, f"call {call.row.id}", {"what": "text"})
    said = tuple(u.text for u in call.transcript.utterances) if call.transcript else ()
    return replace(call, redacted=said)
