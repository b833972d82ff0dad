"""callqa rules: from a folder to a version that counts, and back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from callqa.store import Store

Callqa = Callable[..., Result]


@pytest.fixture
def changed(callqa: Callqa, store: Store, tmp_path: Path) -> Path:
    """A rulebook of one rule, so that its tests take no time."""
    (tmp_path / "my" / "service").mkdir(parents=True)
    rule = (
        "title: 打招呼\nname: hello\nversion: 1\nstatus: test\nlevel: low\nscope: {speaker: agent}\n"
        "detection: {phrase: {terms: [您好]}, condition: phrase}\noutcome: {points: -7}\n"
        "tests:\n  - {name: 说了, turns: [{agent: 您好}], expect: [{turn: 0}]}\n"
    )
    (tmp_path / "my" / "service" / "hello.yaml").write_text(rule, encoding="utf-8")
    return tmp_path / "my"


def test_a_folder_becomes_a_draft_is_tried_and_published(callqa: Callqa, changed: Path) -> None:
    assert "files changed" in callqa("rules", "import", "my", "--draft", "d").stdout
    assert "service/hello.yaml" in callqa("rules", "drafts").stdout
    assert "新增规则【打招呼】（service.hello）" in callqa("rules", "diff", "d").stdout
    trial = ("rules", "backtest", "d", "--rule", "hello")
    told = json.loads(callqa(*trial, "--format", "json").stdout)
    assert (told["calls"], told["rules"][0]["counts"]["flags_gained"]) == (1, 1)
    assert told["rules"][0]["samples"][0]["quote"] == "您好"
    assert "+ a.wav 0:00 agent: 您好" in callqa(*trial).stdout
    assert "published as version 1" in callqa("rules", "publish", "d", "--note", "neu").stdout
    assert "neu" in callqa("rules", "history").stdout
    inspected = callqa("inspect")
    assert "gained service.hello: 1 call" in inspected.stdout
    assert "-7 service.hello: 1 flagged, -7 points" in callqa("rules", "explain", "hello", "a.wav").stdout


def test_export_gives_back_what_was_published(callqa: Callqa, changed: Path, tmp_path: Path) -> None:
    callqa("rules", "publish", "my", "--note", "x")
    callqa("rules", "export", "again", "--version", "1")
    files = {f.relative_to(changed): f.read_bytes() for f in changed.rglob("*.yaml")}
    assert {
        f.relative_to(tmp_path / "again"): f.read_bytes() for f in (tmp_path / "again").rglob("*.yaml")
    } == files


def test_what_a_test_finds_is_told_and_not_published(callqa: Callqa, changed: Path) -> None:
    rule = changed / "service" / "hello.yaml"
    rule.write_text(rule.read_text("utf-8").replace("[您好]", "[再见]"), encoding="utf-8")
    result = callqa("rules", "publish", "my")
    assert (result.exit_code, "service/hello.yaml:1: test '说了'" in result.output) == (1, True)
    assert "nothing published yet" in callqa("rules", "history").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["publish", "none"], "there is no draft called none"),
        (["rollback", "3"], "no published rulebook has the number 3"),
        (["import", "missing", "--draft", "d"], "there is no such folder"),
        (["import", "my"], "say where it goes"),
        (["backtest", "shipped", "--rule", "none"], "no rule is called none"),
        (["import", "my/service/hello.yaml", "--from", "sca", "--draft", "d"], "no JSON that can be read"),
    ],
)
def test_what_is_not_there(callqa: Callqa, changed: Path, arguments: list[str], message: str) -> None:
    result = callqa("rules", *arguments)
    assert (result.exit_code, message in result.output) == (2, True)
