"""Takes a whole store to another database, and compares the two row by row.

Meant for the day on which SQLite is outgrown: every table is copied in one transaction of the new database
from one moment of the old one, so that the new one holds all or nothing.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Computed, Connection, Table, func, inspect, select, text

from ..errors import StoreError
from . import rollups
from .database import Store
from .tables import Table as Base

CHUNK = 2000
Tick = Callable[[str, int], None]
_NONE: Tick = lambda _table, _rows: None  # noqa: E731


@dataclass(frozen=True, slots=True)
class Compared:
    """One table in both databases; equal when number and digest of its rows are."""

    table: str
    rows: int
    other_rows: int
    is_equal: bool


def move(source: Store, target: Store, tick: Tick = _NONE) -> dict[str, int]:
    """Copy all of ``source`` into the empty ``target``; returns the rows of each table.

    Raises StoreError when the target holds anything or the source is being worked on. ``tick`` is told how
    many rows of which table are over.
    """
    _check(source, target)
    counts = {}
    with source.read() as reading, target.write() as writing:
        _triggers(writing, on=False)
        for table in tables():
            counts[table.name] = _copy(reading, writing, table, tick)
        _triggers(writing, on=True)
        _set_sequences(writing)
        if inspect(writing).has_table("call_day"):
            rollups.rebuild(writing)
    if target.engine.dialect.name == "postgresql":
        with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return counts


def compare(source: Store, target: Store, tick: Tick = _NONE) -> list[Compared]:
    """Every table of both, row by row in the order of their keys."""
    found = []
    with source.read() as one, target.read() as other:
        for table in tables():
            (rows, digest), (other_rows, other_digest) = _digest(one, table), _digest(other, table)
            tick(table.name, rows)
            found.append(Compared(table.name, rows, other_rows, (rows, digest) == (other_rows, other_digest)))
    return found


def tables() -> list[Table]:
    """All tables, those that others refer to first; sums kept by triggers are added up anew instead."""
    return [t for t in Base.metadata.sorted_tables if t.name not in ("call_day", "flag_day")]


def _check(source: Store, target: Store) -> None:
    if source.engine.url == target.engine.url:
        raise StoreError("that is the same database")
    recording = Base.metadata.tables["recording"]
    with target.read() as connection:
        if connection.execute(select(recording.c.id).limit(1)).first():
            raise StoreError("the other database holds recordings already; name an empty one")
    running = select(func.count()).select_from(recording).where(recording.c.status == "running")
    with source.read() as connection:
        if connection.execute(running).scalar_one():
            raise StoreError("recordings are being worked on; stop all workers first, then move")


def _copy(reading: Connection, writing: Connection, table: Table, tick: Tick) -> int:
    writing.execute(table.delete())  # what migrations put there comes from the source
    count = 0
    for rows in _chunks(reading, table):
        _insert(writing, table, rows)
        count += len(rows)
        tick(table.name, len(rows))
    return count


def _columns(table: Table) -> list[Any]:
    return [column for column in table.columns if not isinstance(column.computed, Computed)]


def _chunks(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    query = select(*_columns(table)).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=CHUNK).execute(query)
    for rows in found.partitions():
        yield [tuple(row) for row in rows]


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    columns = _columns(table)
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, columns, rows)
        return
    names = [column.key for column in columns]
    connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def _copy_in(
    connection: Connection, table: Table, columns: Sequence[Any], rows: Sequence[tuple[Any, ...]]
) -> None:
    """PostgreSQL's COPY takes rows many times faster than INSERT."""
    are_json = [column.type.__class__.__name__ == "JSON" for column in columns]
    lines = [",".join(map(_field, row, are_json)) for row in rows]
    names = ", ".join(f'"{column.name}"' for column in columns)
    command = f'COPY "{table.name}" ({names}) FROM STDIN WITH (FORMAT csv)'
    stream = io.BytesIO(("\n".join(lines) + "\n").encode())
    cursor = connection.connection.cursor()
    try:
        cursor.execute(command, stream=stream)  # type: ignore[call-arg]
    finally:
        cursor.close()


def _field(value: Any, is_json: bool) -> str:
    """A value as COPY reads it: nothing is NULL, and everything else stands in quotes."""
    if value is None:
        return ""
    plain = json.dumps(value, ensure_ascii=False) if is_json else _plain(value)
    return '"' + plain.replace('"', '""') + '"'


def _plain(value: Any) -> str:
    match value:
        case bytes():
            return "\\x" + value.hex()
        case datetime():
            return value.isoformat()
        case bool():
            return "t" if value else "f"
        case float():
            return repr(value)
    return str(value)


def _digest(connection: Connection, table: Table) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    for rows in _chunks(connection, table):
        count += len(rows)
        for row in rows:
            digest.update(repr([_same(value) for value in row]).encode("utf-8", "surrogatepass"))
    return count, digest.hexdigest()


def _same(value: Any) -> Any:
    """A value as both databases give it back: SQLite forgets zones, and some numbers' types."""
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bool() | int():
            return float(value)
        case memoryview():
            return bytes(value)
        case dict() | list():
            return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value


def _triggers(connection: Connection, *, on: bool) -> None:
    """Sums are added up at the end instead of row by row."""
    if connection.dialect.name == "postgresql":
        for name in ("recording", "flag"):
            word = "ENABLE" if on else "DISABLE"
            connection.execute(text(f'ALTER TABLE "{name}" {word} TRIGGER USER'))


def _set_sequences(connection: Connection) -> None:
    """Numbers go on behind the copied ones."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        keys = list(table.primary_key.columns)
        if len(keys) != 1 or keys[0].name != "id":
            continue
        highest = connection.execute(select(func.max(keys[0]))).scalar()
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar()
        if highest is not None and sequence is not None:
            connection.execute(select(func.setval(sequence, highest)))
