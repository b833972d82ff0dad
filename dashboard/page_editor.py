"""Page: a draft of the rulebook, from the first change to its publication."""

import streamlit as st

from ..errors import UsageError
from ..rulebooks.drafts import Draft, DraftChanged, begin_draft, discard_draft, list_drafts
from ..settings import get_settings
from . import editor_backtest, editor_files, editor_publish, links, session
from .editor_session import STEPS, go, step, wanted_draft
from .formats import local_time
from .texts import Texts


def editor_page() -> None:
    session.enter("editor")
    texts = session.texts()
    draft = wanted_draft()
    if draft is None:
        st.info(texts("editor.no_draft"))
        _begin(texts)
        return
    _head(texts, draft)
    _warnings(texts)
    here = step()
    if here == "edit":
        editor_files.draw(texts, draft)
    elif here == "changes":
        editor_publish.draw_changes(texts, draft)
    elif here == "backtest":
        editor_backtest.draw(texts, draft)
    else:
        editor_publish.draw(texts, draft)
    links.follow()


def _head(texts: Texts, draft: Draft) -> None:
    names = [d.name for d in list_drafts(session.whole_store())]
    which, steps, new, gone = st.columns([2.4, 4, 1, 1], vertical_alignment="bottom")
    st.session_state.editor_draft, st.session_state.editor_step = draft.name, step()
    which.selectbox(
        texts("editor.draft"),
        names,
        key="editor_draft",
        on_change=lambda: go(draft=st.session_state.editor_draft, file=None),
    )
    steps.segmented_control(
        texts("editor.step"),
        STEPS,
        format_func=lambda s: texts(f"editor.step.{s}"),
        key="editor_step",
        required=True,
        on_change=lambda: go(step=st.session_state.editor_step),
    )
    with new.popover(texts("editor.new_draft"), width="stretch"):
        _begin(texts)
    with gone.popover(texts("editor.discard"), width="stretch"):
        st.caption(texts("editor.discard_help"))
        if st.button(texts("editor.discard_sure"), type="primary", width="stretch"):
            _discard(texts, draft)
    base = texts("editor.base_shipped") if draft.base is None else texts("editor.base", n=draft.base)
    at = f"{local_time(draft.updated_at):%m-%d %H:%M}"
    st.caption(texts("editor.about", base=base, n=len(draft.changes), by=draft.updated_by, at=at))


def _begin(texts: Texts) -> None:
    with st.form("editor_begin", border=False):
        default = texts("editor.draft_default", name=session.person().name)
        name = st.text_input(texts("editor.draft_name"), default, max_chars=80)
        if not st.form_submit_button(texts("editor.begin"), type="primary"):
            return
    try:
        begin_draft(session.whole_store(), get_settings(), name.strip(), author=session.person().name)
    except UsageError as error:
        st.error(str(error))
        return
    go(draft=name.strip(), file=st.query_params.get("file"), step=None)
    st.rerun()


def _discard(texts: Texts, draft: Draft) -> None:
    try:
        discard_draft(session.whole_store(), draft.name, revision=draft.revision)
    except DraftChanged:
        st.error(texts("editor.overtaken", by=draft.updated_by))
        return
    go(draft=None, file=None, step=None)
    st.rerun()


def _warnings(texts: Texts) -> None:
    state = st.session_state
    if by := state.pop("draft_overtaken", None):
        st.error(texts("editor.overtaken", by=by), icon=":material/sync_problem:")
    if why := state.pop("draft_refused", None):
        st.error(why)
    if said := state.pop("editor_said", None):
        st.toast(said)
