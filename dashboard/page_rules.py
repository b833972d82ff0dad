"""Page: the rulebook, to read."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from ..errors import RulebookError
from ..inspect.rulebook import Rulebook, load_rulebook
from ..settings import get_settings
from ..store.calls import CallFilter
from . import links, session
from .filters import View
from .rules_view import RuleLine, example_text, interval_text, rule_lines, table
from .texts import Texts

SHIPPED = Path(__file__).parent.parent / "rules"


def rules_page() -> None:
    texts = session.texts()
    try:
        rulebook = _read(get_settings().rulebook or SHIPPED)
    except RulebookError as error:
        st.error(texts("rules.broken"))
        st.code("\n".join(error.problems))
        return
    lines = rule_lines(session.store(), rulebook)
    st.text(f"{texts('rules.note')}　·　{rulebook.hash[:15]}")
    chosen = _grid(texts, lines)
    if chosen is None:
        st.info(texts("rules.choose"))
    else:
        _details(texts, chosen)
    links.follow()


@lru_cache(maxsize=4)
def _read(folder: Path) -> Rulebook:
    return load_rulebook(folder)


def _grid(texts: Texts, lines: list[RuleLine]) -> RuleLine | None:
    picked = st.dataframe(
        table(lines, texts),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=420,
        column_config={
            texts("rules.precision"): st.column_config.ProgressColumn(
                format="%.0f%%", min_value=0, max_value=100
            )
        },
    )
    rows = picked["selection"]["rows"]
    return lines[rows[0]] if rows and rows[0] < len(lines) else None


def _details(texts: Texts, line: RuleLine) -> None:
    rule = line.rule
    st.subheader(rule.title)
    level = texts(f"level.{rule.level.value}")
    fatal = f" · {texts('rules.fatal')}" if rule.outcome.fatal else ""
    life = f"{texts('rules.status')} {texts(f'life.{rule.status.value}')}"
    st.caption(f"{rule.id} v{rule.version} · {level}{fatal} · {life}")
    st.text(rule.description)
    if line.precision.judged:
        share, span = line.precision.value or 0.0, interval_text(line.precision)
        judged = f"{texts('rules.judged')} {line.precision.judged}"
        st.text(f"{texts('rules.precision')} {100 * share:.0f}%（{span}，{judged}）")
    if rule.falsepositives:
        st.text(f"{texts('rules.falsepositives')}：{'；'.join(rule.falsepositives)}")
    if st.button(texts("rules.see_calls"), icon=":material/call:"):
        links.open_list(View(CallFilter(rule=(rule.id,))))
        links.follow()
    st.markdown(f"**{texts('rules.examples')}**")
    for test in rule.tests:
        name, must, turns = example_text(test, texts)
        st.text(f"{must}｜{name}\n" + "\n".join(f"    {turn}" for turn in turns))
