"""A report as PDF on A4, Chinese included, with bars where people would rather look than read.

Letters are those of Adobe's Chinese font set (STSong-Light), which PDF programs bring or replace by a font
of the system; nothing is embedded, so that a report of ten pages takes some tens of kilobytes.
"""

import io
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .reports import Report, Sheet, _plain

FONT = "STSong-Light"
MOST_ROWS = 400
"""More rows of one table are for Excel; the PDF says that they were left out."""
_BAR, _INK, _LINE, _HEAD = (colors.HexColor(c) for c in ("#3f80c4", "#1c2530", "#d5dce4", "#eef2f6"))
_BAR_WIDTH = 32 * mm
_BODY = ParagraphStyle("body", fontName=FONT, fontSize=8.5, leading=11.5, textColor=_INK, wordWrap="CJK")
_SMALL = ParagraphStyle("small", parent=_BODY, textColor=colors.HexColor("#5c6773"))
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=17, leading=23)
_PART = ParagraphStyle("part", parent=_BODY, fontSize=11.5, leading=16, spaceBefore=9, spaceAfter=4)
_FIGURE = ParagraphStyle("figure", parent=_BODY, fontSize=14, leading=18)


def to_pdf(report: Report) -> bytes:
    """The whole report; pages are numbered."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    page = landscape(A4)
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), 14 * mm)
    document = SimpleDocTemplate(out, pagesize=page, title=report.title, author="callqa", **margins)
    width = page[0] - 28 * mm
    story: list[Any] = [_text(report.title, _TITLE), _text(report.about, _SMALL), Spacer(0, 5 * mm)]
    if report.figures:
        story.append(_figures(report, width))
    for sheet in report.sheets:
        story += _part(sheet, width)
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _text(value: Any, style: ParagraphStyle = _BODY) -> Paragraph:
    return Paragraph(escape(str(_plain(value))), style)


def _figures(report: Report, width: float) -> Table:
    columns = [[_text(name, _SMALL), _text(value, _FIGURE)] for name, value in report.figures]
    table = Table([columns], colWidths=[width / len(columns)] * len(columns))
    table.setStyle(
        TableStyle([("BOX", (0, 0), (-1, -1), 0.5, _LINE), ("INNERGRID", (0, 0), (-1, -1), 0.5, _LINE)])
    )
    return table


def _part(sheet: Sheet, width: float) -> list[Any]:
    heading = _text(sheet.name, _PART)
    if not sheet.rows:
        return [KeepTogether([heading, _text("–", _SMALL)])]
    table = _table(sheet, width)
    left = len(sheet.rows) - MOST_ROWS
    note = [_text(f"… +{left}", _SMALL)] if left > 0 else []
    if len(sheet.rows) <= 12:
        return [KeepTogether([heading, table])]
    return [heading, table, *note]


def _table(sheet: Sheet, width: float) -> Table:
    at = sheet.columns.index(sheet.bar) if sheet.bar else None
    most = max((_number_of(row[at]) for row in sheet.rows), default=0.0) if at is not None else 0.0
    heads = [_text(name, _SMALL) for name in sheet.columns]
    rows = [[_text(value) for value in row] for row in sheet.rows[:MOST_ROWS]]
    widths = _column_widths(sheet, width - (_BAR_WIDTH if at is not None else 0))
    if at is not None:
        heads.append(_text("", _SMALL))
        widths.append(_BAR_WIDTH)
        for cells, row in zip(rows, sheet.rows, strict=False):
            cells.append(_bar(_number_of(row[at]), most))
    table = Table([heads, *rows], colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _column_widths(sheet: Sheet, width: float) -> list[float]:
    """By the length of what stands in them, the longest held back so that the others can be read."""
    columns = list(zip(*(sheet.columns, *sheet.rows[:100]), strict=True))
    wanted = [
        min(44.0, max(5.0, *(_length(str(_plain(value))) for value in column))) ** 0.8 for column in columns
    ]
    return [width * share / sum(wanted) for share in wanted]


def _length(text: str) -> float:
    return sum(2.0 if ord(c) > 0x2E80 else 1.0 for c in text)


def _bar(value: float, most: float) -> Drawing:
    drawing = Drawing(_BAR_WIDTH - 4 * mm, 3 * mm)
    if most > 0 and value > 0:
        length = (_BAR_WIDTH - 4 * mm) * value / most
        drawing.add(Rect(0, 0, length, 3 * mm, fillColor=_BAR, strokeColor=None, rx=1, ry=1))
    return drawing


def _number_of(value: Any) -> float:
    """The size of a bar: a number, or the number that a text such as ``12.5%`` begins with."""
    if isinstance(value, int | float):
        return float(value)
    digits = str(value).split("%")[0].replace(",", "")
    try:
        return float(digits)
    except ValueError:
        return 0.0


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(colors.HexColor("#5c6773"))
    canvas.drawRightString(document.pagesize[0] - 14 * mm, 8 * mm, str(canvas.getPageNumber()))
