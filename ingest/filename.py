"""Reads call metadata from the names that recorders give their files.

A pattern is a regular expression with named groups, ``(?P<agent>\\d{4})_(?P<customer>\\d+)``, or a template,
``{start:%Y%m%d%H%M%S}_{agent}_{customer}``: a name in braces is a field, ``{}`` is anything, the rest is
literal. A field may come in pieces: ``{start:%Y%m%d}_{agent}_{start:%H%M%S}``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import re2  # type: ignore[import-untyped]

from ..errors import UsageError
from .fields import canonical_names, normalise

_PIECE: Final = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_WIDTHS: Final[Mapping[str, str]] = {
    "Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}", "y": r"\d{2}",
    "f": r"\d{1,6}", "j": r"\d{3}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of the regular expression and the field it belongs to."""

    name: str
    field: str
    time_format: str = ""


class NamePattern:
    """A compiled pattern; UsageError says what is wrong with one."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        if "(?P<" in pattern:
            self._regex = _compile(pattern, pattern)
            self._groups = [_Group(name, name) for name in self._regex.groupindex]
            self._match = self._regex.search
        else:
            source, self._groups = _from_template(pattern)
            self._regex = _compile(source, pattern)
            self._match = self._regex.fullmatch
        if not self._groups:
            raise UsageError(f"file-name pattern {pattern!r} names no field; write {{agent}} or (?P<agent>…)")
        self._names = canonical_names(dict.fromkeys(group.field for group in self._groups), file=False)
        self._depth = pattern.count("/")

    def read(self, path: Path) -> dict[str, str] | None:
        """The fields in the name of ``path``; None when it does not fit.

        The pattern is held against the name without suffix, and against as many folders before it as the
        pattern has slashes. ValueError when a time in the name is none.
        """
        folders = path.parent.parts[-self._depth :] if self._depth else ()
        match = self._match("/".join((*folders, path.stem)))
        return None if match is None else normalise(dict(self._fields(match.groupdict())))

    def _fields(self, found: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
        pieces: dict[str, list[_Group]] = defaultdict(list)
        for group in self._groups:
            if found[group.name]:
                pieces[self._names[group.field]].append(group)
        for field, groups in pieces.items():
            value = " ".join(found[group.name] or "" for group in groups)
            if all(group.time_format for group in groups):
                value = _time(value, " ".join(group.time_format for group in groups))
            yield field, value


def _time(value: str, time_format: str) -> str:
    try:
        return datetime.strptime(value, time_format).isoformat()
    except ValueError:
        raise ValueError(f"{value!r} is no time") from None


def _compile(source: str, pattern: str) -> Any:
    # RE2, since a careless pattern must not take for ever on a long name.
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else "not valid"
        raise UsageError(f"file-name pattern {pattern!r}: {reason}") from error


def _from_template(template: str) -> tuple[str, list[_Group]]:
    source, end = "", 0
    groups: list[_Group] = []
    for piece in _PIECE.finditer(template):
        source += re2.escape(template[end : piece.start()])
        end = piece.end()
        name, time_format = piece[1].strip(), piece[2] or ""
        inner = _time_regex(template, time_format) if time_format else ".+?"
        if name:
            groups.append(_Group(f"g{len(groups)}", name, time_format))
            source += f"(?P<{groups[-1].name}>{inner})"
        else:
            source += f"(?:{inner})"
    return source + re2.escape(template[end:]), groups


def _time_regex(template: str, time_format: str) -> str:
    source = ""
    parts = iter(re.split(r"(%.?)", time_format))
    for part in parts:
        if not part.startswith("%"):
            source += re2.escape(part)
        elif part[1:] in _WIDTHS:
            source += _WIDTHS[part[1:]]
        else:
            known = ", ".join("%" + letter for letter in _WIDTHS)
            raise UsageError(f"file-name pattern {template!r}: {part!r} is not one of {known}")
    return source
