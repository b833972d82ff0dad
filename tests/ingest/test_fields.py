import doctest
from datetime import datetime

import pytest

from callqa.ingest import fields, sniff
from callqa.ingest.fields import FILE, SYNONYMS, canonical_names, fold, iso_time, normalise


@pytest.mark.parametrize("module", [fields, sniff])
def test_examples_in_the_documentation(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


@pytest.mark.parametrize(
    ("header", "canonical"),
    [
        ("Call ID", "call_id"),
        ("callId", "call_id"),
        ("通话ID", "call_id"),
        ("工号", "agent"),
        ("Agent-No", "agent"),
        ("座席工号", "agent"),
        ("班组", "team"),
        ("业务线", "business"),
        ("呼叫方向", "direction"),
        ("技能组", "queue"),
        ("开始时间", "started_at"),
        ("START TIME", "started_at"),
        ("客户号码（脱敏）", "customer"),
        ("录音文件", FILE),
        ("name", FILE),
        ("满意度", "满意度"),
        ("agents", "agents"),
        ("end_time", "end_time"),
        ("客户满意度", "客户满意度"),
        ("被叫号码", "被叫号码"),
        (" Duration ", "Duration"),
    ],
)
def test_header_and_near_misses(header, canonical):
    assert canonical_names([header]) == {header: canonical}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["坐席", "工号"], ["坐席", "agent"]),
        (["工号", "agent"], ["工号", "agent"]),
        (["file", "name"], ["file", "name"]),
        (["name", "path"], ["name", "file"]),
        (["客户", "手机号"], ["customer", "手机号"]),
    ],
)
def test_one_header_wins_and_the_other_keeps_its_name(headers, expected):
    assert list(canonical_names(headers).values()) == expected


def test_no_header_means_two_fields():
    every = [word for name, words in SYNONYMS.items() for word in {fold(name), *words}]
    assert len(every) == len(set(every))


def test_synonyms_are_written_as_they_are_compared():
    assert all(fold(word) == word for words in SYNONYMS.values() for word in words)


def test_without_file_a_name_is_a_name():
    assert canonical_names(["name", "agent"], file=False) == {"name": "name", "agent": "agent"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21 09:05:01", "2026-11-21T09:05:01"),
        ("2026-11-21 09:05", "2026-11-21T09:05:00"),
        ("2026/11/21 9:05", "2026-11-21T09:05:00"),
        ("2026/1/2 9:05:01", "2026-01-02T09:05:01"),
        ("2026-11-21T09:05:01", "2026-11-21T09:05:01"),
        ("2026-11-21T09:05:01Z", "2026-11-21T09:05:01+00:00"),
        ("2026-11-21T09:05:01+08:00", "2026-11-21T09:05:01+08:00"),
        ("2026-11-21 09:05:01.250", "2026-11-21T09:05:01.250000"),
        ("20261121090501", "2026-11-21T09:05:01"),
        ("20261121_090501", "2026-11-21T09:05:01"),
        ("20261121 09:05:01", "2026-11-21T09:05:01"),
        ("2026年11月21日 09时05分01秒", "2026-11-21T09:05:01"),
        ("2026年11月21日9:05", "2026-11-21T09:05:00"),
        ("2026年11月21日", "2026-11-21T00:00:00"),
        ("２０２６-11-21 09：05", "2026-11-21T09:05:00"),
        ("20261121", "2026-11-21T00:00:00"),
        ("202611210905", "2026-11-21T09:05:00"),
    ],
)
def test_times(text, expected):
    assert iso_time(text) == expected


@pytest.mark.parametrize("text", ["1795251901", "1795251901000"])
def test_seconds_since_1970(text):
    assert datetime.fromisoformat(iso_time(text)).timestamp() == 1795251901


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "21.11.2026",
        "11/21/2026",
        "2026-13-01",
        "09:05",
        "2026-02-30",
        "2026",
        "20261301",
        "2026112109",
    ],
)
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="is no date and time"):
        iso_time(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("呼入", "inbound"),
        ("IN", "inbound"),
        ("外呼", "outbound"),
        ("Outbound", "outbound"),
        ("转接", "转接"),
    ],
)
def test_directions(value, expected):
    assert normalise({"direction": value})["direction"] == expected


def test_empty_values_are_left_out_and_spaces_cut():
    assert normalise({"agent": "  ", "team": " 售后 ", "x": ""}) == {"team": "售后"}


@pytest.mark.parametrize(
    ("row", "customer"),
    [
        ({"direction": "inbound", "caller": "1", "callee": "2"}, "1"),
        ({"direction": "outbound", "caller": "1", "callee": "2"}, "2"),
        ({"direction": "outbound", "caller": "1"}, None),
        ({"customer": "3", "caller": "1"}, "3"),
    ],
)
def test_customer_by_direction(row, customer):
    assert normalise(row).get("customer") == customer
