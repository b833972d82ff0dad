"""Reading YAML by hand, with every problem collected and placed at its line."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

DEEPEST = 30
MOST_ITEMS = 300_000
Path = tuple[str | int, ...]
Lines = Mapping[Path, int]


class Problems:
    """What is wrong with a file, one ``file:line: message`` each."""

    def __init__(self, file: str, lines: Lines | None = None) -> None:
        self.file = file
        self.lines = lines or {}
        self.found: list[str] = []

    def add(self, path: Path, message: str) -> None:
        self.found.append(f"{self.file}:{self._line(path)}: {message}")

    def _line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def parse_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    """Data and the line of each key and item. Raises yaml.YAMLError, also for keys given twice."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    lines: dict[Path, int] = {}
    for path, line in _walk(node, ()) if node is not None else ():
        lines[path] = line
        if len(lines) > MOST_ITEMS:
            raise yaml.YAMLError(f"more than {MOST_ITEMS:,} keys and items, those behind aliases included")
    return yaml.load(text, Loader=yaml.CSafeLoader), lines


def _walk(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    if len(path) > DEEPEST:
        raise yaml.MarkedYAMLError(None, None, f"nested more than {DEEPEST} deep", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"'{key.value}' is given twice", key.start_mark)
            seen.add(key.value)
            yield (*path, key.value), key.start_mark.line + 1
            yield from _walk(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*path, number), item.start_mark.line + 1
            yield from _walk(item, (*path, number))


class Fields:
    """The keys of one mapping; what is not taken by the end is reported as unknown."""

    def __init__(self, data: Any, path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        if not isinstance(data, dict):
            problems.add(path, "a mapping of keys to values is expected")
            data = {}
        self._data: dict[str, Any] = {str(k): v for k, v in data.items()}
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def problem(self, message: str, *keys: str | int) -> None:
        self.problems.add((*self.path, *keys), message)

    def raw(self, key: str, default: Any = None) -> Any:
        self._taken.add(key)
        return self._data.get(key, default)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.raw(key)
        if value is None:
            if default is None:
                self.problem(f"'{key}' is missing")
            return default or ""
        if not isinstance(value, str):
            self.problem(f"'{key}' must be text", key)
            return default or ""
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value in choices:
            return value
        if value:
            self.problem(f"'{key}' is '{value}'; it must be one of {', '.join(choices)}", key)
        return default if default is not None else choices[0]

    def number(self, key: str, default: float | None = None, low: float = float("-inf")) -> float:
        value = self.raw(key)
        if value is None:
            if default is None:
                self.problem(f"'{key}' is missing")
            return default if default is not None else max(low, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < low:
            self.problem(f"'{key}' must be a number" + (f" from {low:g}" if low > float("-inf") else ""), key)
            return default if default is not None else max(low, 0)
        return value

    def whole(self, key: str, default: int | None = None, low: float = float("-inf")) -> int:
        value = self.number(key, default, low)
        if value != int(value):
            self.problem(f"'{key}' must be a whole number", key)
        return int(value)

    def flag(self, key: str) -> bool:
        value = self.raw(key, False)
        if not isinstance(value, bool):
            self.problem(f"'{key}' must be true or false", key)
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts; numbers in a list are taken as written (12315)."""
        value = self.raw(key, [])
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if isinstance(item, bool) or not isinstance(item, str | int):
                self.problem(f"'{key}' must hold texts", key, *([number] if isinstance(value, list) else []))
        return tuple(str(item) for item in items if isinstance(item, str | int) and str(item))

    def child(self, key: str) -> "Fields":
        return Fields(self.raw(key, {}), (*self.path, key), self.problems)

    def items(self) -> Iterator[tuple[str, Any]]:
        for key in self._data:
            yield key, self.raw(key)

    def done(self) -> None:
        """Report keys that nobody asked for."""
        for key in self._data.keys() - self._taken:
            self.problem(f"unknown key '{key}'", key)
