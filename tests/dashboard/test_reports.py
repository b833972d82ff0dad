"""What is on the screen as a file: complete, and harmless when it is opened."""

import csv
import io
import re
import zlib
from datetime import UTC, date, datetime

import openpyxl
import pytest

from callqa.dashboard.report_pdf import MOST_ROWS, to_pdf
from callqa.dashboard.reports import Report, Sheet, to_csv, to_xlsx

EVIL = '=HYPERLINK("http://x","点我")'
REPORT = Report(
    "概览",
    "2026-11-14 至 2026-11-20",
    (("通话", "12"), ("平均分", "87.5")),
    (
        Sheet("命中最多的规则", ("规则", "命中"), (("推诿", 3), (EVIL, 1), ("<b>x</b>", 0)), "命中"),
        Sheet("每日", ("日期", "率", "空"), ((date(2026, 11, 20), 1 / 3, None),)),
        Sheet("每日", ("时刻",), ((datetime(2026, 11, 20, 9, 30, tzinfo=UTC),),)),
        Sheet("没有行", ("a", "b"), ()),
    ),
)


def test_a_csv_holds_every_table_under_its_name() -> None:
    text = to_csv(REPORT).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["概览"]
    assert ["规则", "命中"] in rows
    assert ["2026-11-20", "0.3333", ""] in rows
    assert rows[-2:] == [["没有行"], ["a", "b"]]


def test_no_cell_of_a_csv_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(REPORT).decode("utf-8-sig"))))
    assert ["'" + EVIL, "1"] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_a_workbook_holds_the_figures_and_a_sheet_a_table() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(REPORT)))
    assert book.sheetnames == ["概览", "命中最多的规则", "每日", "每日 2", "没有行"]
    assert [cell.value for cell in book["概览"]["B"]][2:] == ["12", "87.5"]
    assert [[cell.value for cell in row] for row in book["每日"]] == [
        ["日期", "率", "空"],
        ["2026-11-20", 0.3333, None],
    ]


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(REPORT)))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "'" + EVIL in {cell.value for cell in cells}


@pytest.mark.parametrize("name", ["a/b:c*d?[e]", "长" * 60, ""])
def test_odd_names_become_sheets(name: str) -> None:
    report = Report("t", "", (), (Sheet(name, ("a",), ((1,),)), Sheet(name, ("a",), ((2,),))))
    assert len(openpyxl.load_workbook(io.BytesIO(to_xlsx(report))).sheetnames) == 3


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_pdf_has_the_words_and_no_markup_of_theirs() -> None:
    pdf = to_pdf(REPORT)
    assert pdf.startswith(b"%PDF")
    assert b"STSong-Light" in pdf
    assert pages(pdf) == 1


def test_a_long_table_goes_over_pages_and_ends() -> None:
    rows = tuple((f"坐席{n}", n) for n in range(MOST_ROWS + 50))
    pdf = to_pdf(Report("坐席", "", (), (Sheet("坐席", ("名", "数"), rows, "数"),)))
    assert 8 < pages(pdf) < 20
    assert len(zlib.compress(pdf)) < 500_000


def test_an_empty_report_is_a_report() -> None:
    nothing = Report("空", "", (), ())
    assert pages(to_pdf(nothing)) == 1
    assert to_csv(nothing)
    assert openpyxl.load_workbook(io.BytesIO(to_xlsx(nothing))).sheetnames == ["空"]
