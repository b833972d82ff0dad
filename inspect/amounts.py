"""Amounts, windows and roles as they are written in rules."""

import re
from typing import cast

from ..transcribe.types import Role
from .reader import Fields
from .rule import Amount, Unit, Window

_AMOUNT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(chars?|words?|utterances? apart|utterances?|s|%)\s*")
_UNITS: dict[str, Unit] = {
    "char": "chars",
    "word": "words",
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
