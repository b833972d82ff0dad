"""The test panel beside the editor: pasted turns, a stored call, the rule's own tests, verdicts."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ..errors import UsageError
from ..inspect.rulebook import Rulebook
from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..rulebooks.diff import users_of
from ..rulebooks.drafts import Draft
from ..rulebooks.texts import is_rule, rule_id
from ..store.call import StoredCall, get_call
from ..store.calls import CallFilter, list_calls
from ..store.rule_verdicts import RuleVerdict, rule_verdicts, with_calls
from . import session
from .clips import Clip, show_clips
from .editor_session import save
from .editor_view import (
    FileLine,
    Trial,
    checked,
    parse_turns,
    test_from_verdict,
    try_transcript,
    try_turns,
    with_test,
)
from .formats import length_text, local_time
from .rule_names import RuleNames
from .texts import Texts

_TABS = ("turns", "call", "tests", "verdicts")
MOST_VERDICTS = 60


def draw(texts: Texts, draft: Draft, file: FileLine) -> None:
    st.markdown(f"**{texts('try.panel')}**")
    rulebook = checked(draft.files, file.path).rulebook
    if rulebook is None:
        st.info(texts("try.broken"))
        return
    rule = _rule(texts, rulebook, file.path)
    if rule is None:
        return
    tab = st.segmented_control(
        texts("try.panel"),
        _TABS,
        default=_TABS[0],
        format_func=lambda t: texts(f"try.{t}"),
        key="try_tab",
        required=True,
        label_visibility="collapsed",
    )
    path = rule.replace(".", "/", 1) + ".yaml"
    drawn = {"turns": _turns, "call": _call, "tests": _tests, "verdicts": _verdicts}[tab or _TABS[0]]
    drawn(texts, draft, rulebook, rule, path)


def _rule(texts: Texts, rulebook: Rulebook, path: str) -> str | None:
    """The rule to try: the file itself, or one that uses the list."""
    if is_rule(path):
        return rule_id(path)
    users = users_of(rulebook, path.split("/", 1)[1].removesuffix(".yaml"))
    names = RuleNames(rulebook)
    if not users:
        return None
    chosen: str = st.selectbox(texts("editor.kind.rule"), users, format_func=names.title, key="try_rule")
    return chosen


def _turns(texts: Texts, draft: Draft, rulebook: Rulebook, rule: str, path: str) -> None:
    text = st.text_area(
        texts("try.turns_label"), placeholder=texts("try.hint"), height=150, key="try_turns", max_chars=20_000
    )
    turns = parse_turns(text)
    if not turns:
        return
    trial = try_turns(rulebook, rule, turns)
    _shown(texts, trial)
    with st.form("try_keep", border=False):
        name = st.text_input(texts("try.test_name"), turns[-1][next(iter(turns[-1]))][:20])
        if st.form_submit_button(texts("try.make_test")):
            expect = [{"turn": f.turn} | ({"quote": f.quote} if f.quote else {}) for f in trial.found]
            kept = [item if item["turn"] is not None else {} for item in expect]
            _keep(texts, draft, path, {"name": name, "turns": turns, "expect": kept})


def _keep(texts: Texts, draft: Draft, path: str, test: Mapping[str, Any]) -> None:
    if save(draft, {path: with_test(draft.files[path], test)}):
        st.session_state.editor_said = texts("try.test_added")
    st.rerun()


def _shown(texts: Texts, trial: Trial) -> None:
    if trial.found:
        st.success(texts("try.hit", n=len(trial.found)), icon=":material/flag:")
    else:
        st.info(texts("try.no_hit"), icon=":material/outlined_flag:")
    for found in trial.found:
        st.text(f"▸ “{found.quote}” · {length_text(found.start)}\n   {found.why}")
    with st.expander(texts("try.trace")):
        st.code(trial.trace, language=None, wrap_lines=True)


def _call(texts: Texts, draft: Draft, rulebook: Rulebook, rule: str, path: str) -> None:
    if not session.may(Permission.CALLS_SEE):
        return
    asked = st.text_input(texts("try.call_label"), st.query_params.get("call", ""), key="try_call").strip()
    if not asked:
        return
    call = _find(asked)
    if call is None:
        st.warning(texts("try.no_call"))
        return
    if call.transcript is None:
        st.warning(texts("try.no_transcript"))
        return
    trial = try_transcript(rulebook, rule, call.transcript, dict(call.row.call_data))
    title = mask_phones(call.row.call_id or call.row.name)
    if trial.found:
        clips = [Clip(call.row.id, f.start, f.end, title, f.why, f.quote) for f in trial.found]
        st.success(texts("try.hit", n=len(trial.found)), icon=":material/flag:")
        show_clips(texts, "try_clips", clips)
        with st.expander(texts("try.trace")):
            st.code(trial.trace, language=None, wrap_lines=True)
    else:
        _shown(texts, trial)


def _find(asked: str) -> StoredCall | None:
    store = session.store()
    if asked.isascii() and asked.isdigit() and len(asked) < 12:
        try:
            return get_call(store, int(asked))
        except UsageError:
            pass
    rows = list_calls(store, CallFilter(name=asked), limit=1).rows
    return get_call(store, rows[0].id) if rows else None


def _tests(texts: Texts, draft: Draft, rulebook: Rulebook, rule: str, path: str) -> None:
    results = [r for r in checked(draft.files, path).tests if r.rule == rule]
    if not results:
        st.caption(texts("try.no_tests"))
        return
    st.dataframe(
        [
            {
                texts("try.result"): texts("try.passed" if r.passed else "try.failed"),
                texts("try.test_name"): r.name,
                texts("day.details"): r.problem,
            }
            for r in sorted(results, key=lambda r: r.passed)
        ],
        hide_index=True,
        height=min(460, 38 + 35 * len(results)),
    )


def _verdicts(texts: Texts, draft: Draft, rulebook: Rulebook, rule: str, path: str) -> None:
    st.caption(texts("try.verdict_help"))
    if not session.may(Permission.CALLS_SEE):
        return
    newest = rule_verdicts(session.store(), rule)[-MOST_VERDICTS:]
    found = [v for v in with_calls(session.store(), newest) if v.entry.verdict != "unsure"][::-1]
    if not found:
        st.caption(texts("try.no_verdicts"))
        return
    labels = [_label(one, texts) for one in found]
    number = st.selectbox(
        texts("try.choose_verdict"), range(len(found)), format_func=labels.__getitem__, key="try_verdict"
    )
    one = found[number]
    entry, who = one.entry, mask_phones(one.name)
    clip = Clip(one.recording_id or 0, entry.start, entry.end, who, labels[number], entry.quote)
    show_clips(texts, "try_verdict_clip", [clip])
    if st.button(texts("try.from_verdict"), type="primary"):
        _from_verdict(texts, draft, path, one)


def _label(one: RuleVerdict, texts: Texts) -> str:
    entry = one.entry
    comment = f" · {entry.comment}" if entry.comment else ""
    at = f"{local_time(entry.created_at):%m-%d %H:%M}"
    return f"{texts(f'verdict.{entry.verdict}')} · {mask_phones(one.name)} · {entry.reviewer} {at}{comment}"


def _from_verdict(texts: Texts, draft: Draft, path: str, one: RuleVerdict) -> None:
    entry = one.entry
    try:
        call = get_call(session.store(), one.recording_id or 0)
        test = test_from_verdict(
            call, start=entry.start, end=entry.end, quote=entry.quote, verdict=entry.verdict, texts=texts
        )
    except (UsageError, ValueError):
        st.warning(texts("try.verdict_lost"))
        return
    _keep(texts, draft, path, test)
