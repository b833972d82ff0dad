"""What is different between two rulebooks, field by field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..inspect.rulebook import LISTS, SCORECARDS, Rulebook

Kind = Literal["rule", "list", "scorecard"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field: a list gained and lost items, or a value was replaced (None: it was not given)."""

    field: tuple[str, ...]
    """Keys that lead to it: ``("detection", "phrase", "terms")``."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    before: Any = None
    after: Any = None

    @property
    def is_list(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule, list or scorecard that is new, gone or different."""

    kind: Kind
    name: str
    title: str
    how: Literal["new", "gone", "changed"]
    changes: tuple[Change, ...] = ()
    touches: tuple[str, ...] = ()
    """Of a list: the rules that use it."""


def diff(before: Rulebook, after: Rulebook) -> tuple[Changed, ...]:
    """Rules first, then lists and scorecards, each in the order of their names."""
    found: list[Changed] = []
    kinds: tuple[tuple[str, Kind], ...] = (("rules", "rule"), (LISTS, "list"), (SCORECARDS, "scorecard"))
    for folder, kind in kinds:
        old, new = before.source.get(folder, {}), after.source.get(folder, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                touches = users_of(after, name) if kind == "list" else ()
                found.append(_changed(kind, name, old.get(name), new.get(name), touches))
    return tuple(found)


def users_of(rulebook: Rulebook, list_name: str) -> tuple[str, ...]:
    """The rules that a term list goes into, through other lists too."""
    names = {list_name}
    lists = rulebook.source[LISTS]
    while more := {n for n in lists if n not in names and any(_mentions(lists[n], m) for m in names)}:
        names |= more
    rules = rulebook.source["rules"]
    return tuple(sorted(r for r in rules if any(_mentions(rules[r].get("detection"), n) for n in names)))


def _mentions(data: Any, list_name: str) -> bool:
    if isinstance(data, Mapping):
        return list_name in _as_list(data.get("lists")) or any(_mentions(v, list_name) for v in data.values())
    if isinstance(data, list):
        return any(_mentions(item, list_name) for item in data)
    return isinstance(data, str) and f"{{{list_name}}}" in data


def _changed(kind: Kind, name: str, old: Any, new: Any, touches: tuple[str, ...]) -> Changed:
    title = str((new or old).get("title") or (new or old).get("description") or name)
    if old is None or new is None:
        return Changed(kind, name, title, "new" if old is None else "gone", (), touches)
    return Changed(kind, name, title, "changed", tuple(_compare(old, new, ())), touches)


def _compare(old: Any, new: Any, field: tuple[str, ...]) -> Iterator[Change]:
    if field and field[-1] == "tests":
        yield from _tests(_as_list(old), _as_list(new), field)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(k for k in new if k not in old)]:
            yield from _compare(old.get(key), new.get(key), (*field, str(key)))
    elif isinstance(old, list) or isinstance(new, list):
        before, after = _items(old), _items(new)
        added = tuple(item for item in after if item not in before)
        removed = tuple(item for item in before if item not in after)
        if added or removed:
            yield Change(field, added, removed)
    elif old != new:
        yield Change(field, before=_plain(old), after=_plain(new))


def _tests(old: list[Any], new: list[Any], field: tuple[str, ...]) -> Iterator[Change]:
    before = {str(t.get("name")): t for t in old}
    after = {str(t.get("name")): t for t in new}
    added = tuple(n for n in after if n not in before)
    removed = tuple(n for n in before if n not in after)
    if added or removed:
        yield Change(field, added, removed)
    for name in before.keys() & after.keys():
        if before[name] != after[name]:
            yield Change((*field, name), before=_plain(before[name]), after=_plain(after[name]))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _items(value: Any) -> list[str]:
    return [str(_plain(item)) for item in _as_list(value)]


def _plain(value: Any) -> Any:
    """A value as it is shown: texts and numbers as they are, anything else as one line of JSON."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, ensure_ascii=False)
