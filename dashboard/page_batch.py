"""Page: the batch as it runs, and what to do about recordings without a result."""

import streamlit as st

from ..privacy.roles import Permission
from ..store.attempts import trace
from ..store.queue import requeue
from ..store.tasks import AT_ONCE
from . import charts, links, session
from .batch_view import (
    MOST_PROBLEMS,
    BatchView,
    batch_rows,
    batch_view,
    eta_text,
    problem_rows,
    size_text,
    trace_rows,
    worker_rows,
)
from .export_menu import export_menu
from .reports import Report, Sheet
from .texts import Texts

LIVE_SECONDS = 10
WORTH_A_TRY = ("quarantined", "failed")
"""What is tried again when all is; a recording without speech has none the second time either."""


def batch_page() -> None:
    session.enter("batch")
    texts = session.texts()
    live = st.session_state.get("batch_live", True)
    st.fragment(_state, run_every=LIVE_SECONDS if live else None)(texts)
    _problems(texts)
    links.follow()


def _state(texts: Texts) -> None:
    """What changes while one looks on."""
    view = batch_view(session.store())
    heading, live, menu = st.columns([8, 1.3, 1], vertical_alignment="center")
    heading.markdown(f"**{texts('batch.accounted')}** · {_accounted(view, texts)}")
    live.toggle(texts("batch.live"), True, key="batch_live")
    with menu:
        export_menu(texts, "batch", lambda: _report(view, texts))
    if view.nobody_works:
        st.warning(texts("batch.nobody"), icon=":material/pause_circle:")
    figures = (
        ("waiting", f"{view.waiting:,}", None),
        ("running", f"{view.running:,}", None),
        ("backlog", size_text(view.backlog), None),
        ("speed", f"{view.last_hour:,}", None),
        ("eta", eta_text(view, texts), None),
        ("retries", f"{view.retries:,}", texts("batch.retries_help")),
    )
    for column, (name, value, help) in zip(st.columns([1, 1, 1, 1, 2, 1]), figures, strict=True):
        column.metric(texts(f"batch.{name}"), value, border=True, help=help)
    done, work = st.columns([3, 2], border=True)
    with done:
        st.markdown(f"**{texts('batch.throughput')}**")
        if view.steps:
            st.vega_lite_chart(charts.counts_over_time([(at.isoformat(), n) for at, n in view.steps]))
        else:
            st.caption(texts("batch.throughput_none"))
    with work:
        st.markdown(f"**{texts('batch.workers')}**")
        rows = worker_rows(view, texts)
        if rows:
            st.dataframe(rows, hide_index=True)
        else:
            st.caption(texts("batch.idle"))
        st.markdown(f"**{texts('batch.batches')}**")
        st.dataframe(batch_rows(view, texts), hide_index=True)


def _accounted(view: BatchView, texts: Texts) -> str:
    parts = [f"{texts(f'status.{s}')} {n:,}" for s, n in view.statuses.items() if n]
    return " + ".join(parts) + f" = {sum(view.statuses.values()):,}" if parts else texts("list.empty_store")


def _problems(texts: Texts) -> None:
    view = batch_view(session.store())
    total = sum(view.unended.values())
    st.markdown(f"**{texts('batch.problems')}** · {total:,}")
    if not view.problems:
        st.caption(texts("batch.problems_none"))
        return
    chosen = st.dataframe(
        problem_rows(view.problems, texts),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="batch_problems",
        height=min(460, 38 + 35 * len(view.problems)),
    )
    ids = [view.problems[i].id for i in chosen["selection"]["rows"] if i < len(view.problems)]
    if total > MOST_PROBLEMS:
        st.caption(texts("batch.shown", n=MOST_PROBLEMS))
    _retry(texts, ids, sum(view.unended[status] for status in WORTH_A_TRY))
    if len(ids) == 1:
        _trace(texts, ids[0])


def _retry(texts: Texts, ids: list[int], total: int) -> None:
    if not session.may(Permission.BATCH_OPERATE):
        st.caption(texts("batch.may_not"))
        return
    some, everything, hint = st.columns([1.4, 1.4, 5], vertical_alignment="center")
    if some.button(texts("batch.retry"), type="primary", disabled=not ids, width="stretch"):
        _again(texts, ids)
    again = texts("batch.retry_all", n=f"{total:,}")
    if everything.button(again, disabled=not total, width="stretch"):
        _again(texts, None)
    hint.caption(texts("batch.retry_help") if ids else texts("batch.choose"))


def _again(texts: Texts, ids: list[int] | None) -> None:
    statuses = (*WORTH_A_TRY, "empty") if ids else WORTH_A_TRY
    count = requeue(session.store(), statuses, ids, rank=AT_ONCE if ids else 0)
    st.toast(texts("batch.retried", n=count))
    st.session_state.pop("batch_problems", None)
    st.rerun()


def _trace(texts: Texts, recording_id: int) -> None:
    attempts = trace(session.store(), recording_id)
    if attempts:
        st.markdown(f"**{texts('batch.trace')}**")
        st.dataframe(trace_rows(attempts, texts), hide_index=True)


def _report(view: BatchView, texts: Texts) -> Report:
    figures = (
        *((texts(f"status.{status}"), f"{n:,}") for status, n in view.statuses.items() if n),
        (texts("batch.eta"), eta_text(view, texts)),
    )
    sheets = [_sheet(texts("batch.problems"), problem_rows(view.problems, texts))]
    sheets.append(_sheet(texts("batch.batches"), batch_rows(view, texts)))
    return Report(texts("nav.batch"), _accounted(view, texts), figures, tuple(sheets))


def _sheet(name: str, rows: list[dict[str, object]]) -> Sheet:
    heads = tuple(rows[0]) if rows else ("–",)
    return Sheet(name, heads, tuple(tuple(row.values()) for row in rows))
