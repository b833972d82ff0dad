"""The keys of a detection that say what to find → finders."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast, get_args

from ..transcribe.types import Role
from .entities import KINDS
from .fold import fold
from .patterns import PatternError, compile_pattern, expand
from .reader import Fields
from .rule import (
    Amount,
    CallData,
    Comparison,
    Entities,
    Finder,
    Interruptions,
    Keywords,
    Patterns,
    Rate,
    Repeats,
    Silence,
    Similar,
    Speaks,
    Unit,
    Window,
)
from .sounds import Precision
from .terms import Term

Lists = Mapping[str, Sequence[str]]

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(chars?|utterances? apart|utterances?|s|%)\s*")
_UNITS: dict[str, Unit] = {
    "char": "chars",
    "utterance": "utterances",
    "utterance apart": "apart",
    "utterances apart": "apart",
}
_WHOLE: tuple[Unit, ...] = ("clause", "utterance", "call")
_ROLES = tuple(str(role) for role in Role)


def read_amount(fields: Fields, key: str, units: tuple[str, ...], default: str | None = None) -> Amount:
    """``6 chars``, ``2 utterances``, ``30 s``, ``10 %``, ``clause`` …; only ``units`` are allowed."""
    value = fields.raw(key, default)
    if value in _WHOLE and value in units:
        return Amount(1, value)
    match = _AMOUNT.fullmatch(str(value))
    unit = _UNITS.get(match[2], _UNITS.get(match[2].rstrip("s"), match[2])) if match else ""
    if not match or unit not in units:
        fields.problem(f"'{key}' must be an amount in {', '.join(units)} (as in '6 {units[0]}')", key)
        return Amount(0, cast(Unit, units[0]))
    return Amount(float(match[1]), cast(Unit, unit))


def read_role(fields: Fields, key: str) -> Role | None:
    value = fields.raw(key)
    if value is None or value == "any":
        return None
    if value not in _ROLES:
        fields.problem(f"'{key}' is '{value}'; it must be one of any, {', '.join(_ROLES)}", key)
        return None
    return Role(value)


def read_window(fields: Fields) -> Window:
    counted = ("utterances", "s", "%")
    window = Window(
        first=read_amount(fields, "first", counted) if "first" in fields else None,
        last=read_amount(fields, "last", counted) if "last" in fields else None,
        start=_second(fields, "from"),
        end=_second(fields, "to"),
    )
    fields.done()
    return window


def _second(fields: Fields, key: str) -> float | None:
    value = fields.raw(key)
    if value is None or value == "end":
        return None
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*s?", str(value))
    if not match:
        fields.problem(f"'{key}' must be a time such as 30s, or end", key)
    return float(match[1]) if match else None


def read_patterns(fields: Fields, key: str, lists: Lists, precision: Precision) -> tuple[str, ...]:
    """Expressions with their list references expanded, each tried before it is taken."""
    taken = []
    for number, source in enumerate(fields.texts(key)):
        try:
            expanded = expand(source, lists)
            compile_pattern(expanded, precision)
            taken.append(expanded)
        except PatternError as error:
            fields.problem(f"'{source}': {error}", key, number)
    return tuple(taken)


def read_precision(fields: Fields) -> Precision:
    return Precision(fields.choice("match", tuple(str(p) for p in Precision), "exact"))


def _keywords(fields: Fields, lists: Lists) -> Finder:
    terms = list(fields.texts("terms"))
    for number, name in enumerate(fields.texts("lists")):
        if name not in lists:
            fields.problem(f"there is no list '{name}'", "lists", number)
        terms += lists.get(name, ())
    for term in terms:
        if not fold(term):
            fields.problem(f"the term '{term}' has no character that can be matched", "terms")
    precision, short_sounds, boundary = (
        read_precision(fields),
        fields.flag("short_sounds"),
        fields.flag("boundary"),
    )
    return Keywords(
        tuple(Term(text, precision, short_sounds, boundary) for text in dict.fromkeys(terms)),
        precision,
        fields.whole("distinct", 1, low=1),
    )


def _patterns(fields: Fields, lists: Lists) -> Finder:
    precision = read_precision(fields)
    return Patterns(read_patterns(fields, "regex", lists, precision), precision)


def _similar(fields: Fields, lists: Lists) -> Finder:
    samples = fields.texts("similar")
    if len(samples) > 200:
        fields.problem("at most 200 samples", "similar")
    threshold = fields.number("threshold", 0.6, low=0.1)
    return Similar(samples, threshold, read_precision(fields))


def _entities(fields: Fields, lists: Lists) -> Finder:
    kinds = fields.texts("entity")
    for kind in kinds:
        if kind not in KINDS:
            fields.problem(f"'{kind}' is no entity; there are {', '.join(KINDS)}", "entity")
    return Entities(kinds)


def _silence(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("silence")
    longer = read_amount(inner, "longer", ("s",)).value
    if longer < 2:
        inner.problem("'longer' must be 2 s or more: shorter pauses are not measured", "longer")
    finder = Silence(longer, read_role(inner, "before"), read_role(inner, "after"))
    inner.done()
    return finder


def _rate(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("rate")
    over = inner.number("over", math.inf, low=1)
    under = inner.number("under", 0, low=0)
    finder = Rate(
        over if over < math.inf else None,
        under or None,
        inner.whole("min_chars", 20, low=1),
        inner.number("over_average", 0, low=0),
    )
    if finder.over is None and finder.under is None:
        inner.problem("'over' or 'under' is needed, in characters a minute")
    inner.done()
    return finder


def _interruption(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("interruption")
    finder = Interruptions(
        read_role(inner, "by") or Role.AGENT,
        read_amount(inner, "overlap", ("s",), "0.5 s").value,
        inner.whole("min_chars", 3, low=0),
        read_amount(inner, "delay", ("s",), "0 s").value,
    )
    inner.done()
    return finder


def _repeats(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("repeats")
    finder = Repeats(
        int(read_amount(inner, "within", ("utterances",), "5 utterances").value),
        inner.whole("times", 2, low=2),
        inner.whole("min_chars", 6, low=1),
        inner.number("threshold", 0.8, low=0.1),
    )
    inner.done()
    return finder


def _speaks(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("speaks")
    position = "last" if "last" in inner else "first"
    who = read_role(inner, position)
    if who is None:
        inner.problem("say first or last, and who")
    inner.done()
    return Speaks("last" if position == "last" else "first", who or Role.AGENT)


def _data(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("data")
    compare = inner.choice("compare", get_args(Comparison), "==")
    value: Any = inner.raw("value")
    if (compare in ("in", "not in")) != isinstance(value, list) or value is None:
        inner.problem(f"'value' does not go with '{compare}'", "value")
    finder = CallData(inner.text("field"), cast(Comparison, compare), value)
    inner.done()
    return finder


_READERS: dict[str, Callable[[Fields, Lists], Finder]] = {
    "terms": _keywords,
    "lists": _keywords,
    "regex": _patterns,
    "similar": _similar,
    "entity": _entities,
    "silence": _silence,
    "rate": _rate,
    "interruption": _interruption,
    "repeats": _repeats,
    "speaks": _speaks,
    "data": _data,
}


def read_finder(fields: Fields, lists: Lists) -> Finder:
    """The one finder of a detection; having none or several is a problem."""
    readers = {_READERS[key]: key for key in _READERS if key in fields}
    if len(readers) != 1:
        fields.problem(f"a detection needs exactly one of {', '.join(_READERS)}")
        for key in readers.values():
            fields.raw(key)
        return Keywords(())
    return next(iter(readers))(fields, lists)
