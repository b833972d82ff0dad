"""A rule as a form: fields for its shape, and the YAML they mean."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st
import yaml

from ..inspect.entities import KINDS
from ..inspect.rule import Status
from ..inspect.sounds import Precision
from ..inspect.types import Level
from ..rulebooks.drafts import Draft
from ..rulebooks.texts import to_yaml
from .editor_session import save
from .rule_forms import (
    ABOUT_SOUND,
    NEAR_UNITS,
    SHAPES,
    UNITS,
    WITH_TERMS,
    RuleForm,
    form_of,
    rule_of,
)
from .texts import Texts

_SPEAKERS = ("agent", "customer", "any")
_FRESH: dict[str, dict[str, Any]] = {
    "near": {"other_terms": ()},
    "silence": {"seconds": 8.0},
    "interruption": {"seconds": 0.5},
}


def draw(texts: Texts, draft: Draft, path: str) -> bool:
    """Draw the form; False when the rule says more than a form can."""
    form = _form(draft.files[path])
    if form is None:
        return False
    key = f"form|{draft.name}|{path}|{draft.revision}"
    shape = st.selectbox(
        texts("form.shape"),
        SHAPES,
        SHAPES.index(form.shape),
        format_func=lambda s: texts(f"shape.{s}"),
        key=f"{key}|shape",
    )
    if shape != form.shape:
        form = replace(form, shape=shape, **_FRESH.get(shape, {}))
    with st.form(key, border=True):
        made = _fields(texts, form, _lists(draft))
        st.caption(texts("editor.form_hint"))
        if st.form_submit_button(texts("form.save"), type="primary", width="stretch"):
            save(draft, {path: to_yaml(rule_of(made))})
            st.rerun()
    return True


def _form(text: str) -> RuleForm | None:
    try:
        return form_of(yaml.safe_load(text))
    except yaml.YAMLError:
        return None


def _lists(draft: Draft) -> list[str]:
    return [path[6:-5] for path in draft.files if path.startswith("lists/")]


def _fields(texts: Texts, form: RuleForm, lists: Sequence[str]) -> RuleForm:
    form = _head(texts, form)
    if form.shape in WITH_TERMS:
        form = _words(texts, form, lists)
    if form.shape in ("near", "without"):
        form = _beside(texts, form, lists)
    if form.shape == "regex":
        form = replace(form, patterns=_lines(texts("form.patterns"), form.patterns))
    if form.shape == "entity":
        label = texts("form.entities")
        chosen = st.multiselect(
            label,
            KINDS,
            form.entities,
            format_func=lambda k: texts(f"entity.{k}"),
            placeholder=texts("form.choose"),
        )
        form = replace(form, entities=tuple(chosen))
    if form.shape in ("silence", "interruption"):
        form = replace(form, seconds=st.number_input(texts("form.seconds"), 0.1, 600.0, float(form.seconds)))
    if form.shape == "rate":
        form = replace(form, rate=st.number_input(texts("form.rate"), 1.0, 2000.0, float(form.rate)))
    if form.shape not in ABOUT_SOUND and form.shape != "entity":
        form = _exactness(texts, form)
    return _outcome(texts, form)


def _head(texts: Texts, form: RuleForm) -> RuleForm:
    title, level, status = st.columns([3, 1.2, 1.2])
    who, part, amount, unit = st.columns([1.2, 1.2, 1, 1])
    levels, states = [level.value for level in Level], [status.value for status in Status]
    form = replace(
        form,
        title=title.text_input(texts("editor.title"), form.title),
        level=_choice(level, texts, "form.level", levels, form.level, "level"),
        status=_choice(status, texts, "form.status", states, form.status, "life"),
        speaker=_choice(who, texts, "form.speaker", _SPEAKERS, form.speaker, "role"),
    )
    if form.shape in ABOUT_SOUND:
        return form
    return replace(
        form,
        part=_choice(part, texts, "form.part", ("whole", "first", "last"), form.part, "part"),
        part_amount=amount.number_input(texts("form.amount"), 1.0, 3600.0, float(form.part_amount)),
        part_unit=_choice(unit, texts, "form.unit", UNITS, form.part_unit, "unit"),
    )


def _words(texts: Texts, form: RuleForm, lists: Sequence[str]) -> RuleForm:
    terms = _lines(texts("form.terms"), form.terms)
    chosen = st.multiselect(
        texts("form.lists"), sorted({*lists, *form.lists}), form.lists, placeholder=texts("form.choose")
    )
    return replace(form, terms=terms, lists=tuple(chosen))


def _beside(texts: Texts, form: RuleForm, lists: Sequence[str]) -> RuleForm:
    terms = _lines(texts("form.other_terms"), form.other_terms)
    label = texts("form.other_lists")
    known = sorted({*lists, *form.other_lists})
    chosen = st.multiselect(label, known, form.other_lists, placeholder=texts("form.choose"))
    who, within, unit, where = st.columns(4)
    places = ("before", "after", "around", "same")
    return replace(
        form,
        other_terms=terms,
        other_lists=tuple(chosen),
        other_speaker=_choice(who, texts, "form.other_speaker", _SPEAKERS, form.other_speaker, "role"),
        within=within.number_input(texts("form.within"), 1.0, 3600.0, float(form.within)),
        within_unit=_choice(unit, texts, "form.unit", NEAR_UNITS, form.within_unit, "unit"),
        where=_choice(where, texts, "form.where", places, form.where, "where"),
    )


def _exactness(texts: Texts, form: RuleForm) -> RuleForm:
    kinds = [kind.value for kind in Precision]
    match = _choice(st, texts, "form.match", kinds, form.match, "precision")
    return replace(form, match=match, except_for=_lines(texts("form.except_for"), form.except_for))


def _outcome(texts: Texts, form: RuleForm) -> RuleForm:
    description = st.text_area(texts("form.description"), form.description, height=70)
    message, points, department, fatal = st.columns([3, 1, 1.4, 1], vertical_alignment="bottom")
    return replace(
        form,
        description=description.strip(),
        message=message.text_input(texts("form.message"), form.message).strip(),
        points=int(points.number_input(texts("form.points"), -100, 0, min(0, form.points))),
        department=department.text_input(texts("form.department"), form.department).strip(),
        fatal=fatal.checkbox(texts("form.fatal"), form.fatal),
        falsepositives=_lines(texts("form.falsepositives"), form.falsepositives),
    )


def _choice(place: Any, texts: Texts, label: str, options: Sequence[str], now: str, family: str) -> Any:
    known = list(dict.fromkeys([*options, now]))
    return place.selectbox(
        texts(label), known, known.index(now), format_func=lambda o: texts.get(f"{family}.{o}", o)
    )


def _lines(label: str, now: Sequence[str]) -> tuple[str, ...]:
    text = st.text_area(label, "\n".join(now), height=110)
    return tuple(line.strip() for line in text.splitlines() if line.strip())
