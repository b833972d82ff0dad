"""Page: every published rulebook, what it changed, and the way back."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from ..errors import UsageError
from ..inspect.rulebook import Rulebook, shipped_rulebook
from ..privacy.roles import Permission
from ..rulebooks.current import published_rulebook, version_on
from ..rulebooks.diff import diff
from ..rulebooks.publishing import rollback
from ..settings import get_settings
from ..store.publications import Publication, publications
from . import links, session
from .editor_publish import show_diff
from .filters import View
from .formats import local_time
from .texts import Texts


def history_page() -> None:
    session.enter("history")
    texts = session.texts()
    if said := st.session_state.pop("history_said", None):
        st.success(said, icon=":material/check_circle:")
    versions = publications(session.whole_store())
    if not versions:
        st.info(texts("history.none"))
        return
    _grid(texts, versions)
    chosen = _chosen(versions)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _difference(texts, versions, chosen)
    with right:
        _back(texts, versions, chosen)
    links.follow()


def _grid(texts: Texts, versions: Sequence[Publication]) -> None:
    now = version_on(versions, date.today())
    rows = [
        {
            texts("history.number"): version.number,
            texts("history.now"): "●" if version is now else "",
            texts("history.note"): version.note,
            texts("history.author"): version.author,
            texts("history.published"): f"{local_time(version.published_at):%Y-%m-%d %H:%M}",
            texts("history.holds"): _holds(version, texts),
        }
        for version in versions
    ]
    picked = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="history_grid",
        height=min(300, 38 + 35 * len(rows)),
    )
    chosen = picked["selection"]["rows"]
    number = str(versions[chosen[0]].number) if chosen and chosen[0] < len(versions) else None
    if number and st.query_params.get("version") != number:
        session.set_view(View(), version=number)
    st.caption(texts("history.choose"))


def _holds(version: Publication, texts: Texts) -> str:
    begin, end = version.effective_from, version.effective_until
    parts = [texts("history.holds_from", day=begin)] if begin else []
    parts += [texts("history.holds_until", day=end)] if end else []
    return " ".join(parts) or texts("history.holds_all")


def _chosen(versions: Sequence[Publication]) -> Publication:
    asked = st.query_params.get("version", "")
    return next((v for v in versions if str(v.number) == asked), versions[0])


def _difference(texts: Texts, versions: Sequence[Publication], chosen: Publication) -> None:
    st.markdown(f"**{texts('history.against', n=chosen.number)}**")
    before = next((v for v in versions if v.number < chosen.number), None)
    if before is None:
        st.caption(texts("history.first"))
    old = _rulebook(before) if before else shipped_rulebook()
    changed = diff(old, _rulebook(chosen))
    if changed:
        show_diff(texts, changed)
    else:
        st.caption(texts("history.same"))


def _rulebook(version: Publication) -> Rulebook:
    return published_rulebook(session.whole_store(), version)


def _back(texts: Texts, versions: Sequence[Publication], chosen: Publication) -> None:
    if not session.may(Permission.RULES_PUBLISH):
        return
    st.markdown(f"**{texts('history.rollback', n=chosen.number)}**")
    if chosen.hash == versions[0].hash:
        st.caption(texts("history.same"))
        return
    st.caption(texts("history.rollback_help", n=chosen.number))
    with st.form("history_rollback"):
        note = st.text_input(texts("history.rollback_note"))
        if st.form_submit_button(texts("history.rollback_sure"), type="primary", width="stretch"):
            _roll_back(texts, chosen, note)


def _roll_back(texts: Texts, chosen: Publication, note: str) -> None:
    try:
        made = rollback(
            session.whole_store(),
            get_settings(),
            chosen.number,
            author=session.person().name,
            note=note.strip(),
        )
    except UsageError as error:
        st.error(str(error))
        return
    said = [texts("history.rolled_back", n=made.version.number), *made.notes]
    st.session_state.history_said = "\n".join(said)
    session.set_view(View(), version=str(made.version.number))
    st.session_state.pop("history_grid", None)
    st.rerun()
