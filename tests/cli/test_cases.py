"""Cases and reports from the command line."""

import json

import pytest


def test_a_case_goes_its_way(callqa, store):
    opened = callqa(
        "cases", "open", "包装破损", "--call", "1", "--department", "物流部", "--severity", "high"
    )
    assert opened.exit_code == 0, opened.output
    assert "包装破损" in callqa("cases", "list").output
    refused = callqa("cases", "move", "1", "solved")
    assert refused.exit_code == 2
    assert "outcome" in refused.output
    assert callqa("cases", "move", "1", "solved", "--outcome", "已更换包装", "--who", "王").exit_code == 0
    assert "0 cases" in callqa("cases", "list").output
    shown = callqa("cases", "show", "1").output
    assert "open -> solved" in shown
    assert "王 moved" in shown


def test_cases_as_json(callqa, store):
    callqa("cases", "open", "a", "--deadline", "2020-01-01")
    (case,) = json.loads(callqa("cases", "list", "--overdue", "--json").output)
    assert (case["title"], case["escalated"] > 0) == ("a", True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("move", "1", "gone"), "no such state"),
        (("show", "7"), "no case 7"),
        (("open", "x", "--severity", "odd"), "no such severity"),
        (("open", " "), "needs a title"),
    ],
)
def test_what_cannot_be_done(callqa, store, words, complaint):
    result = callqa("cases", *words)
    assert result.exit_code == 2
    assert complaint in result.output


@pytest.mark.parametrize(("name", "begins"), [("a.pdf", b"%PDF"), ("a.xlsx", b"PK"), ("a.csv", "﻿".encode())])
def test_a_report_in_every_form(callqa, store, tmp_path, name, begins):
    result = callqa("report", str(tmp_path / name), "--date", "2026-03-04", "--days", "7")
    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_bytes().startswith(begins)
    assert "2026-02-26 to 2026-03-04" in result.output


@pytest.mark.parametrize(("name", "more"), [("a.doc", ()), ("a.pdf", ("--language", "fr"))])
def test_no_other_form(callqa, store, tmp_path, name, more):
    assert callqa("report", str(tmp_path / name), *more).exit_code == 2


def test_a_digest(callqa, store, tmp_path):
    result = callqa("digest", "--date", "2026-03-04", "--out", str(tmp_path / "d.html"))
    assert result.exit_code == 0, result.output
    assert "1 calls" in result.output
    assert "客户之声" in (tmp_path / "d.html").read_text("utf-8")
    assert json.loads(callqa("digest", "--date", "2026-03-04", "--json").output)["state"] == "draft"


def test_a_day_without_calls_has_an_empty_digest(callqa, store):
    assert "0 calls" in callqa("digest", "--date", "2020-01-01").output
