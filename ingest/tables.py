"""Reads rows of text fields from CSV, TSV, JSON, JSONL and Excel, as other systems export them."""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import openpyxl

from ..errors import UsageError

SUFFIXES: Final = frozenset({".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx"})
LARGEST_WORKBOOK: Final = 1 << 30
"""Bytes a workbook may unpack to; a day of 200,000 calls takes about a tenth."""
_DELIMITERS: Final = "\t;,|"


@dataclass(frozen=True, slots=True)
class Row:
    """One row and where it stands."""

    file: Path
    line: int
    fields: Mapping[str, str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


def read_rows(path: Path) -> Iterator[Row]:
    """All rows of ``path``; UsageError with file and line for what cannot be read."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path}: not a table; known are {', '.join(sorted(SUFFIXES))}")
    if suffix == ".xlsx":
        return _xlsx_rows(path)
    text = read_text(path)
    if suffix in (".jsonl", ".ndjson"):
        return _jsonl_rows(path, text)
    return _json_rows(path, text) if suffix == ".json" else _csv_rows(path, text)


def read_text(path: Path) -> str:
    """The text of ``path``: UTF-8 with or without mark, UTF-16 with mark, else GB18030.

    UsageError when it cannot be read or is none of these.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UsageError(f"{path}: not a text in UTF-8, UTF-16 or GB18030")


def as_text(value: Any) -> str:
    """A JSON value as metadata: text as it is, nothing as empty, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _csv_rows(path: Path, text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    yield from _table_rows(path, _numbered(path, reader))


def _numbered(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise UsageError(f"{path}:{line}: {error}") from error
        if cells is None:
            return
        yield line, cells


def _table_rows(path: Path, lines: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    headers: list[str] | None = None
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if headers is None:
            headers = _headers(path, line, cells)
        else:
            yield Row(path, line, _fields(path, line, headers, cells))
    if headers is None:
        raise UsageError(f"{path}: no header line")


def _xlsx_rows(path: Path) -> Iterator[Row]:
    """The first sheet; empty lines are skipped."""
    try:
        _refuse_bomb(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        cells = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, SyntaxError) as error:
        raise UsageError(f"{path}: not an Excel workbook: {error}") from error
    return _table_rows(path, ((line, [_cell(c) for c in row]) for line, row in enumerate(cells, 1)))


def _refuse_bomb(path: Path) -> None:
    """A workbook is a ZIP archive, and a small one may unpack to any size."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > LARGEST_WORKBOOK:
        raise UsageError(f"{path}: unpacks to {unpacked >> 20} MB; save it as CSV")


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        # Excel keeps telephone numbers as floating point.
        return str(int(value))
    return value.isoformat(" ") if isinstance(value, datetime) else as_text(value)


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda d: (header.count(d), d == ","))


def _headers(path: Path, line: int, cells: list[str]) -> list[str]:
    headers = [cell.strip() for cell in cells]
    named = [header for header in headers if header]
    for header in named:
        if named.count(header) > 1:
            raise UsageError(f"{path}:{line}: two columns are called {header!r}")
    return headers


def _fields(path: Path, line: int, headers: list[str], cells: list[str]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(headers) :]):
        raise UsageError(f"{path}:{line}: {len(cells)} fields but {len(headers)} columns")
    return {header: cell for header, cell in zip(headers, cells, strict=False) if header}


def _jsonl_rows(path: Path, text: str) -> Iterator[Row]:
    for line, content in enumerate(text.splitlines(), 1):
        if content.strip():
            yield _object_row(path, line, _parse(path, line, content))


def _json_rows(path: Path, text: str) -> Iterator[Row]:
    """A list of objects, or an object whose keys are recordings; a row's line is its number."""
    data = _parse(path, 1, text)
    if isinstance(data, dict):
        if not all(isinstance(value, dict) for value in data.values()):
            raise UsageError(f"{path}: expected a list of objects, or an object of objects by recording")
        data = [{"file": name, **value} for name, value in data.items()]
    if not isinstance(data, list):
        raise UsageError(f"{path}: expected a list of objects")
    for number, item in enumerate(data, 1):
        yield _object_row(path, number, item)


def _parse(path: Path, line: int, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{line + error.lineno - 1}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise UsageError(f"{path}:{line}: nested too deeply") from error


def _object_row(path: Path, line: int, item: Any) -> Row:
    if not isinstance(item, dict):
        raise UsageError(f"{path}:{line}: expected an object with the call's fields")
    return Row(path, line, {name: as_text(value) for name, value in item.items()})
