"""The audit log: every change of it is found, and the database refuses most of them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from callqa.errors import StoreError
from callqa.privacy import audit
from callqa.privacy.audit import GENESIS, Action, AuditFilter, entries, record, verify
from callqa.store import Store


@pytest.fixture
def ten(store: Store) -> Store:
    for n in range(10):
        record(store, f"person{n % 2}", Action.VERDICT if n % 3 else "rules.publish", f"flag {n}", {"n": n})
    return store


def tamper(store: Store, *commands: str) -> None:
    """As somebody with the database in hands would: without the triggers."""
    with store.write() as connection:
        for deed in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER audit_line_no_{deed}"))
        for command in commands:
            connection.execute(text(command))


def test_lines_follow_on_each_other(ten: Store) -> None:
    lines = list(entries(ten))
    assert [line.before for line in lines] == [GENESIS, *(line.hash for line in lines[:-1])]
    found = verify(ten)
    assert (found.lines, found.problems, found.head) == (10, (), lines[-1].hash)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("UPDATE audit_line SET detail = '{}' WHERE id = 4", "line 4 was changed"),
        ("UPDATE audit_line SET who = 'eve' WHERE id = 10", "line 10 was changed"),
        ("UPDATE audit_line SET at = '2020-01-01' WHERE id = 1", "line 1 was changed"),
        ("DELETE FROM audit_line WHERE id = 5", "line 5 missing before line 6"),
        ("DELETE FROM audit_line WHERE id BETWEEN 2 AND 4", "lines 2 to 4 missing before line 5"),
        ("DELETE FROM audit_line WHERE id = 1", "line 1 missing before line 2"),
        ("DELETE FROM audit_line WHERE id > 8", "line 9 is missing (witness)"),
        ("DELETE FROM audit_line", "line 1 is missing (witness)"),
        ("UPDATE audit_line SET hash = 'x' || hash WHERE id = 3", "line 4 does not follow"),
    ],
)
def test_what_was_done_to_the_log_is_found(ten: Store, command: str, complaint: str) -> None:
    tamper(ten, command)
    assert any(complaint in problem for problem in verify(ten).problems)


def test_two_lines_that_changed_places_are_found(ten: Store) -> None:
    tamper(
        ten,
        "UPDATE audit_line SET id = 99 WHERE id = 3",
        "UPDATE audit_line SET id = 3 WHERE id = 4",
        "UPDATE audit_line SET id = 4 WHERE id = 99",
    )
    problems = verify(ten).problems
    assert any("line 3" in p for p in problems)
    assert any("line 4" in p for p in problems)


def test_a_line_rewritten_with_all_that_follow_is_found_by_the_witness(ten: Store) -> None:
    lines = [{name: getattr(e, name) for name in (*audit._FIELDS, "hash")} for e in entries(ten)]
    lines[4]["who"], before = "somebody else", lines[3]["hash"]
    for values in lines[4:]:
        values["before"] = before
        before = values["hash"] = audit.line_hash(values)
    tamper(ten, "DELETE FROM audit_line WHERE id > 4")
    with ten.write() as connection:
        connection.execute(audit.line.insert(), lines[4:])
    assert verify(ten).problems == tuple(
        f"line {n} is not the one that was written (witness)" for n in range(5, 11)
    )
    assert verify(ten, Path("no-witness")).problems == ()


@pytest.mark.parametrize(
    "command", ["UPDATE audit_line SET who = 'eve'", "DELETE FROM audit_line WHERE id = 1"]
)
def test_the_database_refuses_to_change_or_drop_lines(ten: Store, command: str) -> None:
    with pytest.raises(StoreError, match="only ever added"), ten.write() as connection:
        connection.execute(text(command))
    assert verify(ten).problems == ()


def test_a_line_belongs_to_the_transaction_that_caused_it(ten: Store) -> None:
    with pytest.raises(ZeroDivisionError), ten.write() as connection:
        record(connection, "a", Action.RULES, "x")
        _ = 1 / 0
    record(ten, "b", Action.RULES, "y")
    found = verify(ten)
    assert (found.lines, found.problems) == (11, ())


def test_fields_cannot_flow_into_each_other() -> None:
    base = {"id": 1, "at": "", "action": "x", "subject": "", "detail": "", "before": ""}
    assert audit.line_hash({**base, "who": "ab"}) != audit.line_hash({**base, "who": "a", "action": "bx"})


@pytest.mark.parametrize(
    ("filter", "count"),
    [
        (AuditFilter(), 10),
        (AuditFilter(who="person1"), 5),
        (AuditFilter(action="rules"), 4),
        (AuditFilter(action="rules.publish"), 4),
        (AuditFilter(action="rule"), 0),
        (AuditFilter(subject="flag 7"), 1),
        (AuditFilter(subject="%"), 0),
        (AuditFilter(since=datetime.now(UTC).date() - timedelta(days=1)), 10),
        (AuditFilter(until=datetime.now(UTC).date() - timedelta(days=1)), 0),
    ],
)
def test_lines_are_found_by_what_they_hold(ten: Store, filter: AuditFilter, count: int) -> None:
    assert len(list(entries(ten, filter))) == count


def test_the_newest_come_first_when_asked(ten: Store) -> None:
    assert [e.id for e in entries(ten, newest_first=True, limit=2)] == [10, 9]


def test_many_writers_make_one_chain(store: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: record(store, f"p{n}", "verdict"), range(30)))
    assert (verify(store).lines, verify(store).problems) == (30, ())


def test_the_witness_is_for_its_owner_only(ten: Store, home: Path) -> None:
    assert (home / "audit.witness").stat().st_mode & 0o077 == 0


def test_detail_is_json(ten: Store) -> None:
    details: list[Any] = [json.loads(e.detail) for e in entries(ten)]
    assert details[3] == {"n": 3}
