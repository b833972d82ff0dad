"""What partitions would give the largest table of callqa on PostgreSQL, and what they would cost.

    python benchmarks/partitions.py [--calls 150000]

Two tables of utterances, 20 a call, with the indexes that callqa's has: one plain, one in 30 partitions of as
many calls. Measured on both: reading one call, storing calls, and taking the oldest thirtieth away.
Prints one JSON object.
"""

import argparse
import importlib
import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import DBAPIError

sys.path.insert(0, str(Path(__file__).parent))
PARTS = 30
LINES = 20
COLUMNS = "recording_id integer NOT NULL, position integer NOT NULL, role text NOT NULL, said text NOT NULL"
KEY = "PRIMARY KEY (recording_id, position)"
ROWS = (
    "INSERT INTO {table} SELECT r, p, 'agent', repeat('您好请稍等', 3) || r "
    "FROM generate_series({first}, {last}) r, generate_series(0, {lines} - 1) p"
)


def build(connection: Connection, table: str, calls: int, *, parts: bool) -> None:
    by = " PARTITION BY RANGE (recording_id)" if parts else ""
    connection.exec_driver_sql(f"CREATE TABLE {table} ({COLUMNS}, {KEY}){by}")
    each = calls // PARTS
    for n in range(PARTS + 1) if parts else ():
        last = f"({(n + 1) * each})" if n < PARTS else "(MAXVALUE)"
        connection.exec_driver_sql(
            f"CREATE TABLE {table}_{n} PARTITION OF {table} FOR VALUES FROM ({n * each}) TO {last}"
        )
    store(connection, table, 0, calls - 1)
    connection.exec_driver_sql(f"VACUUM ANALYZE {table}")


def store(connection: Connection, table: str, first: int, last: int) -> None:
    connection.exec_driver_sql(ROWS.format(table=table, first=first, last=last, lines=LINES))


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def read_calls(connection: Connection, table: str, calls: int, count: int = 2000) -> None:
    chance = random.Random(1)
    query = f"SELECT position, said FROM {table} WHERE recording_id = %s ORDER BY position"
    for _ in range(count):
        found = connection.exec_driver_sql(query, (chance.randrange(calls),)).all()
        assert len(found) == LINES


def take_away(connection: Connection, table: str, calls: int, *, parts: bool) -> None:
    if parts:
        connection.exec_driver_sql(f"DROP TABLE {table}_0")
        return
    connection.exec_driver_sql(f"DELETE FROM {table} WHERE recording_id < {calls // PARTS}")
    connection.exec_driver_sql(f"VACUUM {table}")


def measure(connection: Connection, calls: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table, parts in (("plain", False), ("parted", True)):
        build(connection, table, calls, parts=parts)
        read_calls(connection, table, calls, 200)
        read = timed(partial(read_calls, connection, table, calls))
        stored = timed(partial(store, connection, table, calls, calls + 999))
        away = timed(partial(take_away, connection, table, calls, parts=parts))
        found[table] = {
            "read_a_call_ms": round(read / 2000 * 1000, 3),
            "store_1000_calls_s": round(stored, 3),
            "take_a_thirtieth_away_s": round(away, 3),
        }
    return found


def unique_content(connection: Connection) -> str:
    """What PostgreSQL says to the promise that no content is stored twice, on partitions by day."""
    columns = "id integer, sha256 text UNIQUE, day date"
    try:
        connection.exec_driver_sql(f"CREATE TABLE parted_recording ({columns}) PARTITION BY RANGE (day)")
    except DBAPIError as error:
        return str(error.orig.args[0].get("M")) if error.orig else str(error)
    return "possible"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=150_000)
    calls = parser.parse_args().calls
    with importlib.import_module("servers").postgresql() as url:
        driver = make_url(url).set(drivername="postgresql+pg8000")
        engine = create_engine(driver, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = measure(connection, calls)
            refused = unique_content(connection)
        engine.dispose()
    about = {"bench": "partitions", "calls": calls, "rows": calls * LINES}
    print(json.dumps({**about, **found, "unique_content": refused}, ensure_ascii=False))


if __name__ == "__main__":
    main()
