"""Lists of recordings: a table with a column for the file, or plain lines of paths."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import UsageError
from .fields import FILE, canonical_names, normalise
from .remote import from_url, is_url
from .tables import SUFFIXES, Row, read_rows, read_text

MANIFESTS: Final = SUFFIXES | {".txt", ".lst"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a manifest."""

    path: Path
    """Absolute; relative ones start at the manifest's folder."""
    fields: Mapping[str, str]
    """Call metadata of the other columns."""
    place: str
    """``manifest:line``."""


def read_manifest(path: Path) -> list[Listed]:
    """The entries of ``path``; UsageError names file and line of what is wrong."""
    entries = _lines(path) if path.suffix.lower() not in SUFFIXES else [_listed(r) for r in read_rows(path)]
    if not entries:
        raise UsageError(f"{path}: it lists no recording")
    return entries


def _lines(path: Path) -> list[Listed]:
    """A path a line; empty lines and those that begin with # are skipped."""
    lines = enumerate(read_text(path).splitlines(), 1)
    return [
        Listed(_absolute(path, text.strip()), {}, f"{path}:{line}")
        for line, text in lines
        if text.strip() and not text.lstrip().startswith("#")
    ]


def _listed(row: Row) -> Listed:
    names = canonical_names(row.fields)
    try:
        fields = normalise({names[header]: value for header, value in row.fields.items()})
    except ValueError as error:
        raise UsageError(f"{row.place}: {error}") from error
    file = fields.pop(FILE, None)
    if file is None:
        raise UsageError(f"{row.place}: no recording is named; a column file (文件) is needed")
    return Listed(_absolute(row.file, file), fields, row.place)


def _absolute(manifest: Path, text: str) -> Path:
    if is_url(text):
        return from_url(text)
    return Path(os.path.normpath(manifest.absolute().parent / Path(text).expanduser()))
