"""Arithmetic over call data: ``silence_seconds / duration``, ``max(wait, 30) * 2``."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS = 200
_OPERATORS: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max, "round": round}


class ArithmeticProblem(ValueError):
    """An expression cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Formula:
    """``source`` over the fields ``names``. Only ``+ - * / // %``, brackets, abs, min, max and round."""

    source: str
    names: tuple[str, ...]

    def value(self, fields: Mapping[str, Any]) -> float | None:
        """The result; None where a field is missing or no number, or the formula divides by zero."""
        try:
            return _value(_parsed(self.source), fields)
        except (KeyError, TypeError, ValueError, ArithmeticError):
            return None


def read_formula(source: str) -> Formula:
    """Raises ArithmeticProblem for anything but arithmetic."""
    tree = _parsed(source)
    for node in ast.walk(tree):
        if not _allowed(node):
            raise ArithmeticProblem(f"'{source}' is more than arithmetic over fields")
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n not in called]
    return Formula(source, tuple(dict.fromkeys(names)))


def _parsed(source: str) -> ast.expr:
    if len(source) > MOST_CHARACTERS:
        raise ArithmeticProblem(f"more than {MOST_CHARACTERS} characters")
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArithmeticProblem(f"'{source}' cannot be read") from error


def _allowed(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.BinOp(op=op):
            return type(op) in _OPERATORS
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return name in _FUNCTIONS and bool(args)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return True
    return isinstance(node, ast.Name | ast.operator | ast.unaryop | ast.expr_context)


def _value(node: ast.expr, fields: Mapping[str, Any]) -> float:
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return float(fields[name])
        case ast.UnaryOp(op=op, operand=operand):
            return -_value(operand, fields) if isinstance(op, ast.USub) else _value(operand, fields)
        case ast.BinOp(left=left, op=op, right=right):
            return float(_OPERATORS[type(op)](_value(left, fields), _value(right, fields)))
        case ast.Call(func=ast.Name(id=name), args=args):
            return float(_FUNCTIONS[name](*(_value(arg, fields) for arg in args)))
    raise TypeError(f"{node} is no arithmetic")
