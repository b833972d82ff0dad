"""Where personal data lies in a line, so that its words can be shown without it."""

import re
from dataclasses import dataclass

_LABEL = re.compile(r"\[[^\[\]\s]{1,8}\]")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Characters ``first`` to ``last`` of a text, to be shown as ``label``."""

    first: int
    last: int
    label: str


def hidden_parts(text: str, redacted: str) -> list[Hidden] | None:
    """What the redacted text leaves out; None when it does not fit the text.

    >>> hidden_parts("电话12345，谢谢", "电话[号码]，谢谢")
    [Hidden(first=2, last=7, label='[号码]')]
    """
    if text == redacted:
        return []
    labels = _LABEL.findall(redacted)
    kept = _LABEL.split(redacted)
    found = re.fullmatch("(.+?)".join(map(re.escape, kept)), text, re.DOTALL)
    if found is None:
        return None
    return [Hidden(*found.span(n), label) for n, label in enumerate(labels, 1)]


def visible(text: str, first: int, last: int, hidden: list[Hidden]) -> str:
    """``text[first:last]`` with labels in place of what is hidden, each where its part begins."""
    shown, at = [], first
    for part in hidden:
        if part.last <= at or part.first >= last:
            continue
        shown.append(text[at : max(at, part.first)])
        if part.first >= first:
            shown.append(part.label)
        at = min(last, part.last)
    return "".join([*shown, text[at:last]])
