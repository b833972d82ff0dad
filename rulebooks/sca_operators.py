"""Operators of SCA → finders of the rule language, with what of them cannot be said in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .sca_read import Operator

Found = dict[str, Any]
"""The keys of a detection that say what to find."""


class CannotError(ValueError):
    """The operator has no equal in the rule language; the message says why."""


@dataclass(frozen=True, slots=True)
class Finder:
    """What to find: one detection, or several of which all must hold where ``together`` says."""

    detections: tuple[Found, ...]
    together: str = "call"
    """``utterance`` or ``clause``: the detections must hit in the same one."""
    negated: bool = False
    notes: tuple[str, ...] = ()


def to_finder(operator: Operator, role: str) -> Finder:
    """Raises CannotError."""
    if operator.type not in _OPERATORS:
        raise CannotError(f"operator type {operator.type} is not known here")
    return _OPERATORS[operator.type](operator.param, role)


def _keywords(least: int) -> Callable[[Mapping[str, Any], str], Finder]:
    def read(param: Mapping[str, Any], role: str) -> Finder:
        terms = [str(term) for term in param.get("keywords") or ()]
        synonyms = param.get("synonyms") or {}
        terms += [word for words in synonyms.values() for word in words if word not in terms]
        if not terms:
            raise CannotError("it has no keywords")
        given = param.get("keywordmatchsize")
        size = least if given is None else int(given)
        if synonyms and size not in (0, 1):
            raise CannotError("synonyms where several keywords are demanded")
        return _counted(terms, len(terms) if size == -1 else size, param)

    return read


def _counted(terms: Sequence[str], wanted: int, param: Mapping[str, Any]) -> Finder:
    times = int(param.get("threshold") or 0)
    found: Found = {"terms": list(terms)}
    if wanted == 0:
        return Finder((found,), negated=True)
    if times > 1:
        if wanted > 1:
            raise CannotError("a number of hits in all, of several keywords")
        return Finder(({**found, "at_least": times},))
    if wanted == 1:
        return Finder((found,))
    if param.get("contextchatmatch"):
        return Finder(({**found, "distinct": wanted},))
    if wanted < len(terms):
        raise CannotError(f"any {wanted} of {len(terms)} keywords within one sentence")
    each = tuple({"terms": [term]} for term in terms)
    return Finder(each, together="clause" if param.get("insentence") else "utterance")


def _regex(param: Mapping[str, Any], role: str) -> Finder:
    source = re.sub(r"^(?:\.\*)+|(?:\.\*)+$", "", str(param.get("regex") or ""))
    if not source:
        raise CannotError("it has no expression")
    found: Found = {"regex": [source]}
    if param.get("notregex"):
        found["unless"] = [re.sub(r"^(?:\.\*)+|(?:\.\*)+$", "", str(param["notregex"]))]
    notes = []
    if re.search(r"[，。！？、；：“”,!;\"\s]", source):
        notes.append("the expression names punctuation or spaces, which are not there when it is matched")
    return Finder((found,), notes=tuple(notes))


def _similar(param: Mapping[str, Any], role: str) -> Finder:
    samples = [str(s) for s in param.get("similarlysentences") or param.get("references") or ()]
    if not samples:
        raise CannotError("it has no sentences")
    share = float(param.get("score") or param.get("threshold") or 80)
    threshold = share / 100 if share > 1 else share
    note = "likeness is measured in another way (pairs of characters): try the threshold"
    return Finder(({"similar": samples[:200], "threshold": threshold},), notes=(note,))


def _repeats(param: Mapping[str, Any], role: str) -> Finder:
    back = int(param.get("from") or 0)
    found: Found = {
        "repeats": {
            "within": f"{back or 100000} utterances",
            "times": int(param.get("hittime") or 1) + 1,
            "min_chars": max(1, int(param.get("threshold") or 1)),
            "threshold": float(param.get("similaritythreshold") or 0.8),
        }
    }
    if param.get("excludes"):
        found["unless"] = [re.escape(str(text)) for text in param["excludes"]]
    note = "likeness is measured in another way (pairs of characters): try the threshold"
    return Finder((found,), notes=(note,))


def _silence(param: Mapping[str, Any], role: str) -> Finder:
    if str(param.get("compareoperator") or "gt") != "gt":
        raise CannotError("an answer that comes sooner than so many seconds")
    seconds = float(param.get("interval") or 0) / 1000
    if seconds < 2:
        raise CannotError("silence shorter than 2 s, which is not measured")
    silence: dict[str, Any] = {"longer": f"{seconds:g} s"}
    if role:
        silence["before"] = _SPEAKERS[role]
        if param.get("differentrole"):
            silence["after"] = _SPEAKERS["客户" if role == "客服" else "客服"]
    elif param.get("differentrole"):
        raise CannotError("silence between different speakers, whoever they are")
    return Finder(({"silence": silence},))


def _rate(param: Mapping[str, Any], role: str) -> Finder:
    speed = float(param.get("velocityinmint") or 0)
    if not speed:
        raise CannotError("it has no number of characters a minute")
    slower = str(param.get("compareoperator") or "gt") == "lt"
    if param.get("average"):
        if not role:
            raise CannotError("the average rate of both speakers together")
        name = f"{_SPEAKERS[role]}_chars_per_minute"
        return Finder(({"data": {"field": name, "compare": "<" if slower else ">", "value": speed}},))
    limit = {"under" if slower else "over": speed}
    return Finder(({"rate": {**limit, "min_chars": max(1, int(param.get("minwordsize") or 1))}},))


_SPEAKERS = {"客服": "agent", "客户": "customer"}
_OPERATORS: Mapping[str, Callable[[Mapping[str, Any], str], Finder]] = {
    "HIT_ANY_KEYWORDS": _keywords(1),
    "INCLUDE_KEYWORDS": _keywords(-1),
    "EXCLUDE_KEYWORDS": _keywords(0),
    "REGULAR_EXPRESSION": _regex,
    "SIMILAR_MATCH": _similar,
    "ADVANCED_REPEAT_DETECT": _repeats,
    "INTERVAL_GREATER": _silence,
    "SPEECH_SPEED_CHECK": _rate,
}
