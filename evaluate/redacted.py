"""Personal numbers that stayed in redacted text."""

import re
from dataclasses import dataclass

from .heard import Heard
from .speech import DIGITS
from .truth import Truth

NUMBERS = ("mobile", "id_card", "bank_card")
"""Kinds of personal data that are judged: numbers, which can be told without doubt."""
TAIL = 8
"""So many last digits of a number, if readable in a row, give it away; shorter numbers are not judged."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A number that redaction left readable."""

    call: str
    kind: str
    digits: str
    """The last digits, all but two hidden."""


def leaks(truth: Truth, call: Heard) -> tuple[int, tuple[Leak, ...]]:
    """How many personal numbers were judged, and which of them are still there."""
    text = _digits("".join(u.redacted for u in call.utterances))
    numbers = [(p.kind, _digits(p.quote)) for p in truth.personal if p.kind in NUMBERS]
    judged = [(kind, digits) for kind, digits in numbers if len(digits) >= TAIL]
    left = [Leak(truth.name, kind, "*" * (TAIL - 2) + d[-2:]) for kind, d in judged if d[-TAIL:] in text]
    return len(judged), tuple(left)


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text.translate(DIGITS))
