"""Version numbers of rules: another detection gets another number, for ever."""

import json
import re
from collections.abc import Iterable, Mapping

from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook
from .texts import Files, rule_path

_VERSION = re.compile(r"^(version:[ \t]*)(\d+)", re.MULTILINE)


def detects_alike(a: Rule, b: Rule) -> bool:
    """Whether two rules find the same, term lists and all; words about them may differ."""
    return (a.scope, a.detections, a.condition, a.flag) == (b.scope, b.detections, b.condition, b.flag)


def highest_versions(contents: Iterable[bytes]) -> dict[str, int]:
    """The highest number that each rule ever had in these rulebooks."""
    highest: dict[str, int] = {}
    for content in contents:
        for rule_id, data in json.loads(content)["rules"].items():
            highest[rule_id] = max(highest.get(rule_id, 0), int(data["version"]))
    return highest


def to_bump(before: Rulebook | None, after: Rulebook, highest: Mapping[str, int]) -> dict[str, int]:
    """The rules that find something else than before under a number that was used, with their next number."""
    old = {rule.id: rule for rule in before.rules} if before else {}
    bumps = {}
    for rule in after.rules:
        known = old.get(rule.id)
        used = max(highest.get(rule.id, 0), known.version if known else 0)
        if not (known and detects_alike(known, rule)) and rule.version <= used:
            bumps[rule.id] = used + 1
    return bumps


def bump(files: Files, bumps: Mapping[str, int]) -> dict[str, str]:
    """The texts with these rules at these numbers, and nothing else touched."""
    bumped = dict(files)
    for rule_id, number in bumps.items():
        path = rule_path(rule_id)
        bumped[path] = _VERSION.sub(rf"\g<1>{number}", files[path], count=1)
    return bumped
