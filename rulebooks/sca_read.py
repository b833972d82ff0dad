"""Rules of Alibaba Cloud SCA (智能对话分析) as its interface gives and takes them: JSON → values.

Read from the public documentation of UploadRule, GetRule and the operator objects, 2026-11. Keys are taken
in lower or upper camel case or with underscores (``check_range``, ``Check_range``, ``CheckRange``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class Operator:
    id: str
    type: str
    name: str
    param: Mapping[str, Any]
    """Keys in lower case without underscores."""


@dataclass(frozen=True, slots=True)
class Anchor:
    condition: str
    location: str
    """BEFORE, AFTER, AROUND or CURRENT."""
    hit_time: int
    """From 1: that hit of the anchor; 0: every hit; -1: any."""


@dataclass(frozen=True, slots=True)
class Condition:
    id: str
    role: str
    """客服, 客户, or empty for all."""
    operators: tuple[Operator, ...]
    expression: str
    """Of operator ids: ``1&&!2``."""
    anchor: Anchor | None = None
    range: tuple[int, int] | None = None
    """First and last sentence that is searched, from 1; from the end from -1. None: all."""
    unread: tuple[str, ...] = ()
    """Keys that mean something and are not understood."""


@dataclass(frozen=True, slots=True)
class ScaRule:
    id: str
    name: str
    expression: str
    """Of condition ids."""
    score: int | None = None
    comment: str = ""
    conditions: Mapping[str, Condition] = field(default_factory=dict)


_ROLES = {"客服": "客服", "agent": "客服", "1": "客服", "客户": "客户", "customer": "客户", "2": "客户"}
_LOCATIONS = {"BEFORE", "AFTER", "AROUND", "CURRENT"}


def read_sca(path: Path) -> list[ScaRule]:
    """The rules in the file. Raises UsageError when it is no rule JSON."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: no JSON that can be read ({error})") from error
    return parse_sca(data)


def parse_sca(data: Any) -> list[ScaRule]:
    """The rules of a request or an answer, however they are wrapped."""
    found = _unwrapped(data)
    if found is None:
        raise UsageError("no rules in it: 'conditions' and 'rules' are expected, as in UploadRule's JsonStr")
    conditions = {c.id: c for c in (_condition(_plain(one)) for one in found["conditions"])}
    return [_rule(_plain(one), conditions) for one in found["rules"]]


def _unwrapped(data: Any) -> Mapping[str, Any] | None:
    if isinstance(data, str):
        try:
            return _unwrapped(json.loads(data))
        except ValueError:
            return None
    if not isinstance(data, Mapping):
        return None
    plain = _plain(data)
    if isinstance(plain.get("conditions"), Sequence) and isinstance(plain.get("rules"), Sequence):
        return plain
    return next((r for key in ("jsonstr", "data") if (r := _unwrapped(plain.get(key)))), None)


def _plain(data: Any) -> dict[str, Any]:
    """Keys in lower case without underscores."""
    if not isinstance(data, Mapping):
        raise UsageError(f"an object is expected, not {str(data)[:40]!r}")
    return {str(key).replace("_", "").lower(): value for key, value in data.items()}


def _rule(data: Mapping[str, Any], conditions: Mapping[str, Condition]) -> ScaRule:
    expression = str(data.get("lambda") or data.get("rulelambda") or "")
    score = data.get("score", data.get("rulescore"))
    identity = str(data.get("rid") or data.get("id") or "")
    return ScaRule(
        id=identity,
        name=str(data.get("name") or data.get("rulename") or f"规则{identity}"),
        expression=expression,
        score=int(score) if isinstance(score, int | float) else None,
        comment=str(data.get("comments") or data.get("comment") or ""),
        conditions=conditions,
    )


def _condition(data: Mapping[str, Any]) -> Condition:
    scope = _plain(data.get("checkrange") or {})
    operators = tuple(_operator(_plain(one)) for one in data.get("operators") or ())
    unread = [key for key in ("allsentencessatisfy", "rolelist") if scope.get(key)]
    unread += [key for key in ("exclusion",) if data.get(key)]
    return Condition(
        id=str(data.get("cid") or data.get("conditioninfocid") or data.get("id") or ""),
        role=_ROLES.get(str(scope.get("role") or "").lower(), ""),
        operators=operators,
        expression=str(data.get("lambda") or data.get("operlambda") or "&&".join(o.id for o in operators)),
        anchor=_anchor(scope.get("anchor")),
        range=_range(scope.get("range")),
        unread=tuple(unread),
    )


def _operator(data: Mapping[str, Any]) -> Operator:
    return Operator(
        str(data.get("oid") or data.get("id") or ""),
        str(data.get("type") or "").upper(),
        str(data.get("name") or data.get("opername") or ""),
        _plain(data.get("param") or {}),
    )


def _anchor(value: Any) -> Anchor | None:
    data = _plain(value) if value else {}
    if not data.get("cid"):
        return None
    location = str(data.get("location") or "").upper()
    if location not in _LOCATIONS:
        known = ", ".join(sorted(_LOCATIONS))
        raise UsageError(f"anchor: location is {location!r}; it must be one of {known}")
    return Anchor(str(data["cid"]), location, int(data.get("hittime", -1)))


def _range(value: Any) -> tuple[int, int] | None:
    if isinstance(value, str):
        value = json.loads(value) if value.strip() else None
    if not value:
        return None
    data = _plain(value)
    first, last = int(data.get("from", 1) or 0), int(data.get("to", -1) or 0)
    return None if (first, last) == (1, -1) else (first, last)
