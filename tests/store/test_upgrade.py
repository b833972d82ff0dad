"""A database of every earlier schema, rows in every table, is brought up to date with all of them kept."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, MetaData, Table, insert, select, text, types

from callqa.store import database, open_store

SCRIPTS = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
OLDER = sorted(s.revision for s in SCRIPTS.walk_revisions() if s.revision != database.REVISION)
DERIVED = {"call_day", "flag_day", "alembic_version"}
"""What a migration writes itself: sums that are added up anew, the schema's number."""
MOVED = {("file", "batch_id")}
"""Columns that are no more; what they held is in batch_file."""
ROWS = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server = request.getfixturevalue("postgresql").url
    _outside_a_transaction(server, "CREATE DATABASE older")
    yield server.removesuffix("/postgres") + "/older"
    _outside_a_transaction(server, "DROP DATABASE older WITH (FORCE)")


@pytest.mark.parametrize("revision", OLDER)
def test_every_row_of_an_older_schema_is_kept(url: str, revision: str) -> None:
    engine = database._engine(url)
    with engine.connect().execution_options(callqa_write=True) as connection, connection.begin():
        database.migrate(connection, revision)
        fill(connection)
    before = contents(engine)
    assert {len(rows) for name, rows in before.items() if name not in DERIVED} == {ROWS}

    open_store(url).close()

    after = contents(engine)
    engine.dispose()
    for name in before.keys() - DERIVED:
        kept = before[name][0].keys() & after[name][0].keys()
        assert before[name][0].keys() - kept <= {column for table, column in MOVED if table == name}
        old, new = ([{c: row[c] for c in kept} for row in rows] for rows in (before[name], after[name]))
        assert new == old, name
    assert sum(row["calls"] for row in after["call_day"]) == ROWS


def fill(connection: Connection) -> None:
    """Rows in every table that is there, all columns set, each referring to the row of its own number."""
    for table in _tables(connection).sorted_tables:
        if table.name not in DERIVED:
            columns = [c for c in table.columns if c.computed is None]
            for number in range(1, ROWS + 1):
                connection.execute(insert(table).values({c.name: _value(c, number) for c in columns}))


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows, in the order of their keys."""
    with engine.connect() as connection:
        found = {}
        for table in _tables(connection).sorted_tables:
            ordered = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(ordered).mappings()]
    return found


def _tables(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata


def _value(column: Column[Any], number: int) -> Any:
    """What differs from row to row and fits the column's type."""
    match column.type:
        case types.Boolean():
            return number % 2 == 0
        case types.Integer() | types.Float():
            return number
        case types.DateTime() as kind:
            zone = UTC if kind.timezone else None
            return datetime(2026, 1, 1, 8, tzinfo=zone) + timedelta(days=number)
        case types.Date():
            return date(2026, 1, number)
        case types.JSON():
            return {"number": number}
        case types.LargeBinary():
            return bytes([number])
        case types.String():
            return f"{column.name} {number}"
        case kind:
            raise AssertionError(f"{_name(column)} has a type this test cannot fill: {kind!r}")


def _name(column: Column[Any]) -> str:
    assert isinstance(column.table, Table)
    return f"{column.table.name}.{column.name}"


def _outside_a_transaction(url: str, command: str) -> None:
    engine = database._engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()
