"""A rulebook: rule files and term lists, read, checked, compiled and identified by their content."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from ..errors import RulebookError
from .excess import excess
from .read_finders import read_entries
from .read_rule import read_rule
from .reader import Fields, Problems, parse_yaml
from .rule import Rule
from .scan import Lexicon
from .score import Scorecard, clashes, read_scorecard
from .terms import Entry

LISTS = "lists"
"""The folder of term lists within a rulebook; every folder but this and the next is an area."""
SCORECARDS = "scorecards"
_FORMAT = 1


@dataclass(frozen=True)
class Rulebook:
    """Rules in order of their id; ``source`` is what they were read from, as plain data."""

    rules: tuple[Rule, ...]
    source: Mapping[str, Any] = field(repr=False)
    scorecards: tuple[Scorecard, ...] = ()

    def to_bytes(self) -> bytes:
        """The whole rulebook as canonical JSON; ``from_bytes`` makes the same rulebook of it."""
        return json.dumps(self.source, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Rulebook":
        """Raises RulebookError when the content is no rulebook of this format."""
        try:
            source = json.loads(data)
        except ValueError as error:
            raise RulebookError([f"rulebook:1: not a stored rulebook: {error}"]) from error
        if not isinstance(source, dict) or source.get("format") != _FORMAT:
            raise RulebookError(["rulebook:1: made by another version of callqa, or no rulebook at all"])
        return _build(source, {})

    @cached_property
    def hash(self) -> str:
        """``sha256:…`` of the content: equal for equal rules and lists, however the YAML is laid out."""
        return "sha256:" + hashlib.sha256(self.to_bytes()).hexdigest()

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon(self.rules)

    def only(self, rule_id: str) -> "Rulebook":
        """This rulebook with one rule, and the usual score."""
        rule = self[rule_id]
        if rule.id not in self._alone:  # its tests share one lexicon, which takes longer than they do
            rules = {rule.id: self.source["rules"][rule.id]}
            source = {"format": _FORMAT, "rules": rules, "lists": self.source["lists"]}
            self._alone[rule.id] = Rulebook((rule,), source)
        return self._alone[rule.id]

    @cached_property
    def _alone(self) -> dict[str, "Rulebook"]:
        return {}

    def __getitem__(self, rule_id: str) -> Rule:
        """A rule by ``area.name`` or by its bare name. Raises KeyError."""
        for rule in self.rules:
            if rule_id in (rule.id, rule.name):
                return rule
        raise KeyError(rule_id)


def load_rulebook(folder: Path) -> Rulebook:
    """Read ``AREA/NAME.yaml``, ``lists/NAME.yaml`` and ``scorecards/NAME.yaml`` below ``folder``.

    Raises RulebookError with every problem of every file, each ``file:line: message``.
    """
    files = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.glob("*/*.yaml")}
    if not files:
        raise RulebookError([f"{folder}:1: no rules here; a rulebook holds AREA/NAME.yaml files"])
    return read_rulebook(files)


def read_rulebook(files: Mapping[str, str | bytes]) -> Rulebook:
    """The rulebook of these YAML texts by path (``AREA/NAME.yaml``).

    Raises RulebookError with every problem of every file, each ``file:line: message``.
    """
    problems: list[str] = []
    source: dict[str, Any] = {"format": _FORMAT, "rules": {}, "lists": {}}
    lines: dict[str, Problems] = {}
    for path in sorted(files):
        data = _read_file(path, files[path], problems, lines)
        if data is not None:
            _place(source, path, data)
    return _build(source, lines, problems)


def _read_file(path: str, content: str | bytes, problems: list[str], lines: dict[str, Problems]) -> Any:
    try:
        data, places = parse_yaml(content.decode() if isinstance(content, bytes) else content)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{path}:{line}: not valid YAML: {error.problem}")
        return None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{path}:1: not readable: {error}")
        return None
    lines[_key(path)] = Problems(path, places)
    if data is None:
        problems.append(f"{path}:1: the file is empty")
    return data


def _key(path: str) -> str:
    return path.removesuffix(".yaml").replace("/", ".", 1)


def _place(source: dict[str, Any], path: str, data: Any) -> None:
    folder, name = path.removesuffix(".yaml").split("/", 1)
    if folder in (LISTS, SCORECARDS):
        source.setdefault(folder, {})[name] = data
    else:
        source["rules"][_key(path)] = data


def _build(
    source: Mapping[str, Any], places: Mapping[str, Problems], problems: Sequence[str] = ()
) -> Rulebook:
    found = list(problems)
    lists: dict[str, tuple[str | Entry, ...]] = {}
    for name, data in source["lists"].items():
        noted = places.get(f"{LISTS}.{name}", Problems(f"{LISTS}/{name}"))
        lists[name] = _read_list(name, data, noted)
        found += noted.found
    rules = []
    for rule_id, data in sorted(source["rules"].items()):
        noted = places.get(rule_id, Problems(rule_id.replace(".", "/", 1)))
        rule = read_rule(rule_id, data, lists, noted)
        found += noted.found
        if rule:
            rules.append(rule)
    scorecards = []
    for name, data in sorted(source.get(SCORECARDS, {}).items()):
        noted = places.get(f"{SCORECARDS}.{name}", Problems(f"{SCORECARDS}/{name}.yaml"))
        scorecards.append(read_scorecard(name, data, source["rules"], noted))
        found += noted.found
    found += clashes(scorecards)
    found += excess(rules)
    if found:
        raise RulebookError(found)
    return Rulebook(tuple(rules), _plain(source), tuple(scorecards))


def _read_list(name: str, data: Any, problems: Problems) -> tuple[str | Entry, ...]:
    fields = Fields(data, (), problems)
    fields.text("description", "")
    terms = read_entries(fields, "terms")
    if not terms:
        fields.problem("'terms' must list at least one term")
    fields.done()
    return terms


def _plain(value: Any) -> Any:
    """JSON's own types only, so that a rulebook reads back as it was written."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


@cache
def shipped_rulebook() -> Rulebook:
    """The rulebook that comes with callqa."""
    return load_rulebook(Path(__file__).parent.parent / "rules")
