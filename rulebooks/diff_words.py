"""Differences in words that a compliance officer reads; Chinese, or English."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from .diff import Change, Changed

Language = Literal["zh", "en"]
SHOWN = 12
"""So many items of a list are written out; how many there are is always said."""


@dataclass(frozen=True, slots=True)
class Section:
    """All that is said of one rule, list or scorecard."""

    kind: str
    name: str
    heading: str
    lines: tuple[str, ...]


def in_words(changed: Iterable[Changed], language: Language = "zh") -> tuple[Section, ...]:
    """One section a changed rule, list or scorecard."""
    return tuple(_section(one, _Words(language)) for one in changed)


def as_text(sections: Iterable[Section]) -> str:
    return "\n".join("\n".join([s.heading, *(f"  {line}" for line in s.lines)]) for s in sections)


@cache
def _table(language: Language) -> Mapping[str, Any]:
    tables = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    table: Mapping[str, Any] = tables[language]
    return table


class _Words:
    def __init__(self, language: Language) -> None:
        table = _table(language)
        self.phrases: Mapping[str, str] = table["phrases"]
        self._fields: Mapping[str, str] = table["fields"]
        self._values: Mapping[str, str] = table["values"]
        self.comma: str = table["comma"]

    def say(self, phrase: str, **values: object) -> str:
        return self.phrases[phrase].format(**values)

    def field(self, path: tuple[str, ...]) -> str:
        """The field's name; within a detection with the detection's own."""
        if path[0] == "detection" and len(path) > 2:
            inner = self._fields.get(".".join(path[2:])) or self._fields.get(path[-1], path[-1])
            return self.say("in_detection", name=path[1], field=inner)
        if path[0] == "detection" and path[-1] != "condition":
            return self.say("detection", name=path[-1])
        if path[0] in ("groups", "items") and len(path) > 2:
            return self.say("in_part", name=path[1], field=self._fields.get(path[-1], path[-1]))
        return self._fields.get(".".join(path)) or self._fields.get(path[-1], path[-1])

    def value(self, value: Any) -> str:
        if value is None:
            return self.phrases["nothing"]
        return (
            self._values.get(str(value).lower(), str(value))
            if not isinstance(value, str)
            else (self._values.get(value, value))
        )

    def items(self, items: tuple[str, ...]) -> str:
        shown = self.comma.join(self.value(item) for item in items[:SHOWN])
        more = len(items) - SHOWN
        return shown + (self.say("more", count=more) if more > 0 else "")


def _section(one: Changed, words: _Words) -> Section:
    heading = words.say(f"{one.how}_{one.kind}", title=one.title, name=one.name)
    lines = [_line(change, words) for change in one.changes]
    lines += _touched(one, words)
    return Section(one.kind, one.name, heading, tuple(lines))


def _touched(one: Changed, words: _Words) -> list[str]:
    if one.kind != "list" or not one.touches:
        return []
    return [words.say("touches", count=len(one.touches), rules=words.comma.join(one.touches))]


def _line(change: Change, words: _Words) -> str:
    field = words.field(change.field)
    if not change.is_list:
        if change.field[-2:-1] == ("tests",):
            return words.say("test_changed", name=change.field[-1])
        phrase = "given" if change.before is None else "dropped" if change.after is None else "replaced"
        before, after = words.value(change.before), words.value(change.after)
        return words.say(phrase, field=field, before=before, after=after)
    parts = []
    for phrase, items in (("added", change.added), ("removed", change.removed)):
        if items:
            parts.append(words.say(phrase, field=field, count=len(items), items=words.items(items)))
    return words.say("and").join(parts)
