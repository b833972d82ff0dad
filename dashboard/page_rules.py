"""Page: the rulebook in force, every rule with how it does."""

import streamlit as st

from ..errors import RulebookError
from ..privacy.roles import Permission
from ..review.rule_history import version_records
from ..rulebooks.current import effective_rulebook
from ..rulebooks.texts import rule_path
from ..settings import get_settings
from ..store.calls import CallFilter
from ..store.rule_verdicts import rule_verdicts
from . import links, session
from .export_menu import export_menu
from .filters import View
from .reports import Report, Sheet
from .rules_view import RuleLine, drift_text, example_text, rule_lines, table, version_rows
from .texts import Texts


def rules_page() -> None:
    session.enter("rules")
    texts = session.texts()
    try:
        rulebook = effective_rulebook(session.whole_store(), get_settings())
    except RulebookError as error:
        st.error(texts("rules.broken"))
        st.code("\n".join(error.problems))
        return
    lines = rule_lines(session.store(), rulebook)
    heading, menu = st.columns([9, 1], vertical_alignment="center")
    heading.text(texts("rules.source", name=rulebook.hash[:15]))
    with menu:
        export_menu(texts, "rules", lambda: _report(lines, texts))
    chosen = _grid(texts, lines)
    if chosen is None:
        st.info(texts("rules.choose"))
    else:
        _details(texts, chosen)
    links.follow()


def _grid(texts: Texts, lines: list[RuleLine]) -> RuleLine | None:
    picked = st.dataframe(
        table(lines, texts),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=420,
        key="rules_grid",
        column_config={
            texts("rules.precision"): st.column_config.ProgressColumn(
                format="%.0f%%", min_value=0, max_value=100
            )
        },
    )
    rows = picked["selection"]["rows"]
    if rows and rows[0] < len(lines):
        return lines[rows[0]]
    asked = st.query_params.get("one", "")
    return next((line for line in lines if line.rule.id == asked), None)


def _details(texts: Texts, line: RuleLine) -> None:
    rule = line.rule
    heading, calls, edit = st.columns([6, 1.4, 1.4], vertical_alignment="center")
    heading.subheader(rule.title, anchor=False)
    if calls.button(texts("rules.see_calls"), icon=":material/call:", width="stretch"):
        links.open_list(View(CallFilter(rule=(rule.id,))))
        links.follow()
    if session.may(Permission.RULES_EDIT) and edit.button(
        texts("rules.edit"), icon=":material/edit:", type="primary", width="stretch"
    ):
        links.open_page("editor", View(), file=rule_path(rule.id))
        links.follow()
    level = texts(f"level.{rule.level.value}")
    fatal = f" · {texts('rules.fatal')}" if rule.outcome.fatal else ""
    life = f"{texts('rules.status')} {texts(f'life.{rule.status.value}')}"
    st.caption(f"{rule.id} v{rule.version} · {level}{fatal} · {life}")
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.text(rule.description)
        if rule.falsepositives:
            st.text(f"{texts('rules.falsepositives')}{texts('colon')}{'；'.join(rule.falsepositives)}")
        _record(texts, rule.id)
    with right:
        st.markdown(f"**{texts('rules.examples')}**")
        for test in rule.tests:
            name, must, turns = example_text(test, texts)
            st.text(f"{must}｜{name}\n" + "\n".join(f"    {turn}" for turn in turns))


def _record(texts: Texts, rule: str) -> None:
    records = version_records(rule_verdicts(session.store(), rule))
    if not records:
        return
    st.markdown(f"**{texts('record.versions')}**", help=texts("record.help"))
    if any(record.drift and record.drift.worse for record in records[:1]):
        st.warning(drift_text(records[0], texts), icon=":material/trending_down:")
    st.dataframe(
        version_rows(records, texts),
        hide_index=True,
        column_config={
            texts("rules.precision"): st.column_config.ProgressColumn(
                format="%.0f%%", min_value=0, max_value=100
            )
        },
    )


def _report(lines: list[RuleLine], texts: Texts) -> Report:
    rows = table(lines, texts)
    heads = tuple(rows[0]) if rows else ("–",)
    sheet = Sheet(texts("nav.rules"), heads, tuple(tuple(row.values()) for row in rows), None)
    return Report(texts("nav.rules"), "", (), (sheet,))
