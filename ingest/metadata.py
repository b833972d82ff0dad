"""Call metadata (随录参数): what is known of a call besides its sound, gathered from three places.

A table (``--metadata calls.csv``) counts more than a ``<recording>.json`` next to the recording, and that
more than the recording's name. Fields have callqa's names where one is known (see ``fields``); all others
keep theirs.
"""

import errno
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from ..errors import UsageError
from .fields import FILE, canonical_names, normalise
from .filename import NamePattern
from .tables import Row, as_text, read_rows, read_text

_MOST_SHOWN: Final = 20
_LARGEST_SIDECAR: Final = 1 << 20
_ABSENT: Final = (errno.ENOENT, errno.ENAMETOOLONG)


class Metadata:
    """Everything known before the recordings are looked at; ``of`` gives the fields of one recording.

    It also keeps account: ``unused_rows``, ``without_row`` and ``problems`` are complete once all
    recordings were asked for.
    """

    def __init__(self, rows: Iterable[Row] = (), pattern: NamePattern | None = None) -> None:
        self._pattern = pattern
        self._rows: list[Row] = []
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_call: dict[str, int] = {}
        self._used: set[int] = set()
        self.without_row: list[Path] = []
        """Recordings that no row of the tables describes; empty when there are no tables."""
        self.problems: list[str] = []
        """What was wrong with the metadata of single recordings."""
        self._load(rows)

    @classmethod
    def load(cls, tables: Sequence[Path] = (), filename_pattern: str | None = None) -> "Metadata":
        """Read the tables and compile the pattern; UsageError names file and line of all that is wrong."""
        pattern = NamePattern(filename_pattern) if filename_pattern else None
        return cls((row for table in tables for row in read_rows(table)), pattern)

    def of(self, recording: Path) -> dict[str, str]:
        """The fields of ``recording``, an absolute path; what cannot be read goes to ``problems``."""
        from_name = self._from_name(recording)
        row = self._row_of(recording, from_name.get("call_id"))
        fields = {**from_name, **self._from_sidecar(recording)}
        if row is not None:
            self._used.add(row)
            fields.update(self._rows[row].fields)
            fields.pop(FILE, None)
        elif self._rows:
            self.without_row.append(recording)
        return fields

    @property
    def unused_rows(self) -> tuple[Row, ...]:
        """Rows that described no recording."""
        return tuple(row for number, row in enumerate(self._rows) if number not in self._used)

    def _load(self, rows: Iterable[Row]) -> None:
        errors: list[str] = []
        for row in rows:
            try:
                self._add(row)
            except ValueError as error:
                errors.append(f"{row.place}: {error}")
        if errors:
            more = [f"… and {len(errors) - _MOST_SHOWN} more"] if len(errors) > _MOST_SHOWN else []
            raise UsageError("\n".join(errors[:_MOST_SHOWN] + more))

    def _add(self, row: Row) -> None:
        names = canonical_names(row.fields)
        row = Row(row.file, row.line, normalise({names[h]: value for h, value in row.fields.items()}))
        file, call_id = row.fields.get(FILE), row.fields.get("call_id")
        if file is None and call_id is None:
            raise ValueError("no recording is named; a column file (文件) or call_id (通话ID) is needed")
        number = len(self._rows)
        if file is not None:
            self._add_by_name(number, row, _key(file))
        elif call_id is not None:
            self._refuse_double(row, self._by_call.get(_fold(call_id)), call_id)
        if call_id is not None:
            self._by_call.setdefault(_fold(call_id), number)
        self._rows.append(row)

    def _add_by_name(self, number: int, row: Row, key: PurePosixPath) -> None:
        same = self._by_name[key.name]
        double = next((n for n in same if _key(self._rows[n].fields[FILE]) == key), None)
        self._refuse_double(row, double, str(key))
        same.append(number)
        if key.stem != key.name:
            self._by_name[key.stem].append(number)

    def _refuse_double(self, row: Row, other: int | None, key: str) -> None:
        if other is not None:
            raise ValueError(f"{key} is described already at {self._rows[other].place}")

    def _row_of(self, recording: Path, call_id: str | None) -> int | None:
        for key in (recording.name, recording.stem):
            candidates = self._by_name.get(_fold(key), ())
            best = max(candidates, key=lambda n: self._fit(n, recording), default=None)
            if best is not None and self._fit(best, recording) > 0:
                return best
        for call in (call_id, recording.stem):
            if call is not None and _fold(call) in self._by_call:
                return self._by_call[_fold(call)]
        return None

    def _fit(self, number: int, recording: Path) -> int:
        """How many trailing parts of the row's path agree; 0 when its folders are others."""
        wanted = _key(self._rows[number].fields[FILE]).parts
        folders = _key(str(recording)).parts[:-1][-(len(wanted) - 1) :] if len(wanted) > 1 else ()
        return len(wanted) if folders == wanted[:-1] else 0

    def _from_name(self, recording: Path) -> dict[str, str]:
        try:
            return (self._pattern.read(recording) if self._pattern else None) or {}
        except ValueError as error:
            self.problems.append(f"{recording}: its name fits the pattern but {error}")
            return {}

    def _from_sidecar(self, recording: Path) -> dict[str, str]:
        for sidecar in (recording.with_name(recording.name + ".json"), recording.with_suffix(".json")):
            try:
                return _read_sidecar(sidecar)
            except OSError as error:
                if error.errno not in _ABSENT:
                    self.problems.append(f"{sidecar}: not used: {error}")
            except (ValueError, RecursionError, UsageError) as error:
                self.problems.append(f"{sidecar}: not used: {error}")
        return {}


def _read_sidecar(sidecar: Path) -> dict[str, str]:
    """The fields of a flat JSON object; nothing when it is something else, such as a transcript."""
    if sidecar.stat().st_size > _LARGEST_SIDECAR:
        return {}
    data = json.loads(read_text(sidecar))
    if not isinstance(data, dict) or any(isinstance(value, dict | list) for value in data.values()):
        return {}
    names = canonical_names(data, file=False)
    return normalise({names[header]: as_text(value) for header, value in data.items()})


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _key(path: str) -> PurePosixPath:
    """A path as it is compared: either slash, no drive, neither case nor composition of letters."""
    plain = _fold(path).replace("\\", "/")
    if plain[1:2] == ":":
        plain = plain[2:]
    return PurePosixPath(plain.removeprefix("./").lstrip("/"))
