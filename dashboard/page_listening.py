"""Page: calls that managers are to hear (亲听), their notes, and what became of them."""

from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.day_figures import first_and_last_day
from ..store.listening import (
    ActionRow,
    ItemRow,
    ListeningRow,
    actions,
    add_action,
    close_action,
    items_of_list,
    listening_lists,
    note_item,
)
from ..store.review_lists import lists
from ..voice.listening import curate_list, draw_list
from . import links, session
from .clips import hear
from .filters import View
from .plain import plain
from .texts import Texts
from .tried import tried


def listening_page() -> None:
    session.enter("listening")
    texts, store = session.texts(), session.store()
    made = listening_lists(store)
    chosen, new = st.columns([6, 1.2], vertical_alignment="bottom")
    if session.may(Permission.QUALITY_MANAGE) and new.button(
        texts("hear.new"), type="primary", icon=":material/add:", width="stretch"
    ):
        _new(texts, store)
    if not made:
        st.info(texts("hear.none"))
        return
    wanted = chosen.selectbox(texts("hear.list"), made, format_func=partial(_named, texts), key="hear_list")
    if wanted.prompt:
        st.info(plain(wanted.prompt), icon=":material/lightbulb:")
    told = texts("hear.progress", done=wanted.heard, calls=wanted.calls)
    st.progress(wanted.heard / max(1, wanted.calls), told)
    asked = actions(store, list_id=wanted.id)
    for item in items_of_list(store, wanted.id):
        _item(texts, store, item, [action for action in asked if action.item_id == item.id])
    links.follow()


def _named(texts: Texts, row: ListeningRow) -> str:
    due = texts("hear.due", day=row.due.isoformat()) if row.due else ""
    return " · ".join(filter(None, (row.title, row.listener, f"{row.heard} / {row.calls}", due)))


def _new(texts: Texts, store: Store) -> None:
    days = first_and_last_day(store)

    @st.dialog(texts("hear.new"))
    def form() -> None:
        title = st.text_input(texts("hear.title"), max_chars=80)
        listener = st.text_input(texts("hear.listener"), max_chars=60)
        prompt = st.text_area(texts("hear.prompt"), max_chars=400, height=80)
        kept = lists(store)
        source = st.selectbox(
            texts("hear.source"), kept, None, format_func=lambda row: f"{row.name} ({row.calls})",
            placeholder=texts("hear.by_chance"), help=texts("hear.source_help"), disabled=not kept,
        )  # fmt: skip
        drawn = source is None
        size = st.number_input(texts("hear.size"), 1, 100, 8, disabled=not drawn)
        since = st.date_input(
            texts("hear.since"), days[0] if days else date.today(), format="YYYY-MM-DD", disabled=not drawn
        )
        due = st.date_input(texts("hear.due_day"), None, format="YYYY-MM-DD")
        if st.button(texts("hear.draw" if drawn else "hear.take"), type="primary"):
            chosen = CallFilter(since=since if isinstance(since, date) else None)
            about: Any = {
                "listener": listener, "by": session.person().name, "prompt": prompt,
                "due": due if isinstance(due, date) else None,
            }  # fmt: skip
            if source is None:
                tried(partial(draw_list, store, title, chosen, int(size), **about))
            else:
                tried(partial(curate_list, store, title, source.id, **about))

    form()


def _item(texts: Texts, store: Store, item: ItemRow, done: list[ActionRow]) -> None:
    with st.container(border=True):
        words, button = st.columns([6, 1], vertical_alignment="center")
        mark = ":green[✓]" if item.heard_at else ":gray[○]"
        facts = " · ".join(filter(None, (item.day.isoformat(), item.agent, mask_phones(item.name))))
        words.markdown(f"{mark} {item.position + 1}. {plain(facts)}")
        if button.button(texts("hear.open"), key=f"hear_open_{item.id}", width="stretch"):
            links.open_call(View(), item.recording_id)
        hear(texts, f"item_{item.id}", item.recording_id, item.start, item.end)
        _note(texts, store, item)
        for action in done:
            _action(texts, store, action)
        with st.popover(texts("hear.action"), icon=":material/add_task:"):
            _new_action(texts, store, item)


def _note(texts: Texts, store: Store, item: ItemRow) -> None:
    words, button = st.columns([6, 1], vertical_alignment="center")
    note = words.text_input(
        texts("hear.note"), item.note, key=f"note_{item.id}", placeholder=texts("hear.note"),
        label_visibility="collapsed", max_chars=1000,
    )  # fmt: skip
    label = texts("hear.heard") if not item.heard_at else texts("hear.save")
    same = bool(item.heard_at) and note == item.note
    if button.button(label, key=f"heard_{item.id}", disabled=same, width="stretch"):
        tried(lambda: note_item(store, item.id, by=session.person().name, note=note.strip()))


def _new_action(texts: Texts, store: Store, item: ItemRow) -> None:
    second = st.number_input(texts("hear.second"), 0.0, None, item.start, 1.0, key=f"second_{item.id}")
    text = st.text_input(texts("hear.todo"), key=f"todo_{item.id}", max_chars=300)
    owner = st.text_input(texts("hear.owner"), key=f"owner_{item.id}", max_chars=60)
    due = st.date_input(texts("hear.due_day"), None, format="YYYY-MM-DD", key=f"due_{item.id}")
    if st.button(texts("hear.add"), key=f"add_{item.id}", type="primary"):
        tried(
            lambda: add_action(
                store, item.id, float(second), text, by=session.person().name, owner=owner,
                due=due if isinstance(due, date) else None,
            )
        )  # fmt: skip


def _action(texts: Texts, store: Store, action: ActionRow) -> None:
    minutes, seconds = divmod(int(action.second), 60)
    facts = [f"{minutes}:{seconds:02d}", plain(action.text), plain(action.owner)]
    if action.due:
        facts.append(texts("hear.due", day=action.due.isoformat()))
    state = texts(f"hear.state.{action.state}")
    outcome = f" — {plain(action.outcome)}" if action.outcome else ""
    words, close = st.columns([6, 1], vertical_alignment="center")
    words.markdown(f"**{state}** {' · '.join(filter(None, facts))}{outcome}")
    if action.state == "open":
        with close.popover(texts("hear.close"), width="stretch"):
            outcome = st.text_input(texts("hear.outcome"), key=f"outcome_{action.id}", max_chars=300)
            for word in ("done", "dropped"):
                if st.button(texts(f"hear.to.{word}"), key=f"{word}_{action.id}"):
                    tried(partial(close_action, store, action.id, state=word, outcome=outcome))
