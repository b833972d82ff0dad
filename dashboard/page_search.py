"""Page: find what was said, hear it, and make a list or a rule of it."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st

from ..errors import CallqaError, UsageError
from ..privacy.roles import Permission
from ..review.query import Query, parse_query
from ..review.search import Found, Matcher, SearchPage
from ..review.search import search_page as read_page
from ..rulebooks.drafts import begin_draft, list_drafts, open_draft, save_files
from ..settings import get_settings
from ..store.calls import CallFilter
from ..store.review_lists import lists, save_list
from . import links, session
from .components import search_results
from .filters import View
from .search_index import SearchIndex
from .search_view import all_places, draft_rule, rows_of
from .texts import Texts

MOST_LISTS = 20
BAR = r"\|"
_LISTS = ("business", "team", "agent")
_EXAMPLES = ("退款 投诉", "退款|退钱 -运费", "~投诉 role:客户", "tuikuan", "退款 NEAR/10 投诉")


@dataclass
class _Sheet:
    """One page of results; ``below`` is where it ends, None at the end of all calls."""

    start: int | None
    found: list[Found] = field(default_factory=list)
    below: int | None = None
    read: int = 0
    whole: bool = False


@dataclass
class _Run:
    """A search under way: its pages so far and which of them is shown."""

    query: Query
    filter: CallFilter
    candidates: list[int] | None
    sheets: list[_Sheet] = field(default_factory=lambda: [_Sheet(None)])
    shown: int = 0


@st.cache_resource(show_spinner=False)
def _index(url: str) -> SearchIndex:
    return SearchIndex(session.whole_store(), get_settings())


def search_page() -> None:
    links.follow()
    session.enter("search")
    texts, view = session.texts(), session.view()
    index = _index(get_settings().resolved_database_url)
    index.refresh()
    typed = st.query_params.get("find", "")
    _fields(texts, view, typed)
    if not typed.strip():
        return _how(texts)
    try:
        run = _run(typed, view.filter, index)
        sheet = _fill(run)
    except UsageError as error:
        st.warning(texts("search.not_read", why=str(error)))
        return _how(texts)
    _tools(texts, run)
    _results(texts, run, sheet, index)
    links.follow()
    return None


def _fields(texts: Texts, view: View, typed: str) -> None:
    state: Any = st.session_state
    state.search_find = typed
    for name in _LISTS:
        state[f"search_{name}"] = list(getattr(view.filter, name))
    state.search_since, state.search_until = view.filter.since, view.filter.until
    words, business, team, agent, since, until = st.columns([4.2, 1.6, 1.3, 1.3, 1.2, 1.2])
    hint = texts("search.hint")
    words.text_input(texts("search.find"), key="search_find", placeholder=hint, on_change=_changed)
    for column, name in zip((business, team, agent), _LISTS, strict=True):
        values = dict.fromkeys([*session.facets()[name], *getattr(view.filter, name)])
        column.multiselect(
            texts(f"list.{name}"),
            list(values),
            key=f"search_{name}",
            placeholder=texts("list.any"),
            on_change=_changed,
        )
    for column, name in ((since, "since"), (until, "until")):
        column.date_input(
            texts(f"list.{name}"), None, key=f"search_{name}", format="YYYY-MM-DD", on_change=_changed
        )


def _changed() -> None:
    state: Any = st.session_state
    chosen = CallFilter(
        business=tuple(state.search_business),
        team=tuple(state.search_team),
        agent=tuple(state.search_agent),
        since=state.search_since,
        until=state.search_until,
    )
    find = state.search_find.strip()
    session.set_view(View(chosen), **({"find": find} if find else {}))


def _run(typed: str, filter: CallFilter, index: SearchIndex) -> _Run:
    known: _Run | None = st.session_state.get("search_run")
    if known and known.query.source == typed.strip() and known.filter == filter:
        return known
    query = parse_query(typed)
    st.session_state.search_run = _Run(query, filter, index.candidates(query))
    run: _Run = st.session_state.search_run
    return run


def _fill(run: _Run) -> _Sheet:
    """Read on until the page that is shown is full, the calls are at their end, or time is up."""
    sheet = run.sheets[run.shown]
    if not sheet.whole:
        start = sheet.start if not sheet.read else sheet.below
        page: SearchPage = read_page(
            session.store(), Matcher.of(run.query), run.filter, run.candidates, below=start
        )
        sheet.found += page.found
        sheet.below, sheet.read = page.below, sheet.read + page.searched
        sheet.whole = page.below is None or len(sheet.found) >= 30
    return sheet


def _results(texts: Texts, run: _Run, sheet: _Sheet, index: SearchIndex) -> None:
    hears = session.may(Permission.SOUND_HEAR)
    before = sum(len(one.found) for one in run.sheets[: run.shown])
    data = {
        "key": f"{run.query.source}|{run.filter}|{run.shown}",
        "rows": rows_of(sheet.found, texts, session.sound_address if hears else None),
        "first": before + 1,
        "previous": run.shown > 0,
        "next": sheet.whole and sheet.below is not None,
        "more": not sheet.whole,
        "note": _note(texts, run, sheet, index),
        "empty": texts("search.none") if sheet.whole and not sheet.found and not before else "",
        "texts": texts.group("results"),
    }
    search_results(data, on_open=_opened, on_page=partial(_turned, run), on_more=lambda: None)


def _note(texts: Texts, run: _Run, sheet: _Sheet, index: SearchIndex) -> str:
    lines = sum(len(one.found) for one in run.sheets)
    calls = len({found.recording_id for one in run.sheets for found in one.found})
    ended = run.sheets[-1].whole and run.sheets[-1].below is None
    said = texts("search.found" if ended else "search.at_least", lines=lines, calls=calls)
    if not ended and run.candidates is not None:
        said += texts("search.at_most", calls=len(run.candidates))
    return said if index.ready else said + texts("search.indexing", n=index.parts)


def _tools(texts: Texts, run: _Run) -> None:
    _, keep, draft = st.columns([6, 1.3, 1.3])
    if session.may(Permission.VERDICT_GIVE):
        with keep.popover(texts("search.keep"), width="stretch"):
            _keep(texts, run)
    if session.may(Permission.RULES_EDIT):
        with draft.popover(texts("search.draft"), width="stretch"):
            _draft(texts, run)


def _keep(texts: Texts, run: _Run) -> None:
    with st.form("search_keep", border=False):
        name = st.text_input(texts("search.list_name"), run.query.source[:60], max_chars=80)
        saved = st.form_submit_button(texts("search.keep_all"), type="primary")
    if not saved:
        return
    shown = st.empty()

    def tick(calls: int, lines: int) -> None:
        shown.caption(texts("search.at_least", lines=lines, calls=calls))

    places = list(all_places(session.store(), run.query, run.filter, run.candidates, tick))
    try:
        by = session.review_session().reviewer
        made = save_list(session.whole_store(), name, places, query=run.query.source, by=by)
    except UsageError as error:
        st.error(texts("search.name_taken") if "already" in str(error) else str(error))
        return
    links.open_page("review", View(CallFilter(list=made)))
    links.follow()


def _draft(texts: Texts, run: _Run) -> None:
    store, new = session.whole_store(), texts("search.new_draft")
    names = [draft.name for draft in list_drafts(store)]
    with st.form("search_draft", border=False):
        title = st.text_input(texts("search.rule_title"), run.query.source[:60], max_chars=60)
        chosen = st.selectbox(texts("search.which_draft"), [new, *names])
        saved = st.form_submit_button(texts("search.make_draft"), type="primary")
    if not saved:
        return
    author = session.person().name
    path, text = draft_rule(run.query, [one for sheet in run.sheets for one in sheet.found], title)
    try:
        name = title.strip()[:80] if chosen == new else chosen
        settings = get_settings()
        draft = (
            begin_draft(store, settings, name, author=author) if chosen == new else open_draft(store, name)
        )
        save_files(store, name, {path: text}, revision=draft.revision, author=author)
    except CallqaError as error:
        st.error(str(error))
        return
    links.open_page("editor", View(), draft=name, file=path)
    links.follow()


def _opened() -> None:
    wanted = st.session_state.search.open
    if isinstance(wanted, dict) and isinstance(wanted.get("id"), int | float):
        view = replace(session.view(), page=1)
        links.open_page("review", view, call=str(int(wanted["id"])), t=f"{float(wanted['start']):.1f}")


def _turned(run: _Run) -> None:
    step = st.session_state.search.page
    if step == "previous" and run.shown > 0:
        run.shown -= 1
    elif step == "next":
        here = run.sheets[run.shown]
        if run.shown + 1 == len(run.sheets) and here.whole and here.below is not None:
            run.sheets.append(_Sheet(here.below))
        run.shown = min(run.shown + 1, len(run.sheets) - 1)


def _how(texts: Texts) -> None:
    """What can be typed, and the lists that were made, for who opens the page without a search."""
    said = zip(_EXAMPLES, texts("search.how").split("\n"), strict=True)
    rows = [f"| `{example.replace('|', BAR)}` | {line} |" for example, line in said]
    head = f"| {texts('search.typed')} | {texts('search.finds')} |"
    st.markdown("\n".join([texts("search.how_title"), "", head, "| --- | --- |", *rows]))
    known = lists(session.store())[:MOST_LISTS]
    if known:
        st.markdown(texts("search.lists"))
    for one in known:
        label = texts("search.list_row", name=one.name, done=one.done, calls=one.calls, by=one.made_by)
        st.button(
            label, key=f"list_{one.id}", icon=":material/checklist:", on_click=_review_list, args=(one.id,)
        )
    links.follow()


def _review_list(number: int) -> None:
    links.open_page("review", View(CallFilter(list=number)))
