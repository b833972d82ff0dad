"""The draft that is being worked on: which one, its texts, saving it so that nobody overwrites another."""

from collections.abc import Mapping

import streamlit as st

from ..errors import UsageError
from ..rulebooks.drafts import Draft, DraftChanged, list_drafts, open_draft, save_files
from . import session
from .filters import View

STEPS = ("edit", "changes", "backtest", "publish")


def wanted_draft() -> Draft | None:
    """The draft in the address, else the one changed last; None when there is none."""
    drafts = list_drafts(session.whole_store())
    asked = st.query_params.get("draft", "")
    return next((d for d in drafts if d.name == asked), next(iter(drafts), None))


def step() -> str:
    asked = st.query_params.get("step", "")
    return asked if asked in STEPS else STEPS[0]


def go(**params: str | None) -> None:
    """Change parts of the address and keep the others; None takes one out."""
    kept = {name: values[-1] for name, values in session.address().items() if name != "lang"}
    merged = {**kept, **params}
    session.set_view(View(), **{name: value for name, value in merged.items() if value})


def save(draft: Draft, files: Mapping[str, str | None]) -> Draft | None:
    """Put texts into the draft; None when somebody else changed it meanwhile, which the page then says."""
    store, author = session.whole_store(), session.person().name
    try:
        saved = save_files(store, draft.name, files, revision=draft.revision, author=author)
    except DraftChanged:
        st.session_state.draft_overtaken = open_draft(store, draft.name).updated_by
        return None
    except UsageError as error:
        st.session_state.draft_refused = str(error)
        return None
    st.session_state.draft_revision = saved.revision
    return saved
