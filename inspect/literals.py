"""What a text must hold so that an expression can match it: the ground of the sieve.

A requirement is a conjunction of clauses; a clause is a set of strings of which at least one must occur. It
is necessary, never sufficient: whatever this small reader does not understand is taken for something that can
match anything. The idea is that of RE2's prefilter (FilteredRE2) and of Russ Cox's "Regular Expression
Matching with a Trigram Index" (2012).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Clause = frozenset[str]

DEEPEST = 60
"""Groups within groups; what is deeper is not read."""
MOST = 64
"""Alternatives a stretch may have before it is cut in two."""
_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})[?]?")
_GROUP = re.compile(r"\?(?::|P?<\w+>)")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_CLASS_ITEM = re.compile(r"\\.|[^\\]", re.DOTALL)
_DIGITS = frozenset("0123456789")


class NotUnderstood(ValueError):
    """The expression uses something of which this reader knows nothing."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one part of an expression needs: all its matches where they are few, else clauses."""

    matches: Clause | None
    clauses: tuple[Clause, ...] = ()
    branches: tuple["Need", ...] = ()
    """Of a group: what each of its alternatives needs."""

    def all_clauses(self) -> tuple[Clause, ...]:
        if self.matches is None or "" in self.matches:
            return self.clauses
        return (*self.clauses, self.matches)


_ANYTHING = Need(None)
_NOTHING = Need(frozenset({""}))


def requirements(source: str, cost: Callable[[Clause], float]) -> list[tuple[Clause, ...]]:
    """For each alternative of the expression ``source`` the clauses that a match must satisfy.

    An expression with several alternatives at its top matches where one of them does. ``cost`` says how often
    a clause is met by chance; of two that would serve the rarer is taken. ``[()]`` where nothing is needed.
    """
    try:
        return [need.all_clauses() for need in _Reader(source, cost).alternatives()]
    except (NotUnderstood, IndexError):
        return [()]


class _Reader:
    def __init__(self, source: str, cost: Callable[[Clause], float]) -> None:
        self._source = source
        self._cost = cost
        self._at = 0
        self._depth = 0

    def alternatives(self) -> list[Need]:
        needs = self._branches()
        if self._at < len(self._source):
            raise NotUnderstood(self._source[self._at])
        whole = _either_matches(needs)
        return [whole] if whole else [leaf for need in needs for leaf in _leaves(need)]

    def _branches(self) -> list[Need]:
        needs = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            needs.append(self._sequence())
        return needs

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _sequence(self) -> Need:
        parts: list[Need] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._quantified(self._atom()))
        return self._in_a_row(parts)

    def _in_a_row(self, parts: Sequence[Need]) -> Need:
        """Neighbouring matches grow together until they are too many."""
        clauses: list[Clause] = []
        current: Clause | None = frozenset({""})
        unbroken = True
        for part in parts:
            clauses += part.clauses
            grown = _joined(current, part.matches)
            if grown is not None:
                current = grown
                continue
            unbroken = False
            clauses += [current] if current and "" not in current else []
            current = part.matches
        if unbroken:
            return Need(current)
        if len(parts) == 1:
            return parts[0]
        clauses += [current] if current and "" not in current else []
        return Need(None, tuple(dict.fromkeys(clauses)))

    def _quantified(self, need: Need) -> Need:
        match = _QUANTIFIER.match(self._source, self._at)
        if not match:
            return need
        self._at = match.end()
        if match[1] == "?" or (match[2] == "0" and match[4] == "1"):
            return Need(need.matches | {""}) if need.matches is not None else _ANYTHING
        least = int(match[2]) if match[2] else int(match[1] == "+")
        if least == 0:
            return _ANYTHING
        if match[2] and least == 1 and not match[3]:
            return need
        return Need(None, need.all_clauses())

    def _atom(self) -> Need:
        char = self._peek()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char in "*+?{":
            raise NotUnderstood(char)
        self._at += 1
        if char == ".":
            return _ANYTHING
        return _NOTHING if char in "^$" else _one_of(char)

    def _group(self) -> Need:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotUnderstood("so many groups within groups")
        self._at += 1
        kind = _GROUP.match(self._source, self._at)
        if kind:
            self._at = kind.end()
        elif self._peek() == "?":
            raise NotUnderstood("(?")
        needs = self._branches()
        if self._peek() != ")":
            raise NotUnderstood("a bracket that is not closed")
        self._at += 1
        self._depth -= 1
        return _either_matches(needs) or self._either(needs)

    def _either(self, needs: Sequence[Need]) -> Need:
        """One clause for the whole: the rarest of each branch together."""
        chosen: set[str] = set()
        for need in needs:
            clauses = need.all_clauses()
            if not clauses:
                return _ANYTHING
            chosen |= sorted(clauses, key=self._cost)[0]
        return Need(None, (frozenset(chosen),), tuple(needs))

    def _class(self) -> Need:
        match = _CLASS.match(self._source, self._at)
        if not match:
            raise NotUnderstood("[")
        self._at = match.end()
        chars = _members(match[0][1:-1])
        return _ANYTHING if chars is None or len(chars) > MOST else Need(chars)

    def _escape(self) -> Need:
        char = self._source[self._at + 1]
        self._at += 2
        if char == "d":
            return Need(_DIGITS)
        if char == "b":
            return _NOTHING
        if char.isalnum():
            raise NotUnderstood("\\" + char)
        return _one_of(char)


def _leaves(need: Need) -> Iterator[Need]:
    if not need.branches:
        yield need
    for branch in need.branches:
        yield from _leaves(branch)


def _joined(first: Clause | None, second: Clause | None) -> Clause | None:
    """All of one followed by all of the other, where they are few."""
    if first is None or second is None or len(first) * len(second) > MOST:
        return None
    return frozenset(a + b for a in first for b in second)


def _one_of(char: str) -> Need:
    """A character, small; those with other cases beyond ASCII can match more than themselves."""
    plain = char.isascii() or char.lower() == char.upper()
    return Need(frozenset({char.lower()})) if plain else _ANYTHING


def _either_matches(needs: Sequence[Need]) -> Need | None:
    """The matches of all branches, where each has few."""
    matches: set[str] = set()
    for need in needs:
        if need.matches is None or need.clauses:
            return None
        matches |= need.matches
    return Need(frozenset(matches)) if len(matches) <= MOST else None


def _members(inner: str) -> Clause | None:
    """The characters of a class, or None for negated classes, ranges beyond digits and the like."""
    if inner.startswith("^") or "[:" in inner:
        return None
    chars: set[str] = set()
    for item in _CLASS_ITEM.findall(inner.replace("0-9", r"\d")):
        if item == r"\d":
            chars |= _DIGITS
        elif item == "-" or (len(item) == 2 and item[1].isalnum()):
            return None
        else:
            chars.add(item[-1].lower())
    return frozenset(chars) if all(_one_of(c).matches for c in chars) else None
