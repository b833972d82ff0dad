import json
from datetime import datetime

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from callqa.errors import UsageError
from callqa.ingest.metadata import Metadata


def table(tmp_path, text, name="calls.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def load(tmp_path, text, **more):
    return Metadata.load([table(tmp_path, text, **more)])


CHINESE = """\
文件,工号,班组,业务,方向,技能组,开始时间,客户号码,满意度
a.wav,8023,售后一组,电商,呼入,退换货,2026/11/21 9:05,138,5
"""
CANONICAL = {
    "agent": "8023",
    "team": "售后一组",
    "business": "电商",
    "direction": "inbound",
    "queue": "退换货",
    "started_at": "2026-11-21T09:05:00",
    "customer": "138",
    "满意度": "5",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_export_in_any_encoding(tmp_path, encoding):
    assert load(tmp_path, CHINESE, encoding=encoding).of(tmp_path / "a.wav") == CANONICAL


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_delimiter(tmp_path, delimiter):
    assert load(tmp_path, CHINESE.replace(",", delimiter)).of(tmp_path / "a.wav") == CANONICAL


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", '[{"file": "a.wav", "agent": 8023, "vip": true, "note": null, "tags": ["x"]}]'),
        ("m.json", '{"a.wav": {"agent": 8023, "vip": true, "note": null, "tags": ["x"]}}'),
        ("m.jsonl", '{"file": "a.wav", "agent": 8023, "vip": true, "note": null, "tags": ["x"]}\n\n'),
    ],
)
def test_json_values_become_text(tmp_path, name, text):
    metadata = load(tmp_path, text, name=name)
    assert metadata.of(tmp_path / "a.wav") == {"agent": "8023", "vip": "true", "tags": '["x"]'}


@pytest.mark.parametrize(
    ("key", "recording", "fits"),
    [
        ("a.wav", "x/a.wav", True),
        ("a", "x/a.wav", True),
        ("a.wav", "x/a.mp3", True),
        ("A.WAV", "x/a.wav", True),
        ("x/a.wav", "x/a.wav", True),
        (r"D:\rec\x\a.wav", "/rec/x/a.wav", True),
        ("./a.wav", "x/a.wav", True),
        ("y/a.wav", "x/a.wav", False),
        ("aa.wav", "x/a.wav", False),
        ("a.b.wav", "x/a.wav", False),
        ("cafe\u0301.wav", "x/café.wav", True),
    ],
)
def test_which_recording_a_row_describes(tmp_path, key, recording, fits):
    metadata = load(tmp_path, f"file,agent\n{key},8023\n")
    assert metadata.of(tmp_path / recording) == ({"agent": "8023"} if fits else {})


def test_the_same_name_in_two_folders(tmp_path):
    metadata = load(tmp_path, "file,agent\nmon/a.wav,1\ntue/a.wav,2\n")
    assert metadata.of(tmp_path / "mon/a.wav") == {"agent": "1"}
    assert metadata.of(tmp_path / "tue/a.wav") == {"agent": "2"}
    assert metadata.of(tmp_path / "wed/a.wav") == {}


@pytest.mark.parametrize(("recording", "fits"), [("C-17.wav", True), ("c-17.mp3", True), ("C-1.wav", False)])
def test_a_call_id_is_held_against_the_name(tmp_path, recording, fits):
    metadata = load(tmp_path, "call_id,agent\nC-17,8023\n")
    assert metadata.of(tmp_path / recording) == ({"call_id": "C-17", "agent": "8023"} if fits else {})


def test_a_call_id_from_the_file_name_finds_its_row(tmp_path):
    metadata = Metadata.load([table(tmp_path, "call_id,team\nC17,售后\n")], "{agent}_{call_id}")
    assert metadata.of(tmp_path / "8023_C17.wav") == {"agent": "8023", "call_id": "C17", "team": "售后"}


def test_the_table_counts_more_than_the_sidecar_and_that_more_than_the_name(tmp_path):
    metadata = Metadata.load([table(tmp_path, "file,agent\n1_2_3.wav,table\n")], "{agent}_{team}_{queue}")
    (tmp_path / "1_2_3.json").write_text('{"agent": "sidecar", "team": "sidecar"}')
    assert metadata.of(tmp_path / "1_2_3.wav") == {"agent": "table", "team": "sidecar", "queue": "3"}


@pytest.mark.parametrize("name", ["a.json", "a.wav.json"])
def test_a_sidecar_next_to_the_recording(tmp_path, name):
    (tmp_path / name).write_text('{"坐席": "8023", "呼叫方向": "外呼", "name": "王芳", "x": null}', "utf-8")
    assert Metadata().of(tmp_path / "a.wav") == {"agent": "8023", "direction": "outbound", "name": "王芳"}


