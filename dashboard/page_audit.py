"""Page: what was done, by whom, and whether the log of it is whole."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import streamlit as st

from ..privacy.audit import Action, AuditFilter, Entry, entries, record, verify
from ..privacy.roles import Permission
from . import session
from .formats import local_time
from .texts import Texts

MOST_LINES = 500


def audit_page() -> None:
    session.enter("audit")
    texts, store = session.texts(), session.whole_store()
    chosen = _filters(texts)
    found = list(entries(store, chosen, newest_first=True, limit=MOST_LINES))
    _verify(texts)
    if not found:
        st.info(texts("audit.none"))
        return
    st.caption(texts("audit.shown", n=len(found)))
    st.dataframe(audit_rows(found, texts), hide_index=True, height=min(560, 38 + 35 * len(found)))


def _filters(texts: Texts) -> AuditFilter:
    who, action, subject, since, until = st.columns(5)
    labels = {one.value: texts(f"audit.action.{one}") for one in Action}
    named = who.text_input(texts("audit.who"), key="audit_who").strip()
    kind = action.selectbox(
        texts("audit.action"),
        list(labels),
        None,
        format_func=labels.__getitem__,
        placeholder=texts("audit.any"),
        key="audit_action",
    )
    about = subject.text_input(texts("audit.subject"), key="audit_subject").strip()
    first = since.date_input(texts("audit.since"), None, key="audit_since", format="YYYY-MM-DD")
    last = until.date_input(texts("audit.until"), None, key="audit_until", format="YYYY-MM-DD")
    return AuditFilter(who=named or None, action=kind, subject=about or None, since=first, until=last)


def _verify(texts: Texts) -> None:
    check, export, _ = st.columns([1, 1, 4])
    label = texts("audit.export")
    export.download_button(
        label, _exported, "audit.jsonl", on_click="ignore", key="audit_export", width="stretch"
    )
    if not check.button(texts("audit.verify"), key="audit_verify", width="stretch"):
        return
    found = verify(session.whole_store())
    if found.problems:
        st.error(texts("audit.broken"))
        st.text("\n".join(found.problems[:100]))
    else:
        st.success(texts("audit.whole", n=found.lines))


def _exported() -> bytes:
    """All lines that fit, not only those that are shown; made when it is asked for, and recorded."""
    if not session.may(Permission.AUDIT_SEE):
        return b""
    state = st.session_state
    chosen = AuditFilter(
        who=state.get("audit_who", "").strip() or None,
        action=state.get("audit_action"),
        subject=state.get("audit_subject", "").strip() or None,
        since=state.get("audit_since"),
        until=state.get("audit_until"),
    )
    store = session.whole_store()
    record(store, session.person().name, Action.EXPORT, "audit")
    lines = (json.dumps(asdict(entry), ensure_ascii=False) for entry in entries(store, chosen))
    return ("\n".join(lines) + "\n").encode()


def audit_rows(found: Sequence[Entry], texts: Texts) -> list[dict[str, Any]]:
    """One line an entry, headed in the language of the page."""
    return [
        {
            texts("audit.line"): entry.id,
            texts("audit.at"): f"{local_time(datetime.fromisoformat(entry.at)):%Y-%m-%d %H:%M:%S}",
            texts("audit.who"): entry.who,
            texts("audit.action"): texts.get(f"audit.action.{entry.action}", entry.action),
            texts("audit.subject"): entry.subject,
            texts("audit.detail"): entry.detail if entry.detail != "{}" else "",
        }
        for entry in found
    ]
