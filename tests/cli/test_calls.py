"""search, export, inspect."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import Result

from callqa.store import Store, get_call

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


def test_search_finds_a_two_character_word(callqa: Callqa, store: Store) -> None:
    result = callqa("search", "投诉")
    assert result.stdout == "a.wav 0:05 customer: 我要投诉你们，我的电话是13800138000\n"


def test_search_as_json(callqa: Callqa, store: Store) -> None:
    (hit,) = json.loads(callqa("search", "不归我管", "--json").stdout)
    assert (hit["name"], hit["position"], hit["role"]) == ("a.wav", 2, "agent")


def test_search_says_when_there_may_be_more(callqa: Callqa, store: Store) -> None:
    result = callqa("search", "你", "--limit", "1")
    assert "1 utterances (there may be more: --limit)" in result.stderr


@pytest.mark.parametrize(
    ("options", "found"),
    [([], 1), (["--agent", "7"], 1), (["--agent", "8"], 0), (["--since", "2026-03-05"], 0)],
)
def test_search_keeps_to_filters(callqa: Callqa, store: Store, options: list[str], found: int) -> None:
    assert len(json.loads(callqa("search", "投诉", "--json", *options).stdout)) == found


def test_export_of_calls_is_a_line_a_recording(callqa: Callqa, store: Store) -> None:
    lines = [json.loads(line) for line in callqa("export", "calls").stdout.splitlines()]
    assert [(c["recording"]["name"], c["recording"]["status"]) for c in lines] == [
        ("a.wav", "inspected"),
        ("b.wav", "failed"),
    ]
    assert lines[0]["utterances"][0]["words"][0]["text"] == "您"
    assert {f["rule"] for f in lines[0]["flags"]} == {f.flag.rule for f in get_call(store, 1).flags}


def test_export_to_a_file(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    result = callqa("export", "calls", "--format", "jsonl", "--out", "out.jsonl", "--status", "inspected")
    assert (result.exit_code, result.stdout) == (0, "")
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 1


def test_csv_is_as_excel_expects_it(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    callqa("export", "flags", "--format", "csv", "--out", "flags.csv")
    raw = (tmp_path / "flags.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert len(rows) == len(get_call(store, 1).flags) > 0
    assert rows[0]["recording"] == "a.wav"


def test_excel(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    callqa("export", "transcripts", "--format", "xlsx", "--out", "t.xlsx")
    rows = list(load_workbook(tmp_path / "t.xlsx")["callqa"].values)
    assert len(rows) == 1 + 3
    assert "我要投诉你们，我的电话是13800138000" in rows[2]


def test_subtitles_go_to_a_folder(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    callqa("export", "transcripts", "--format", "srt", "--out", "srt")
    assert [f.name for f in (tmp_path / "srt").iterdir()] == ["a.srt"]


@pytest.mark.parametrize("what", ["calls", "flags", "transcripts"])
@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_redacted_exports_hold_no_number(callqa: Callqa, store: Store, what: str, format: str) -> None:
    plain = callqa("export", what, "--format", format).stdout
    hidden = callqa("export", what, "--format", format, "--redacted").stdout
    assert "13800138000" not in hidden
    assert len(hidden.splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["calls", "--format", "srt", "--out", "x"], "only transcripts can be written as subtitles"),
        (["transcripts", "--format", "srt"], "--out FOLDER"),
        (["calls", "--format", "xlsx"], "--out FILE.xlsx"),
    ],
)
def test_exports_that_cannot_be(callqa: Callqa, store: Store, arguments: list[str], message: str) -> None:
    result = callqa("export", *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_another_rulebook_inspects_again_without_sound(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    (tmp_path / "my" / "voice").mkdir(parents=True)
    (tmp_path / "my" / "voice" / "hello.yaml").write_text(RULE, "utf-8")
    result = callqa("inspect", "--rulebook", "my", "--json")
    account = json.loads(result.stdout)
    assert (account["calls"], account["changed"], account["gained"]) == (1, 1, {"voice.hello": 1})
    assert [f.flag.rule for f in get_call(store, 1).flags] == ["voice.hello"]


def test_an_old_rulebook_gives_its_old_flags_again(callqa: Callqa, store: Store, tmp_path: Path) -> None:
    (tmp_path / "my" / "voice").mkdir(parents=True)
    (tmp_path / "my" / "voice" / "hello.yaml").write_text(RULE, "utf-8")
    before = get_call(store, 1).inspection
    assert before is not None
    callqa("inspect")  # keeps the shipped rulebook in the store
    callqa("inspect", "--rulebook", "my")
    result = callqa("inspect", "--rulebook", before.rulebook.removeprefix("sha256:")[:12])
    assert result.exit_code == 0
    assert get_call(store, 1).inspection == before


def test_inspecting_again_skips_what_is_done(callqa: Callqa, store: Store) -> None:
    assert "0 calls inspected" in callqa("inspect").output
    assert "1 call inspected, 0 with another result" in callqa("inspect", "--again").output
