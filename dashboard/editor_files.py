"""Editing step: choose a file of the draft, change it as form, grid or YAML, see at once what is wrong."""

import re
from typing import Any

import streamlit as st

from ..rulebooks.diff import users_of
from ..rulebooks.drafts import Draft
from ..rulebooks.texts import to_yaml
from . import editor_form, editor_try
from .components import text_editor
from .editor_session import go, save
from .editor_view import FileLine, checked, file_lines, list_parts, list_text, problems_in, split_cells
from .rule_forms import RuleForm, rule_of
from .rule_names import RuleNames
from .texts import Texts

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_EDITOR = "editor_code"
_MODES = {"rule": ("form", "yaml"), "list": ("grid", "yaml"), "scorecard": ("yaml",)}


def draw(texts: Texts, draft: Draft) -> None:
    lines = file_lines(draft)
    by_path = {line.path: line for line in lines}
    asked = st.query_params.get("file", "")
    file = by_path.get(asked) or next((line for line in lines if line.change), lines[0])
    _bar(texts, draft, lines, file)
    if file.change == "gone":
        return
    left, right = st.columns([11, 9], gap="medium")
    with left:
        _edit(texts, draft, file)
    with right:
        editor_try.draw(texts, draft, file)


def _bar(texts: Texts, draft: Draft, lines: list[FileLine], file: FileLine) -> None:
    labels = {line.path: _label(line, texts) for line in lines}
    which, mode, new, out = st.columns([4, 2.2, 1, 1.2], vertical_alignment="bottom")
    st.session_state.editor_file = file.path
    which.selectbox(
        texts("editor.file"),
        list(labels),
        format_func=labels.__getitem__,
        key="editor_file",
        on_change=lambda: go(file=st.session_state.editor_file, draft=draft.name, mode=None),
    )
    modes = _MODES[file.kind]
    st.session_state.editor_mode = _mode(file)
    if len(modes) > 1 and file.change != "gone":
        mode.segmented_control(
            texts("editor.mode"),
            modes,
            format_func=lambda m: texts(f"editor.mode.{m}"),
            key="editor_mode",
            required=True,
            on_change=lambda: go(file=file.path, mode=st.session_state.editor_mode),
        )
    with new.popover(texts("editor.new"), width="stretch"):
        _new(texts, draft)
    changed = file.change in ("changed", "gone")
    label = texts("editor.restore" if changed else "editor.remove")
    if out.button(label, width="stretch"):
        save(draft, {file.path: draft.base_files.get(file.path) if changed else None})
        st.rerun()


def _label(line: FileLine, texts: Texts) -> str:
    mark = f" · {texts(f'editor.change.{line.change}')}" if line.change else ""
    return f"{texts(f'editor.kind.{line.kind}')}{texts('colon')}{line.title} ({line.path}){mark}"


def _mode(file: FileLine) -> str:
    asked = st.query_params.get("mode", "")
    return asked if asked in _MODES[file.kind] else _MODES[file.kind][0]


def _edit(texts: Texts, draft: Draft, file: FileLine) -> None:
    text = draft.files[file.path]
    mode = _mode(file)
    if mode == "form" and not editor_form.draw(texts, draft, file.path):
        st.info(texts("editor.no_form"), icon=":material/code:")
        mode = "yaml"
    if mode == "grid" and not _grid(texts, draft, file, text):
        st.info(texts("editor.list_odd"), icon=":material/code:")
        mode = "yaml"
    if mode == "yaml":
        _code(texts, draft, file, text)
    else:
        _problems(texts, draft, file)


def _code(texts: Texts, draft: Draft, file: FileLine, text: str) -> None:
    key = f"{draft.name}|{file.path}"

    def changed() -> None:
        sent = _sent(key)
        if sent and sent.get("text") != text:
            save(draft, {file.path: str(sent["text"])})

    check = checked(draft.files, file.path)
    found = [
        {
            "line": p.line,
            "where": texts("editor.line", n=p.line) if p.file == file.path else f"{p.file}:{p.line}",
            "message": p.message,
            "here": p.file == file.path,
        }
        for p in problems_in(check)
    ]
    data: dict[str, Any] = {
        "key": key,
        "text": text,
        "saved": text,
        "turn": _sent(key).get("turn", 0),
        "problems": found,
        "texts": {
            "label": texts("editor.code"),
            "hint": texts("editor.code_hint"),
            "saved": texts("editor.saved"),
            "saving": texts("editor.saving"),
        },
    }
    text_editor(_EDITOR, data, changed)
    if not found:
        st.success(texts("editor.ok", n=len(check.tests)), icon=":material/check_circle:")


