"""Backtest step: what the draft would change on stored calls, drawn, counted and heard."""

from datetime import date

import streamlit as st

from ..errors import RulebookError, UsageError
from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..rulebooks.backtest import backtest, changed_rules
from ..rulebooks.backtest_types import Backtest, RuleBacktest, Sample
from ..rulebooks.drafts import Draft
from ..rulebooks.publishing import Prepared, prepare
from ..settings import get_settings
from ..store.calls import CallFilter
from ..store.day_figures import first_and_last_day
from . import backtest_view, session
from .clips import Clip, show_clips
from .editor_publish import show_unreadable
from .export_menu import export_menu
from .texts import Texts

_HOW = ("gained", "lost", "kept")
_CUTS = ("by_rule", "by_team", "by_business", "by_week")


def draw(texts: Texts, draft: Draft) -> None:
    try:
        prepared = prepare(session.whole_store(), get_settings(), draft)
    except RulebookError as error:
        show_unreadable(texts, error)
        return
    except UsageError as error:
        st.error(str(error))
        return
    if not changed_rules(prepared.before, prepared.rulebook):
        st.info(texts("bt.nothing"))
        return
    _run(texts, draft, prepared)
    found: tuple[int, Backtest] | None = st.session_state.get(_key(draft))
    if found is None:
        st.caption(texts("bt.help"))
        return
    if found[0] != draft.revision:
        st.warning(texts("bt.stale"), icon=":material/history:")
    _result(texts, found[1])


def has_run(draft: Draft) -> bool:
    """Whether this session has backtested the draft as it stands now."""
    found = st.session_state.get(_key(draft))
    return found is not None and found[0] == draft.revision


def _key(draft: Draft) -> str:
    return f"backtest|{draft.name}"


def _run(texts: Texts, draft: Draft, prepared: Prepared) -> None:
    days = first_and_last_day(session.store())
    since, until, button, menu = st.columns([1.2, 1.2, 1.4, 1], vertical_alignment="bottom", width=900)
    first: date | None = since.date_input(
        texts("bt.since"), days[0] if days else None, format="YYYY-MM-DD", key="bt_since"
    )
    last: date | None = until.date_input(
        texts("bt.until"), days[1] if days else None, format="YYYY-MM-DD", key="bt_until"
    )
    ran = _key(draft) in st.session_state
    if button.button(texts("bt.again" if ran else "bt.run"), type="primary", width="stretch"):
        _compare(texts, draft, prepared, CallFilter(since=first, until=last))
    if _key(draft) in st.session_state:
        made = st.session_state[_key(draft)][1]
        with menu:
            export_menu(texts, "backtest", lambda: backtest_view.report(made, draft.name, texts))


def _compare(texts: Texts, draft: Draft, prepared: Prepared, calls: CallFilter) -> None:
    with st.spinner(texts("bt.running"), show_time=True):
        try:
            made = backtest(session.store(), get_settings(), prepared.before, prepared.rulebook, calls)
        except UsageError as error:
            st.error(str(error))
            return
    st.session_state[_key(draft)] = (draft.revision, made)


def _result(texts: Texts, made: Backtest) -> None:
    st.caption(texts("bt.done", calls=f"{made.calls:,}", examined=f"{made.examined:,}", seconds=made.seconds))
    _figures(texts, made)
    if not (made.counts.flags_gained or made.counts.flags_lost):
        st.info(texts("bt.none"))
    left, right = st.columns([3, 2], border=True)
    with left:
        st.segmented_control(
            texts("bt.how"),
            _CUTS,
            default=_CUTS[0],
            format_func=lambda c: texts(f"bt.{c}"),
            key="bt_cut",
            required=True,
            label_visibility="collapsed",
        )
        rows = backtest_view.rows(made, st.session_state.bt_cut or _CUTS[0])
        st.vega_lite_chart(backtest_view.chart(rows, texts))
    with right:
        st.markdown(f"**{texts('bt.precision')}**")
        st.dataframe([backtest_view.precision_row(rule, texts) for rule in made.rules], hide_index=True)
    _samples(texts, made)


def _figures(texts: Texts, made: Backtest) -> None:
    counts, load = made.counts, made.workload
    how = texts("bt.measured", n=load.minutes_a_verdict) if load.measured else texts("bt.assumed")
    minutes = texts("bt.minutes", n=load.minutes_a_day_after)
    more = load.minutes_a_day_after - load.minutes_a_day_before
    figures: tuple[tuple[str, str, str | None, str | None], ...] = (
        ("gained", f"{counts.flags_gained:,}", None, None),
        ("lost", f"{counts.flags_lost:,}", None, None),
        ("kept", f"{counts.flags_kept:,}", None, None),
        ("calls", f"{counts.calls_after:,}", f"{counts.calls_after - counts.calls_before:+,}", None),
        ("workload", minutes, f"{more:+.0f}", how),
    )
    for column, (name, value, change, help) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(
            texts(f"bt.{name}"), value, change, delta_color="off", border=True, help=help, height="stretch"
        )


def _samples(texts: Texts, made: Backtest) -> None:
    if not session.may(Permission.CALLS_SEE):
        return
    st.markdown(f"**{texts('bt.samples')}**")
    how = st.segmented_control(
        texts("bt.samples"),
        _HOW,
        default=_HOW[0],
        format_func=lambda h: (
            f"{texts(f'bt.{h}')}（{sum(s.how == h for r in made.rules for s in r.samples)}）"
        ),
        key="bt_how",
        required=True,
        label_visibility="collapsed",
    )
    clips = [
        _clip(rule, sample, texts) for rule in made.rules for sample in rule.samples if sample.how == how
    ]
    if clips:
        show_clips(texts, "bt_clips", clips)
    else:
        st.caption(texts("bt.none"))


def _clip(rule: RuleBacktest, sample: Sample, texts: Texts) -> Clip:
    about = f"{mask_phones(sample.name)} · {texts.get(f'role.{sample.role}', sample.role)}"
    return Clip(sample.recording_id, sample.start, sample.end, rule.title, about, sample.quote, rule.title)
