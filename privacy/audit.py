"""The audit log: who did what, append-only, each line holding the hash of the one before.

A line that is changed, missing in the middle or out of order breaks the chain. That lines were cut off
the end cannot be seen from the lines alone; each machine that writes keeps a witness, a file beside the
database with number and hash of what it wrote, and ``verify`` compares.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, event, func, select, true

from ..settings import get_settings
from ..store.access_tables import AuditLine
from ..store.database import Store, writing
from ..store.tables import columns_of

GENESIS = "0" * 64
_FIELDS = ("id", "at", "who", "action", "subject", "detail", "before")
_PAGE = 5000
_LOCK = 0x63616C6C
"""PostgreSQL advisory lock: one line at a time."""
line = columns_of(AuditLine)


class Action(StrEnum):
    """What is recorded."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in.refused"
    SIGN_OUT = "sign_out"
    ACCOUNT = "account"
    REFUSED = "refused"
    ORIGINAL = "original"
    VERDICT = "verdict"
    CORRECTION = "correction"
    RULES = "rules"
    EXPORT = "export"
    ERASE = "erase"
    HOLD = "hold"
    RETENTION = "retention"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; ``at`` is UTC as ISO 8601, ``detail`` JSON with sorted keys."""

    id: int
    at: str
    who: str
    action: str
    subject: str
    detail: str
    before: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines; what is left out does not narrow."""

    who: str | None = None
    action: str | None = None
    """An action or the part before its dot."""
    subject: str | None = None
    since: date | None = None
    until: date | None = None
    """The last day, included (UTC)."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What verification found; no ``problems`` means that nothing was changed."""

    lines: int
    head: str
    problems: tuple[str, ...] = field(default=())


def record(
    store: Store | Connection,
    who: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Add a line: ``who`` did ``action`` to ``subject``.

    Given a connection it belongs to that transaction: both are stored, or neither. ``detail`` must be
    JSON and hold no personal data.
    """
    with writing(store) as connection:
        _one_at_a_time(connection)
        last = connection.execute(select(line.c.id, line.c.hash).order_by(line.c.id.desc()).limit(1)).first()
        values: dict[str, Any] = {
            "id": last.id + 1 if last else 1,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "who": who,
            "action": str(action),
            "subject": subject,
            "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True, default=str),
            "before": last.hash if last else GENESIS,
        }
        entry = Entry(**values, hash=line_hash(values))
        connection.execute(line.insert().values({**values, "hash": entry.hash}))
        # What is rolled back must not be missed later.
        event.listen(connection, "commit", lambda _: witness(entry), once=True)
    return entry


def line_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 over the line's fields, each with its length, so that none can flow into the next."""
    digest = hashlib.sha256()
    for name in _FIELDS:
        raw = str(values[name]).encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def entries(
    store: Store, filter: AuditFilter | None = None, *, newest_first: bool = False, limit: int | None = None
) -> Iterator[Entry]:
    """Lines that fit, oldest first unless said otherwise."""
    order = line.c.id.desc() if newest_first else line.c.id
    query = select(*(line.c[n] for n in (*_FIELDS, "hash"))).where(_condition(filter or AuditFilter()))
    with store.read() as connection:
        for row in connection.execute(query.order_by(order).limit(limit)):
            yield Entry(*row)


def verify(store: Store, witness_file: Path | None = None) -> Findings:
    """Go through the whole chain; name every line that was changed, is missing or out of order."""
    problems: list[str] = []
    known = _witnessed(witness_file or witness_path())
    count, last, expected = 0, GENESIS, 1
    for entry in entries(store):
        count += 1
        problems += _wrong(entry, expected, last)
        seen = known.pop(entry.id, entry.hash)
        if seen != entry.hash:
            problems.append(f"line {entry.id} is not the one that was written (witness)")
        last, expected = entry.hash, entry.id + 1
    problems += [f"line {number} is missing (witness)" for number in sorted(known)]
    return Findings(count, last, tuple(problems))


def _wrong(entry: Entry, expected: int, last: str) -> Iterator[str]:
    if entry.id != expected:
        gone = f"line {expected}" if entry.id == expected + 1 else f"lines {expected} to {entry.id - 1}"
        yield f"{gone} missing before line {entry.id}"
    elif entry.before != last:
        yield f"line {entry.id} does not follow on the line before it"
    if line_hash({name: getattr(entry, name) for name in _FIELDS}) != entry.hash:
        yield f"line {entry.id} was changed"


def witness_path() -> Path:
    return get_settings().home.absolute() / "audit.witness"


def witness(entry: Entry, path: Path | None = None) -> None:
    """Note number and hash of a line outside the database, readable by the owner alone."""
    file = path or witness_path()
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(f"{entry.id} {entry.hash}\n")


def _witnessed(path: Path) -> dict[int, str]:
    try:
        pairs = (text.split() for text in path.read_text().splitlines())
        return {int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and pair[0].isdigit()}
    except OSError:
        return {}


def _condition(f: AuditFilter) -> Any:
    wanted: list[ColumnElement[bool]] = [true()]
    if f.who:
        wanted.append(line.c.who == f.who)
    if f.action:
        wanted.append((line.c.action == f.action) | line.c.action.startswith(f"{f.action}."))
    if f.subject:
        wanted.append(line.c.subject.contains(f.subject, autoescape=True))
    if f.since:
        wanted.append(line.c.at >= _midnight(f.since))
    if f.until:
        wanted.append(line.c.at < _midnight(f.until + timedelta(days=1)))
    return and_(*wanted)


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat(timespec="microseconds")


def _one_at_a_time(connection: Connection) -> None:
    """SQLite's write transactions are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
