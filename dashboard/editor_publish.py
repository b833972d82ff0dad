"""The last steps of a draft: what it changes in words, and making it count."""

from collections.abc import Iterable
from datetime import date

import streamlit as st

from ..errors import RulebookError, UsageError
from ..privacy.roles import Permission
from ..rulebooks.check import check
from ..rulebooks.diff import Changed, diff
from ..rulebooks.diff_words import Language, in_words
from ..rulebooks.drafts import Draft, DraftChanged
from ..rulebooks.publishing import Outdated, Prepared, prepare, publish, rebase
from ..settings import get_settings
from . import links, session
from .editor_session import go
from .filters import View
from .rule_names import RuleNames
from .texts import Texts


def draw_changes(texts: Texts, draft: Draft) -> None:
    prepared = _prepared(texts, draft)
    if prepared is not None:
        show_changes(texts, prepared)


def draw(texts: Texts, draft: Draft) -> None:
    prepared = _prepared(texts, draft)
    if prepared is None:
        return
    if not session.may(Permission.RULES_PUBLISH):
        st.info(texts("pub.may_not"))
        return
    if not diff(prepared.before, prepared.rulebook):
        st.info(texts("changes.none"))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"**{texts('pub.what')}**")
        show_changes(texts, prepared)
    with right:
        _form(texts, draft, prepared, _ready(texts, prepared))


def _ready(texts: Texts, prepared: Prepared) -> bool:
    """Run all tests, and say what stands in the way."""
    with st.spinner(texts("pub.checking")):
        found = _whole_check(tuple(sorted(prepared.files.items())))
    if found.ok:
        st.success(texts("pub.ready", n=len(found.tests)), icon=":material/check_circle:")
        return True
    st.error(texts("pub.not_ready"))
    st.code("\n".join(found.problems), language=None, wrap_lines=True)
    return False


@st.cache_resource(max_entries=4, show_spinner=False)
def _whole_check(files: tuple[tuple[str, str], ...]):  # type: ignore[no-untyped-def]
    return check(dict(files))


def _form(texts: Texts, draft: Draft, prepared: Prepared, ready: bool) -> None:
    from .editor_backtest import has_run

    if not has_run(draft):
        st.warning(texts("pub.no_backtest"), icon=":material/science:")
    with st.form("editor_publish"):
        note = st.text_area(texts("pub.note"), draft.note, height=110, max_chars=2000)
        first, last = st.columns(2)
        begin: date | None = first.date_input(texts("pub.from"), None, format="YYYY-MM-DD")
        end: date | None = last.date_input(texts("pub.until"), None, format="YYYY-MM-DD")
        st.caption(texts("pub.reinspect"))
        sent = st.form_submit_button(
            texts("pub.publish"), type="primary", width="stretch", disabled=not ready
        )
    if sent and not note.strip():
        st.error(texts("pub.need_note"))
    elif sent:
        _publish(texts, draft, note.strip(), begin, end)


def _publish(texts: Texts, draft: Draft, note: str, begin: date | None, end: date | None) -> None:
    try:
        made = publish(
            session.whole_store(),
            get_settings(),
            draft.name,
            author=session.person().name,
            note=note,
            revision=draft.revision,
            effective_from=begin,
            effective_until=end,
        )
    except DraftChanged:
        st.error(texts("editor.overtaken", by=draft.updated_by))
        return
    except RulebookError as error:
        show_unreadable(texts, error)
        return
    except UsageError as error:
        st.error(str(error))
        return
    st.session_state.history_said = "\n".join([texts("pub.done", n=made.version.number), *made.notes])
    links.open_page("history", View(), version=str(made.version.number))
    links.follow()


def _prepared(texts: Texts, draft: Draft) -> Prepared | None:
    try:
        return prepare(session.whole_store(), get_settings(), draft)
    except RulebookError as error:
        show_unreadable(texts, error)
    except Outdated as error:
        st.warning(texts("changes.outdated", paths="、".join(error.paths)), icon=":material/call_merge:")
        if st.button(texts("changes.rebase"), type="primary"):
            _rebase(texts, draft)
    except UsageError as error:
        st.error(str(error))
    return None


def _rebase(texts: Texts, draft: Draft) -> None:
    store, author = session.whole_store(), session.person().name
    try:
        rebase(store, get_settings(), draft.name, revision=draft.revision, author=author)
    except DraftChanged:
        st.error(texts("editor.overtaken", by=draft.updated_by))
        return
    go(draft=draft.name)
    st.rerun()


def show_unreadable(texts: Texts, error: RulebookError) -> None:
    st.error(texts("changes.broken"))
    st.code("\n".join(error.problems), language=None, wrap_lines=True)


def show_changes(texts: Texts, prepared: Prepared) -> None:
    """The difference in words, and which rules get a new number."""
    changed = diff(prepared.before, prepared.rulebook)
    if not changed:
        st.info(texts("changes.none"))
        return
    show_diff(texts, changed)
    names = RuleNames(prepared.rulebook)
    for rule, number in prepared.bumped.items():
        st.caption(texts("changes.bumped", rule=names.title(rule), n=number))


def show_diff(texts: Texts, changed: Iterable[Changed]) -> None:
    """A box a changed rule or list, in words."""
    language: Language = "en" if texts.language == "en" else "zh"
    for section in in_words(changed, language):
        with st.container(border=True):
            st.markdown(f"**{_escaped(section.heading)}**")
            st.text("\n".join(section.lines))


def _escaped(text: str) -> str:
    """Titles come from files; nothing in them is markup."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|~$:" else c for c in text)