@pytest.mark.parametrize(
    "data", [{"agent": "1", "turns": [{"text": "您好"}]}, {"agent": {"id": 1}}, [1], "x", 7]
)
def test_a_sidecar_that_is_not_flat_is_something_else(tmp_path, data):
    (tmp_path / "a.json").write_text(json.dumps(data))
    metadata = Metadata()
    assert (metadata.of(tmp_path / "a.wav"), metadata.problems) == ({}, [])


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"start": "soon"}', b"[" * 100_000])
def test_a_broken_sidecar_is_a_problem_of_one_recording(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    metadata = Metadata()
    assert metadata.of(tmp_path / "a.wav") == {}
    assert len(metadata.problems) == 1
    assert str(tmp_path / "a.json") in metadata.problems[0]


def test_a_huge_sidecar_is_not_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"agent": "x" * 2_000_000}))
    assert Metadata().of(tmp_path / "a.wav") == {}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("呼入,1001,8023", {"direction": "inbound", "主叫号码": "1001", "被叫": "8023", "customer": "1001"}),
        ("外呼,8023,1001", {"direction": "outbound", "主叫号码": "8023", "被叫": "1001", "customer": "1001"}),
        (",1001,8023", {"主叫号码": "1001", "被叫": "8023", "customer": "1001"}),
        ("转接,1001,", {"direction": "转接", "主叫号码": "1001", "customer": "1001"}),
    ],
)
def test_the_customer_is_the_other_side(tmp_path, row, expected):
    metadata = load(tmp_path, f"文件,方向,主叫号码,被叫\na.wav,{row}\n")
    assert metadata.of(tmp_path / "a.wav") == expected


def test_rows_and_recordings_without_the_other_are_reported(tmp_path):
    metadata = load(tmp_path, "file,agent\na.wav,1\ngone.wav,2\n")
    metadata.of(tmp_path / "a.wav")
    metadata.of(tmp_path / "new.wav")
    assert [row.place for row in metadata.unused_rows] == [f"{tmp_path}/calls.csv:3"]
    assert metadata.without_row == [tmp_path / "new.wav"]


def test_without_a_table_no_recording_lacks_a_row(tmp_path):
    metadata = Metadata()
    metadata.of(tmp_path / "a.wav")
    assert metadata.without_row == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "calls.csv: no header line"),
        ("\n\n", "calls.csv: no header line"),
        ("agent,team\n1,2\n", "calls.csv:2: no recording is named"),
        ("file,agent\n\na.wav,1\n,2\n", "calls.csv:4: no recording is named"),
        ("file,agent\na.wav,1\na.wav,2\n", "calls.csv:3: a.wav is described already at .*calls.csv:2"),
        ("call_id,agent\n7,1\n7,2\n", "calls.csv:3: 7 is described already"),
        ("file,agent\na.wav,1,2\n", "calls.csv:2: 3 fields but 2 columns"),
        ("file,file\na.wav,1\n", "calls.csv:1: two columns are called 'file'"),
        ("file,start\na.wav,31.12.2026\n", "calls.csv:2: '31.12.2026' is no date"),
        ('file,agent\na.wav,"x\n', "calls.csv:2: unexpected end of data"),
        ("file,agent\na.wav,\0\n", "not a text"),
    ],
)
def test_errors_name_file_and_line(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        load(tmp_path, text)


def test_all_errors_are_told_at_once_but_not_without_end(tmp_path):
    with pytest.raises(UsageError) as caught:
        load(tmp_path, "file,start\n" + "".join(f"{n}.wav,never\n" for n in range(30)))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 10 more"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.json", "{", "m.json:1: not JSON"),
        ("m.json", "\n\n{x}", "m.json:3: not JSON"),
        ("m.json", '{"a.wav": 1}', "list of objects"),
        ("m.json", "7", "list of objects"),
        ("m.jsonl", "{}\n7\n", "m.jsonl:2: expected an object"),
        ("m.json", "[" * 100_000, "nested too deeply"),
        ("m.docx", "", "not a table"),
    ],
)
def test_errors_in_json(tmp_path, name, text, message):
    with pytest.raises(UsageError, match=message):
        load(tmp_path, text, name=name)


def test_a_missing_table(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        Metadata.load([tmp_path / "gone.csv"])


def test_short_rows_lack_their_last_fields(tmp_path):
    assert load(tmp_path, "file,agent,team\na.wav,1\n").of(tmp_path / "a.wav") == {"agent": "1"}


def test_commas_and_line_breaks_in_quotes(tmp_path):
    metadata = load(tmp_path, 'file,note\na.wav,"一,\n二"\nb.wav,x\n')
    assert metadata.of(tmp_path / "a.wav") == {"note": "一,\n二"}


def test_an_excel_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in (
        [],
        ["录音文件", "工号", "客户号码", "开始时间", "满意度", "备注"],
        ["a.wav", 8023, 13800000000.0, datetime(2026, 11, 21, 9, 5), 4.5, None],
        [],
        ["b.wav", "0042"],
    ):
        sheet.append(row)
    book.save(tmp_path / "calls.xlsx")
    metadata = Metadata.load([tmp_path / "calls.xlsx"])
    assert metadata.of(tmp_path / "a.wav") == {
        "agent": "8023",
        "customer": "13800000000",
        "started_at": "2026-11-21T09:05:00",
        "满意度": "4.5",
    }
    assert metadata.of(tmp_path / "b.wav") == {"agent": "0042"}


def test_an_excel_workbook_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="not an Excel workbook"):
        load(tmp_path, "file,agent\n", name="calls.xlsx")


def test_several_tables(tmp_path):
    one = table(tmp_path, "file,agent\na.wav,1\n", name="one.csv")
    two = table(tmp_path, "file,agent\nb.wav,2\n", name="two.csv")
    metadata = Metadata.load([one, two])
    assert metadata.of(tmp_path / "b.wav") == {"agent": "2"}


def test_a_large_table_is_quick(tmp_path):
    rows = "".join(f"{n}.wav,{n % 100}\n" for n in range(20_000))
    metadata = load(tmp_path, "file,agent\n" + rows)
    assert all(metadata.of(tmp_path / f"{n}.wav")["agent"] == str(n % 100) for n in range(0, 20_000, 10))