def _sent(key: str) -> dict[str, Any]:
    """What the browser sent last about this file; each message has the number of its turn."""
    sent = (st.session_state.get(_EDITOR) or {}).get("text")
    return sent if isinstance(sent, dict) and sent.get("key") == key else {}


def _problems(texts: Texts, draft: Draft, file: FileLine) -> None:
    check = checked(draft.files, file.path)
    if check.ok:
        st.success(texts("editor.ok", n=len(check.tests)), icon=":material/check_circle:")
        return
    st.error(texts("editor.problems", n=len(check.problems)))
    st.code("\n".join(check.problems), language=None, wrap_lines=True)


def _grid(texts: Texts, draft: Draft, file: FileLine, text: str) -> bool:
    """The list as a grid; False when it is no plain list."""
    try:
        description, terms = list_parts(text)
    except ValueError:
        return False
    key = f"grid|{draft.name}|{file.path}|{draft.revision}"
    about = st.text_input(texts("editor.list_description"), description, key=f"{key}|about")
    column = texts("editor.terms")
    edited = st.data_editor(
        {column: terms},
        num_rows="dynamic",
        key=key,
        height=min(560, 76 + 35 * len(terms)),
        width="stretch",
        column_config={column: st.column_config.TextColumn(required=True, width="large")},
    )
    st.caption(f"{texts('editor.terms_count', n=len(terms))} · {texts('editor.terms_hint')}")
    with st.popover(texts("editor.paste")):
        pasted = st.text_area(texts("editor.paste"), key=f"{key}|paste", label_visibility="collapsed")
        add = st.button(texts("editor.paste_add"), type="primary", key=f"{key}|add")
    wanted = split_cells(list(edited[column])) + (split_cells([pasted]) if add else [])
    if wanted != terms or about.strip() != description:
        made = list_text(text, about, wanted)
        if made != text:
            save(draft, {file.path: made})
            st.rerun()
    _used_by(texts, draft, file)
    return True


def _used_by(texts: Texts, draft: Draft, file: FileLine) -> None:
    rulebook = checked(draft.files, file.path).rulebook
    if rulebook is None:
        return
    names = RuleNames(rulebook)
    users = [
        names.title(rule) for rule in users_of(rulebook, file.path.split("/", 1)[1].removesuffix(".yaml"))
    ]
    said = texts("editor.list_used", names="、".join(users)) if users else texts("editor.list_unused")
    st.caption(said)


def _new(texts: Texts, draft: Draft) -> None:
    kind = st.segmented_control(
        texts("editor.new"),
        ("rule", "list"),
        default="rule",
        format_func=lambda k: texts(f"editor.new_{k}"),
        required=True,
        key="editor_new_kind",
        label_visibility="collapsed",
    )
    with st.form("editor_new", border=False):
        areas = sorted({path.split("/", 1)[0] for path in draft.files} - {"lists", "scorecards"})
        area = (
            st.selectbox(texts("editor.area"), areas, accept_new_options=True) if kind == "rule" else "lists"
        )
        name = st.text_input(texts("editor.name"), max_chars=60)
        title = st.text_input(texts("editor.title"), max_chars=80)
        if not st.form_submit_button(texts("editor.make"), type="primary"):
            return
    path = f"{area}/{name}.yaml"
    if not (_NAME.fullmatch(name) and _NAME.fullmatch(str(area))):
        st.error(texts("editor.name_bad"))
    elif path in draft.files:
        st.error(texts("editor.name_taken"))
    else:
        made = (
            rule_of(RuleForm(title or name, name)) if kind == "rule" else {"description": title, "terms": []}
        )
        save(draft, {path: to_yaml(made)})
        go(draft=draft.name, file=path, step=None, mode=None)
        st.rerun()
