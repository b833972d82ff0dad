"""What an SCA rule says of a call, read from its documentation and worked out sentence by sentence.

Independent of the importer and of the engine: conditions give the sentences they hit, in their range, about
their anchor; the rule is true or false.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Sentences = Sequence[tuple[str, str]]
"""Role (客服 or 客户) and text."""


def is_true(data: Mapping[str, Any], call: Sentences) -> bool:
    """Whether the (one) rule of ``data`` is true of the call."""
    conditions = {c["cid"]: c for c in data["conditions"]}
    names = set(re.findall(r"\w+", data["rules"][0]["lambda"]))
    truth = {name: _true(conditions[name], conditions, call) for name in names}
    source = re.sub(r"\w+", lambda m: str(truth[m[0]]), data["rules"][0]["lambda"])
    source = source.replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    return bool(eval(source, {"__builtins__": {}}))


def _true(condition: Mapping[str, Any], conditions: Mapping[str, Any], call: Sentences) -> bool:
    operator = condition["operators"][0]
    if _match_size(operator) == 0:
        return not _hits({**condition, "operators": [_any(operator)]}, conditions, call)
    if operator["param"].get("contextChatMatch"):
        words = {w for w in operator["param"]["keywords"] for i in _range(condition, call) if w in call[i][1]}
        return len(words) >= _match_size(operator)
    return bool(_hits(condition, conditions, call))


def _any(operator: Mapping[str, Any]) -> dict[str, Any]:
    return {**operator, "type": "HIT_ANY_KEYWORDS", "param": {**operator["param"], "keywordMatchSize": 1}}


def _match_size(operator: Mapping[str, Any]) -> int:
    usual = {"HIT_ANY_KEYWORDS": 1, "INCLUDE_KEYWORDS": -1}.get(operator["type"], 1)
    size = int(operator["param"].get("keywordMatchSize", usual))
    return len(operator["param"].get("keywords", ())) if size == -1 else size


def _said(operator: Mapping[str, Any], text: str) -> bool:
    param = operator["param"]
    if operator["type"] == "REGULAR_EXPRESSION":
        against = param.get("notRegex")
        return bool(re.search(param["regex"], text)) and not (against and re.search(against, text))
    return sum(word in text for word in param["keywords"]) >= _match_size(operator)


def _of_role(condition: Mapping[str, Any], call: Sentences) -> list[int]:
    role = condition["check_range"].get("role")
    return [i for i, (who, _) in enumerate(call) if role in (None, "", "所有", who)]


def _range(condition: Mapping[str, Any], call: Sentences) -> list[int]:
    return _slice(_of_role(condition, call), condition["check_range"].get("range"))


def _slice(places: list[int], span: Mapping[str, int] | None) -> list[int]:
    if not span:
        return places
    first, last = span["from"], span["to"]
    begin = first - 1 if first > 0 else max(0, len(places) + first)
    end = last if last > 0 else len(places) + last + 1
    return places[begin:end]


def _hits(condition: Mapping[str, Any], conditions: Mapping[str, Any], call: Sentences) -> list[int]:
    operator, anchor = condition["operators"][0], condition["check_range"].get("anchor")
    if not anchor:
        return [i for i in _range(condition, call) if _said(operator, call[i][1])]
    at = _hits(conditions[anchor["cid"]], conditions, call)
    time = anchor["hit_time"]
    chosen = at[time - 1 : time] if time > 0 else at
    found = [
        [i for i in _about(condition, anchor["location"], place, call) if _said(operator, call[i][1])]
        for place in chosen
    ]
    if time == 0 and not all(found):
        return []
    return sorted({i for each in found for i in each})


def _about(condition: Mapping[str, Any], location: str, place: int, call: Sentences) -> list[int]:
    mine, span = _of_role(condition, call), condition["check_range"].get("range")
    before, after = [i for i in mine if i < place], [i for i in mine if i > place]
    same = [i for i in mine if i == place]
    if location == "CURRENT":
        return same
    if location == "BEFORE":
        return _slice(before, span)
    if location == "AFTER":
        return _slice(after, span)
    first, last = (span["from"], span["to"]) if span else (-len(mine), len(mine))
    return [*(before[first:] if first else []), *same, *after[:last]]
