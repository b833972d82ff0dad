"""Why a flag was raised, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from ..inspect.types import Flag
from .formats import length_text
from .texts import Texts

MOST_NAMES = 6


def why_text(flag: Flag, texts: Texts) -> str:
    """The flag's trace in words; its own English sentence when there is none or English is read."""
    if texts.language == "en" or not flag.trace:
        return flag.why
    if "missing" in flag.trace:
        return _missing(flag, flag.trace, texts)
    parts = [_evidence(flag, flag.trace, texts), *_truths(flag.trace, texts)]
    return "；".join(part for part in parts if part) or flag.why


def _missing(flag: Flag, trace: Mapping[str, Any], texts: Texts) -> str:
    first, last = length_text(flag.start), length_text(flag.end)
    searched = len(trace.get("searched", ()))
    return texts("why.missing", first=first, last=last, n=searched, name=trace["missing"])


def _evidence(flag: Flag, trace: Mapping[str, Any], texts: Texts) -> str:
    if flag.utterance is None:
        return texts("why.seconds", n=flag.end - flag.start)
    quotes = dict.fromkeys(str(found) for found in trace.get("found", ()) if found)
    return texts("why.found", quotes="".join(f"“{quote}”" for quote in quotes)) if quotes else ""


def _truths(trace: Mapping[str, Any], texts: Texts) -> list[str]:
    name, truths = trace.get("detection", ""), trace.get("truths", {})
    also = [other for other, true in truths.items() if true and other != name]
    without = [other for other, true in truths.items() if not true]
    return [
        texts("why.detection", name=name) if name else "",
        texts("why.also", names=_listed(also)) if also else "",
        texts("why.without", names=_listed(without)) if without else "",
    ]


def _listed(names: list[str]) -> str:
    return "、".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")
