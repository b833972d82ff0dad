"""A message that the troubleshooting page quotes is one the program can really give."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/troubleshooting.md"
ROOMS = ("ingest", "transcribe", "inspect", "store", "worker", "rulebooks", "privacy", "notify", "evaluate")


@cache
def templates() -> tuple[str, ...]:
    """Every text in the source, with … for what is filled in and without code marks."""
    files = [*ROOT.glob("*.py"), *(f for room in ROOMS for f in (ROOT / room).glob("*.py"))]
    found = []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(_part(value) for value in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return tuple(text.replace("`", "") for text in found)


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def quoted() -> list[str]:
    """The messages of the page's tables: first cells that are code and nothing else."""
    return re.findall(r"^\| `([^`]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)


def is_said(message: str) -> bool:
    return any(message in template for template in templates())


def test_the_page_has_messages():
    assert len(quoted()) > 40


@pytest.mark.parametrize("message", quoted())
def test_the_program_says_so(message):
    assert is_said(message)


@pytest.mark.parametrize("message", ["the disc is full", "model … is not in … (nr …)", "no rule is named …"])
def test_what_the_program_never_says_is_noticed(message):
    assert not is_said(message)
