"""Writing exports: JSON lines, CSV, Excel and subtitles."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

from ..errors import UsageError
from .call import StoredCall

XLSX_ROWS = 1_048_576
"""More than this no Excel sheet holds."""
_CELL_CHARS = 32_767
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def write_jsonl(out: IO[str], records: Iterable[Mapping[str, Any]]) -> int:
    """One JSON object a line; returns how many."""
    count = 0
    for record in records:
        out.write(json.dumps(record, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(out: IO[str], rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> int:
    """A header and a line a row. Open the file with newline='' and utf-8-sig, as Excel expects."""
    writer = csv.writer(out)
    count = 0
    for names, row in _with_columns(rows, columns):
        if not count:
            writer.writerow(names)
        writer.writerow([harmless(row.get(name)) for name in names])
        count += 1
    if not count:
        writer.writerow(columns)
    return count


def write_xlsx(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = ()) -> int:
    """One sheet with a header; UsageError when the rows are more than a sheet holds."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("callqa")
    count = 0
    try:
        for names, row in _with_columns(rows, columns):
            if not count:
                sheet.append(names)
            if count + 1 >= XLSX_ROWS:
                raise UsageError(f"an Excel sheet ends at {XLSX_ROWS} rows; write csv or jsonl instead")
            sheet.append([_cell(row.get(name)) for name in names])
            count += 1
        if not count:
            sheet.append(list(columns))
    finally:
        sheet.close()
    with replacing(path, mode="wb") as out:
        book.save(out)
    return count


def write_srt(out: IO[str], call: StoredCall, *, redacted: bool = False) -> int:
    """Subtitles of one call; returns how many."""
    utterances = call.transcript.utterances if call.transcript else ()
    for number, (u, hidden) in enumerate(zip(utterances, call.redacted, strict=True), 1):
        text = hidden if redacted else u.text
        out.write(f"{number}\n{_clock(u.start)} --> {_clock(u.end)}\n{u.role.value}: {text}\n\n")
    return len(utterances)


def subtitle_name(call: StoredCall, used: set[str]) -> str:
    """A file name for the call's subtitles that none in ``used`` has; it is added there."""
    stem = _NOT_IN_NAMES.sub("_", Path(call.row.name).stem) or "call"
    name = f"{stem}.srt"
    if name.lower() in used:
        name = f"{stem}-{call.row.sha256[:12]}.srt"
    used.add(name.lower())
    return name


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text; all else stays as it is.

    >>> harmless('=HYPERLINK("http://x")'), harmless(-10), harmless("投诉")
    ('\\'=HYPERLINK("http://x")', -10, '投诉')
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        value = " ".join(str(part) for part in value)
    if isinstance(value, str) and value.lstrip(" \u3000\ufeff").startswith(_FORMULA):
        return "'" + value
    return value


@contextmanager
def replacing(path: Path, *, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """Open a file that takes the place of ``path`` only when all is written."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open(mode, **options) as out:
            yield out
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _with_columns(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> Iterator[tuple[Sequence[str], Mapping[str, Any]]]:
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return
    names = list(columns) or list(first)
    for row in chain([first], remaining):
        yield names, row


def _cell(value: Any) -> Any:
    value = harmless(value)
    return _NOT_IN_XML.sub("", value)[:_CELL_CHARS] if isinstance(value, str) else value


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    minutes, milliseconds = divmod(whole, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02},{milliseconds % 1000:03}"
