"""What other programs read: the names are a contract."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from callqa.errors import UsageError
from callqa.store import Store, StoredCall, add_verdict, get_call, save_failure
from callqa.store.files import (
    harmless,
    replacing,
    subtitle_name,
    write_csv,
    write_jsonl,
    write_srt,
    write_xlsx,
)
from callqa.store.records import call_record, call_row, flag_rows, utterance_rows


@pytest.fixture
def call(store: Store, inspected: Callable[..., int], build: Any) -> StoredCall:
    number = inspected(
        "a.wav", build.flag("service.abuse", 2.0, 3.0), lines=("您好", "你有病吧"), score=82, agent="7"
    )
    return get_call(store, number)


@pytest.fixture
def failed(store: Store, add: Callable[..., int]) -> StoredCall:
    number = add("broken.wav")
    save_failure(store, number, kind="damaged", reason="it breaks off", remedy="fetch it again")
    return get_call(store, number)


def test_a_call_has_all_names_of_the_contract(call: StoredCall) -> None:
    record = call_record(call)
    assert set(record) >= {"recording", "utterances", "flags", "metrics", "score", "rulebook", "models"}
    assert set(record["recording"]) >= {
        "name",
        "sha256",
        "seconds",
        "channels",
        "status",
        "error",
        "metadata",
    }
    assert set(record["utterances"][0]) >= {
        "index",
        "start",
        "end",
        "speaker",
        "role",
        "text",
        "redacted_text",
        "confidence",
        "words",
    }
    assert set(record["utterances"][0]["words"][0]) == {"start", "end", "text", "confidence"}
    assert set(record["flags"][0]) >= {
        "rule",
        "rule_version",
        "severity",
        "start",
        "end",
        "role",
        "utterance",
        "quote",
        "points",
        "match",
        "why",
    }
    assert set(record["metrics"]) >= {"talk_ratio", "silence_seconds", "interruptions", "chars_per_minute"}


def test_values_are_those_of_the_call(call: StoredCall) -> None:
    record = call_record(call)
    assert record["recording"]["name"] == "a.wav"
    assert record["recording"]["metadata"] == {"agent": "7"}
    assert (record["score"], record["rulebook"]) == (82, "sha256:aa")
    assert record["models"] == {"asr": "a", "diarization": "b"}
    assert [u["role"] for u in record["utterances"]] == ["agent", "customer"]
    assert (record["flags"][0]["severity"], record["flags"][0]["verdict"]) == ("high", None)


def test_a_record_is_json_as_it_is(call: StoredCall) -> None:
    record = call_record(call)
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_a_failed_recording_is_exported_with_its_reason(failed: StoredCall) -> None:
    record = call_record(failed)
    assert (record["recording"]["status"], record["recording"]["error"]) == ("failed", "it breaks off")
    assert (record["utterances"], record["flags"], record["score"]) == ([], [], None)


def test_redacted_records_give_nothing_away(store: Store, inspected: Callable[..., int], build: Any) -> None:
    flag = build.flag(quote="电话13800138000", why="the agent says “13800138000”")
    secret = "电话13800138000"
    number = inspected("a.wav", flag, lines=(secret,))
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE utterance SET redacted_text = '电话***'")
    text = json.dumps(call_record(get_call(store, number), lambda t: t.replace("13800138000", "***")))
    assert "13800138000" not in text
    assert "***" in text


def test_a_row_sums_a_call_up(store: Store, call: StoredCall) -> None:
    row = call_row(call)
    assert (row["recording"], row["agent"], row["score"], row["worst"]) == ("a.wav", "7", 82, "high")
    assert (row["flags"], row["rules"]) == (1, "service.abuse")


def test_rows_of_all_calls_have_the_same_columns(call: StoredCall, failed: StoredCall) -> None:
    assert list(call_row(call)) == list(call_row(failed))


def test_flags_are_rows_with_their_call_and_verdict(store: Store, call: StoredCall) -> None:
    add_verdict(store, call.flags[0].id, "confirmed", reviewer="li")
    (row,) = flag_rows(get_call(store, call.row.id))
    assert (row["recording"], row["rule"], row["points"], row["verdict"]) == (
        "a.wav",
        "service.abuse",
        -10,
        "confirmed",
    )


def test_utterances_are_rows_without_words(call: StoredCall) -> None:
    rows = list(utterance_rows(call))
    assert [row["text"] for row in rows] == ["您好", "你有病吧"]
    assert "words" not in rows[0]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+86138", "'+86138"),
        ("-10 分", "'-10 分"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("\u3000=1", "'\u3000=1"),
        ("投诉=退款", "投诉=退款"),
        ("a-b", "a-b"),
        ("", ""),
        (-10, -10),
        (0.5, 0.5),
        (None, None),
        (True, 1),
        (["=a", "b"], "'=a b"),
    ],
)
def test_no_cell_is_a_formula(value: object, written: object) -> None:
    assert harmless(value) == written


def test_csv_is_what_was_given() -> None:
    out = io.StringIO()
    assert write_csv(out, [{"a": "x,\n“y”", "b": 1}, {"a": "=cmd", "b": None}]) == 2
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [["a", "b"], ["x,\n“y”", "1"], ["'=cmd", ""]]


def test_excel_is_what_was_given(tmp_path: Path) -> None:
    rows = [{"text": "=HYPERLINK(1)", "points": -10, "bad": "a\x00b"}]
    assert write_xlsx(tmp_path / "o.xlsx", rows) == 1
    sheet = load_workbook(tmp_path / "o.xlsx")["callqa"]
    assert list(sheet.values) == [("text", "points", "bad"), ("'=HYPERLINK(1)", -10, "ab")]
    assert sheet["A2"].data_type == "s"


def test_nothing_to_write_is_an_empty_file(tmp_path: Path) -> None:
    out = io.StringIO()
    assert write_csv(out, []) == write_jsonl(out, []) == write_xlsx(tmp_path / "o.xlsx", []) == 0


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callqa.store.files.XLSX_ROWS", 3)
    assert write_xlsx(tmp_path / "o.xlsx", [{"a": 1}, {"a": 2}]) == 2
    with pytest.raises(UsageError, match="csv or jsonl"):
        write_xlsx(tmp_path / "p.xlsx", [{"a": 1}, {"a": 2}, {"a": 3}])


def test_json_lines_keep_chinese_readable() -> None:
    out = io.StringIO()
    write_jsonl(out, [{"a": "投诉"}, {"a": "line\nbreak"}])
    assert out.getvalue() == '{"a": "投诉"}\n{"a": "line\\nbreak"}\n'


def test_subtitles(call: StoredCall) -> None:
    out = io.StringIO()
    assert write_srt(out, call) == 2
    assert out.getvalue() == (
        "1\n00:00:00,000 --> 00:00:01,500\nagent: 您好\n\n"
        "2\n00:00:02,000 --> 00:00:03,500\ncustomer: 你有病吧\n\n"
    )


def test_subtitles_of_calls_with_the_same_name_do_not_meet(call: StoredCall) -> None:
    used: set[str] = set()
    assert subtitle_name(call, used) == "a.srt"
    assert subtitle_name(call, used) == f"a-{call.row.sha256[:12]}.srt"


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    target = tmp_path / "o.jsonl"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(target, encoding="utf-8") as out:
        out.write("half")
        _ = 1 / 0
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
