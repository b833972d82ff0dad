"""Conditions: ``phrase and not (quoting or question)``, ``2 of step*``, ``all of them``."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

NESTING = 30
_TOKEN = re.compile(r"\s*(?:([()])|([^\s()]+))")
_KEYWORDS = frozenset({"and", "or", "not", "of"})


class ConditionError(ValueError):
    """A condition cannot be read; the message says where."""


class Condition(Protocol):
    """A truth value over detections."""

    def holds(self, true: Callable[[str], bool]) -> bool: ...

    def names(self) -> Iterator[tuple[str, bool]]:
        """Detections it speaks of, each with whether it must be true (or else must not)."""
        ...


@dataclass(frozen=True, slots=True)
class Name:
    name: str

    def holds(self, true: Callable[[str], bool]) -> bool:
        return true(self.name)

    def names(self) -> Iterator[tuple[str, bool]]:
        yield self.name, True


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def holds(self, true: Callable[[str], bool]) -> bool:
        return not self.part.holds(true)

    def names(self) -> Iterator[tuple[str, bool]]:
        for name, wanted in self.part.names():
            yield name, not wanted


@dataclass(frozen=True, slots=True)
class Of:
    """At least ``count`` of ``parts``: ``and`` is all of them, ``or`` is one."""

    count: int
    parts: tuple[Condition, ...]

    def holds(self, true: Callable[[str], bool]) -> bool:
        held = 0
        for part in self.parts:
            held += part.holds(true)
            if held >= self.count:
                return True
        return False

    def names(self) -> Iterator[tuple[str, bool]]:
        for part in self.parts:
            yield from part.names()


def parse_condition(source: str, detections: Sequence[str]) -> Condition:
    """Read a condition over the named ``detections``.

    Raises ConditionError for anything it cannot read, unknown names included.
    """
    return _Parser(source, detections).parse()


class _Parser:
    def __init__(self, source: str, detections: Sequence[str]) -> None:
        self._tokens = [a or b for a, b in _TOKEN.findall(source)]
        self._detections = detections
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        if not self._tokens:
            raise ConditionError("the condition is empty")
        condition = self._either()
        if self._peek():
            raise ConditionError(f"'{self._peek()}' is not expected here")
        return condition

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._peek() == "or":
            self._take()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Of(1, tuple(parts))

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._peek() == "and":
            self._take()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Of(len(parts), tuple(parts))

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > NESTING:
            raise ConditionError(f"brackets and nots more than {NESTING} deep")
        condition = self._unit()
        self._depth -= 1
        return condition

    def _unit(self) -> Condition:
        token = self._take()
        if token == "not":
            return Not(self._one())
        if token == "(":
            inner = self._either()
            if self._take() != ")":
                raise ConditionError("a closing bracket is missing")
            return inner
        if self._peek() == "of" and token not in _KEYWORDS:
            self._take()
            return self._of(token)
        return self._name(token)

    def _name(self, token: str) -> Condition:
        if not token or token in _KEYWORDS or token == ")":
            raise ConditionError(
                f"a detection is expected before '{token}'" if token else "it ends too early"
            )
        if token not in self._detections:
            raise ConditionError(f"there is no detection '{token}'")
        return Name(token)

    def _of(self, count: str) -> Condition:
        pattern = self._take()
        wanted = "*" if pattern == "them" else pattern
        parts = tuple(Name(n) for n in self._detections if fnmatchcase(n, wanted))
        if not parts:
            raise ConditionError(f"no detection is called '{pattern}'")
        if count in ("any", "all"):
            return Of(1 if count == "any" else len(parts), parts)
        if not count.isdigit() or not 1 <= int(count) <= len(parts):
            raise ConditionError(f"'{count} of {pattern}': say any, all or a number from 1 to {len(parts)}")
        return Of(int(count), parts)
