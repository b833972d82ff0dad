"""The keys of a detection about how the call went → finders."""

import math
from typing import Any, cast, get_args

from ..transcribe.types import Role
from .amounts import read_amount, read_role
from .arithmetic import ArithmeticProblem, Formula, read_formula
from .reader import Fields
from .rule import (
    CallData,
    Comparison,
    Finder,
    Hangup,
    Interruptions,
    Loudness,
    Rate,
    Response,
    Silence,
    Speaks,
)


def read_silence(fields: Fields) -> Finder:
    inner = fields.child("silence")
    longer = read_amount(inner, "longer", ("s",)).value
    if longer < 2:
        inner.problem("'longer' must be 2 s or more: shorter pauses are not measured", "longer")
    finder = Silence(longer, read_role(inner, "before"), read_role(inner, "after"))
    inner.done()
    return finder


def read_response(fields: Fields) -> Finder:
    inner = fields.child("response")
    finder = Response(read_amount(inner, "longer", ("s",)).value, read_role(inner, "by"))
    inner.done()
    return finder


def read_hangup(fields: Fields) -> Finder:
    inner = fields.child("hangup")
    finder = Hangup(_seconds(inner, "longer"), _seconds(inner, "shorter"), read_role(inner, "last"))
    if finder.longer is None and finder.shorter is None:
        inner.problem("'longer' or 'shorter' is needed, in seconds")
    inner.done()
    return finder


def _seconds(fields: Fields, key: str) -> float | None:
    return read_amount(fields, key, ("s",)).value if key in fields else None


def read_loudness(fields: Fields) -> Finder:
    inner = fields.child("loudness")
    finder = Loudness(
        over=_number(inner, "over"),
        under=_number(inner, "under"),
        change=_number(inner, "change"),
        against=cast(Any, inner.choice("against", ("previous", "other", "average"), "previous")),
        span=inner.whole("span", 1, low=1),
    )
    if finder.over is None and finder.under is None and finder.change is None:
        inner.problem("'over', 'under' (dBFS) or 'change' (dB) is needed")
    inner.done()
    return finder


def _number(fields: Fields, key: str) -> float | None:
    return fields.number(key) if key in fields else None


def read_rate(fields: Fields) -> Finder:
    inner = fields.child("rate")
    over = inner.number("over", math.inf, low=1)
    under = inner.number("under", 0, low=0)
    finder = Rate(
        over if over < math.inf else None,
        under or None,
        inner.whole("min_chars", 20, low=1),
        inner.number("over_average", 0, low=0),
        inner.flag("average"),
    )
    if finder.over is None and finder.under is None:
        inner.problem("'over' or 'under' is needed, in characters a minute")
    inner.done()
    return finder


def read_interruption(fields: Fields) -> Finder:
    inner = fields.child("interruption")
    finder = Interruptions(
        read_role(inner, "by") if "by" in inner else Role.AGENT,
        read_amount(inner, "overlap", ("s",), "0.5 s").value,
        inner.whole("min_chars", 3, low=0),
        read_amount(inner, "delay", ("s",), "0 s").value,
    )
    inner.done()
    return finder


def read_speaks(fields: Fields) -> Finder:
    inner = fields.child("speaks")
    if "at" in inner:
        at, who = inner.whole("at"), read_role(inner, "who")
        if at == 0:
            inner.problem("'at' counts from 1, or from -1 at the end", "at")
        finder = Speaks(at, who or Role.AGENT)
    else:
        position = "last" if "last" in inner else "first"
        who = read_role(inner, position)
        finder = Speaks("last" if position == "last" else "first", who or Role.AGENT)
    if who is None:
        inner.problem("say first or last and who, or 'at' and 'who'")
    inner.done()
    return finder


def read_data(fields: Fields) -> Finder:
    inner = fields.child("data")
    compare = inner.choice("compare", get_args(Comparison), "==")
    formula = _formula(inner, "compute")
    limit = _formula(inner, "limit")
    value: Any = inner.raw("value")
    if limit is not None and (compare not in ("==", "!=", "<", "<=", ">", ">=") or value is not None):
        inner.problem("'limit' stands in the place of 'value', with a comparison of numbers", "limit")
    elif limit is None and ((compare in ("in", "not in")) != isinstance(value, list) or value is None):
        inner.problem(f"'value' does not go with '{compare}'", "value")
    name = formula.source if formula and "field" not in inner else inner.text("field")
    finder = CallData(name, cast(Comparison, compare), value, formula, limit)
    inner.done()
    return finder


def _formula(fields: Fields, key: str) -> Formula | None:
    if key not in fields:
        return None
    try:
        return read_formula(fields.text(key))
    except ArithmeticProblem as problem:
        fields.problem(str(problem), key)
        return None
