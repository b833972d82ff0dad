"""What is on the screen, as a file: Excel, CSV or PDF."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ..store.files import _cell, harmless


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; ``bar`` names the column that a PDF also draws as a bar."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    bar: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A page: its heading, what it is about, its figures and its tables."""

    title: str
    about: str
    figures: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]


def to_csv(report: Report) -> bytes:
    """All tables one below the other, each under its name; a spreadsheet runs none of it as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in _lines(report):
        writer.writerow([harmless(_plain(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(report: Report) -> bytes:
    """A workbook with the figures first and a sheet a table."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    for first in book.worksheets:
        book.remove(first)
    bold = Font(bold=True)
    front = Sheet(report.title, ("", ""), (("", report.about), *report.figures))
    used: set[str] = set()
    for sheet in (front, *report.sheets):
        page = book.create_sheet(_sheet_name(sheet.name, used))
        for row in (sheet.columns, *sheet.rows):
            page.append([_cell(_plain(value)) for value in row])
        for cell in page[1]:
            cell.font = bold
        page.freeze_panes = "A2"
        for column, width in zip(page.columns, _widths(sheet), strict=True):
            page.column_dimensions[column[0].column_letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(report: Report) -> list[Sequence[Any]]:
    lines: list[Sequence[Any]] = [(report.title,), (report.about,), (), *report.figures]
    for sheet in report.sheets:
        lines += [(), (sheet.name,), sheet.columns, *sheet.rows]
    return lines


def _sheet_name(name: str, used: set[str]) -> str:
    """Excel takes 31 characters, some of them not, and no name twice."""
    stem = "".join("_" if c in "[]:*?/\\'" else c for c in name)[:28] or "Sheet"
    chosen = next(n for n in (stem, *(f"{stem} {i}" for i in range(2, 99))) if n.lower() not in used)
    used.add(chosen.lower())
    return chosen


def _widths(sheet: Sheet) -> list[float]:
    """Wide enough for the longest of the first rows; a Chinese character takes two."""
    columns = zip(*(sheet.columns, *sheet.rows[:200]), strict=True)
    return [min(60, 2 + max(_width(str(_plain(value))) for value in column)) for column in columns]


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else value
