"""Expressions of ``&&``, ``||``, ``!`` and brackets over names, and their alternatives."""

import re
from collections.abc import Callable, Sequence
from itertools import product

_TOKEN = re.compile(r"\s*(&&|\|\||!|\(|\)|[\w-]+)\s*")
MOST = 64
"""Alternatives of an expression; beyond it is refused."""

Clause = frozenset[tuple[str, bool]]
"""Names that must hold (True) or must not (False), all at once."""


class LambdaError(ValueError):
    """The expression cannot be read."""


def alternatives(source: str) -> tuple[Clause, ...]:
    """The expression as clauses of which one must hold (its disjunctive normal form).

    >>> sorted(sorted(clause) for clause in alternatives("1&&!2||3"))
    [[('1', True), ('2', False)], [('3', True)]]
    """
    tokens = _TOKEN.findall(source)
    if "".join(tokens) != re.sub(r"\s", "", source) or not tokens:
        raise LambdaError(f"{source!r} is no expression of ids with && || ! and brackets")
    parsed, rest = _either(tokens, positive=True)
    if rest:
        raise LambdaError(f"{rest[0]!r} is not expected in {source!r}")
    return tuple(dict.fromkeys(c for c in parsed if not _contradicts(c)))


def _either(tokens: Sequence[str], positive: bool) -> tuple[list[Clause], Sequence[str]]:
    return _chain(tokens, positive, "||", _both, _union if positive else _crossed)


def _both(tokens: Sequence[str], positive: bool) -> tuple[list[Clause], Sequence[str]]:
    return _chain(tokens, positive, "&&", _one, _crossed if positive else _union)


def _chain(
    tokens: Sequence[str],
    positive: bool,
    operator: str,
    part: Callable[[Sequence[str], bool], tuple[list[Clause], Sequence[str]]],
    join: Callable[[list[Clause], list[Clause]], list[Clause]],
) -> tuple[list[Clause], Sequence[str]]:
    found, rest = part(tokens, positive)
    while rest and rest[0] == operator:
        more, rest = part(rest[1:], positive)
        found = join(found, more)
    return found, rest


def _one(tokens: Sequence[str], positive: bool) -> tuple[list[Clause], Sequence[str]]:
    if not tokens:
        raise LambdaError("the expression ends too early")
    head, rest = tokens[0], tokens[1:]
    if head == "!":
        return _one(rest, not positive)
    if head == "(":
        found, rest = _either(rest, positive)
        if not rest or rest[0] != ")":
            raise LambdaError("a bracket is not closed")
        return found, rest[1:]
    if head in ("&&", "||", ")"):
        raise LambdaError(f"an id is expected before {head!r}")
    return [frozenset({(head, positive)})], rest


def _union(a: list[Clause], b: list[Clause]) -> list[Clause]:
    return [*a, *b]


def _crossed(a: list[Clause], b: list[Clause]) -> list[Clause]:
    if len(a) * len(b) > MOST:
        raise LambdaError(f"the expression has more than {MOST} alternatives")
    return [x | y for x, y in product(a, b)]


def _contradicts(clause: Clause) -> bool:
    return any((name, not wanted) in clause for name, wanted in clause)
