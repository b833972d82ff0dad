"""Page: reasons behind the trouble, who answers for them, and when they happen."""

from concurrent.futures import Future, ThreadPoolExecutor

import streamlit as st

from ..privacy.roles import Permission
from ..store.database import Store
from ..store.day_figures import Period
from ..store.heat import HeatCell, heat
from ..voice.causes import Cause, Causes, causes
from . import charts, links, session
from .day_view import call_filter
from .export_menu import export_menu
from .figure_links import Figures, of_causes, of_heat
from .filters import View
from .page_day import picked
from .period_bar import about, period_bar
from .reports import Report, Sheet
from .rule_names import RuleNames, names_for
from .texts import Texts

NO_TROUBLE = ("customer.praise",)
_SHOWN = 15
_TREND = {"rise": ":red[▲]", "fall": ":green[▼]", "steady": ":gray[→]"}


def causes_page() -> None:
    session.enter("causes")
    texts, store = session.texts(), session.store()
    controls, menu = st.columns([9, 1], vertical_alignment="bottom")
    with controls:
        period = period_bar(texts, store)
    if period is None or period.since is None or period.until is None:
        return
    names = names_for(store)
    cells = _cells(store, period)
    found = causes(
        store, period.since, period.until, departments(names), business=period.business, team=period.team,
        leave_out=NO_TROUBLE,
    )  # fmt: skip
    if not found.causes:
        st.info(texts("cause.none"))
        return
    with menu:
        export_menu(texts, "causes", lambda: _report(texts, found, names, about(period, texts)))
    linked = of_causes(found, period)
    st.caption(texts("cause.lead", calls=f"{found.calls:,}", before=f"{found.calls_before:,}"))
    links.see(st, texts, "cause_calls", linked["calls"])
    left, right = st.columns([3, 2], border=True)
    with left:
        _ranking(texts, found, names, linked)
    with right:
        st.markdown(f"**{texts('cause.departments')}**")
        rows = [(name or texts("cause.nobody"), weight) for name, _, weight in found.departments]
        st.vega_lite_chart(charts.weights(rows), key="cause_departments")
        _departments(texts, found, linked)
    _heat(texts, period, names, found, cells.result())
    links.follow()


def _cells(store: Store, period: Period) -> Future[list[HeatCell]]:
    """Counted while the rest of the page is made: over a month it takes longest."""
    chosen = st.session_state.get("cause_rule")
    beside = ThreadPoolExecutor(1)
    cells = beside.submit(heat, store, call_filter(period), (chosen,) if chosen else (), NO_TROUBLE)
    beside.shutdown(wait=False)
    return cells


def departments(names: RuleNames) -> dict[str, str]:
    """Rule → who answers for it, as the rulebook says."""
    rules = ((rule_id, names.rule(rule_id)) for rule_id in names.ids)
    return {rule_id: rule.outcome.department for rule_id, rule in rules if rule}


def _departments(texts: Texts, found: Causes, linked: Figures) -> None:
    """How many flags each answers for; a press opens the calls that have them."""
    with st.container(horizontal=True):
        for name, flags, _ in found.departments:
            label = f"{name or texts('cause.nobody')} {flags:,}"
            if st.button(label, key=f"department_{name}", type="tertiary", icon=":material/list:"):
                links.open_list(linked[f"department.{name}"].view)
                links.follow()


def _ranking(texts: Texts, found: Causes, names: RuleNames, linked: Figures) -> None:
    st.markdown(f"**{texts('cause.ranking')}**", help=texts("cause.help"))
    for place, cause in enumerate(found.causes[:_SHOWN]):
        words, hear, case = st.columns([6, 1, 1], vertical_alignment="center")
        words.markdown(_line(texts, place, cause, names))
        if hear.button(texts("cause.hear"), key=f"cause_{place}", width="stretch"):
            links.open_list(linked[f"cause.{cause.rule}"].view)
            links.follow()
        if session.may(Permission.CASES_WORK) and case.button(
            texts("cause.case"), key=f"case_{place}", width="stretch"
        ):
            links.open_page(
                "cases", View(), title=names.title(cause.rule), department=cause.department, call=""
            )
            links.follow()


def _line(texts: Texts, place: int, cause: Cause, names: RuleNames) -> str:
    level = texts(f"level.{cause.severity.value}")
    teams = "、".join(f"{team or texts('cause.nobody')} {n}" for team, n in cause.teams)
    facts = (level, cause.department, texts("cause.per_hundred", n=f"{cause.per_hundred:g}"), teams)
    return (
        f"{place + 1}. **{names.title(cause.rule)}** {cause.flags:,} {_TREND[cause.trend]} "
        f":gray[{texts('cause.before', n=cause.before)} · {' · '.join(filter(None, facts))}]"
    )


def _heat(texts: Texts, period: Period, names: RuleNames, found: Causes, cells: list[HeatCell]) -> None:
    with st.container(border=True):
        title, choose = st.columns([4, 2], vertical_alignment="center")
        title.markdown(f"**{texts('cause.heat')}**", help=texts("cause.heat_help"))
        rules = [cause.rule for cause in found.causes]
        chosen = choose.selectbox(
            texts("cause.rule"), rules, None, format_func=names.title, placeholder=texts("cause.all_rules"),
            label_visibility="collapsed", key="cause_rule",
        )  # fmt: skip
        if cells:
            flagged = of_heat(cells, period, [chosen] if chosen else rules)
            chart = charts.heat(cells, texts)
            st.vega_lite_chart(chart, key="cause_heat", on_select=lambda: _cell(flagged))
        else:
            st.caption(texts("cause.no_hours"))


def _cell(flagged: Figures) -> None:
    if cell := picked("cause_heat"):
        links.open_list(flagged[cell].view)


def _report(texts: Texts, found: Causes, names: RuleNames, title: str) -> Report:
    heads = ("ranking", "severity", "department", "flags", "before_head", "trend", "per_hundred_head")
    rows = tuple(
        (
            names.title(cause.rule),
            texts(f"level.{cause.severity.value}"),
            cause.department,
            cause.flags,
            cause.before,
            texts(f"cause.trend.{cause.trend}"),
            cause.per_hundred,
        )
        for cause in found.causes
    )
    columns = tuple(texts(f"cause.{head}") for head in heads)
    figures = ((texts("cause.calls"), f"{found.calls:,}"),)
    return Report(texts("nav.causes"), title, figures, (Sheet(texts("cause.ranking"), columns, rows),))
