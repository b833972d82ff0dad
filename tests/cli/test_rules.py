"""callqa rules."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from callqa.inspect.rulebook import Rulebook, shipped_rulebook
from callqa.store import Store, save_rulebook

Callqa = Callable[..., Result]
RULE = """
title: 打招呼
name: hello
version: 1
status: test
level: low
description: 打招呼
detection:
  phrase: {terms: [您好]}
  condition: phrase
outcome: {message: 打招呼, points: -1}
tests:
  - {name: 说了, turns: [{agent: 您好}], expect: [{turn: 0}]}
"""
BAD = "title: x\nname: bad\nversion: one\nstatus: test\nlevel: high\ndetection: {condition: y}\n"


def test_list_shows_every_rule(callqa: Callqa) -> None:
    listed = json.loads(callqa("rules", "list", "--json").stdout)
    assert [r["rule"] for r in listed["rules"]] == [r.id for r in shipped_rulebook().rules]
    assert listed["rulebook"] == shipped_rulebook().hash


def test_lint_names_file_and_line(callqa: Callqa, tmp_path: Path) -> None:
    (tmp_path / "my" / "area").mkdir(parents=True)
    (tmp_path / "my" / "area" / "bad.yaml").write_text(BAD)
    result = callqa("rules", "lint", "my")
    assert result.exit_code == 1
    assert "area/bad.yaml:3:" in result.stdout


def test_a_failing_rule_test_is_told(callqa: Callqa, tmp_path: Path) -> None:
    (tmp_path / "my" / "voice").mkdir(parents=True)
    (tmp_path / "my" / "voice" / "hello.yaml").write_text(RULE.replace("{agent: 您好}", "{agent: 再见}"))
    result = callqa("rules", "test", "my")
    assert result.exit_code == 1
    assert "voice.hello “说了”" in result.stdout


@pytest.mark.parametrize("name", ["a.wav", "1"])
def test_explain_tells_why(callqa: Callqa, store: Store, name: str) -> None:
    result = callqa("rules", "explain", "shirking", name)
    assert result.exit_code == 0
    assert "shirking" in result.stdout
    assert "hit" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense", "a.wav"], "no rule is called nonsense"),
        (["abuse", "z.wav"], "no recording is called z.wav"),
        (["abuse", "99"], "no recording has the number 99"),
        (["abuse", "b.wav"], "b.wav is failed and has no transcript"),
    ],
)
def test_explain_of_what_is_not_there(
    callqa: Callqa, store: Store, arguments: list[str], message: str
) -> None:
    result = callqa("rules", "explain", *arguments)
    assert (result.exit_code, message in result.output) == (2, True)


def test_export_writes_what_reads_back(callqa: Callqa, tmp_path: Path) -> None:
    callqa("rules", "export", "book.json")
    assert Rulebook.from_bytes((tmp_path / "book.json").read_bytes()).hash == shipped_rulebook().hash


def test_export_of_a_stored_rulebook(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    save_rulebook(store, "sha256:abc", b"content")
    callqa("rules", "export", "book.json", "--hash", "abc")
    assert (tmp_path / "book.json").read_bytes() == b"content"
