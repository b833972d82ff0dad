"""Taking a store to another database."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import StoreError
from callqa.store import (
    CallFilter,
    Store,
    add_recordings,
    add_verdict,
    claim_next,
    get_call,
    list_calls,
    open_store,
    start_batch,
)
from callqa.store.move import compare, move


@pytest.fixture
def source(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    shutil.copy(empty_database, tmp_path / "source.db")
    opened = open_store(f"sqlite:///{tmp_path / 'source.db'}")
    yield opened
    opened.close()


@pytest.fixture
def filled(source: Store, build: Any) -> Store:
    """Calls with flags, odd texts and names, a verdict, a failure; and what else a store holds."""
    from callqa.store import save_failure, save_result

    batch = start_batch(source, [Path("/calls")])
    odd = os.fsdecode(b"/calls/\xc2\xbc.wav")
    files = [build.file(f"{n}.wav", agent=str(n % 7)) for n in range(60)]
    add_recordings(source, [*files, build.file(odd)], batch)
    lines = ('您好，"请讲"', "a,b\nc\\N", "\\N", "")
    for n in range(1, 41):
        flags = (build.flag("a.x", why='say "x", then\ny'), build.flag("b.y", trace={"at": [1, None, "中"]}))
        result = build.result(build.transcript(*lines), build.inspection(*flags, score=n % 100))
        save_result(source, n, result)
    save_failure(source, 41, kind="damaged", reason="it breaks off", remedy="fetch it again")
    flag = get_call(source, 3).flags[0].id
    add_verdict(source, flag, "confirmed", reviewer="anna")
    return source


def test_everything_arrives_and_compares_equal(filled: Store, store: Store) -> None:
    counts = move(filled, store)
    assert (counts["recording"], counts["utterance"], counts["flag"]) == (61, 160, 80)
    assert [c.table for c in compare(filled, store) if not c.is_equal] == []
    assert (
        list_calls(store, CallFilter(agent=("3",))).total
        == list_calls(filled, CallFilter(agent=("3",))).total
    )


def test_a_difference_is_found(filled: Store, store: Store) -> None:
    move(filled, store)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE utterance SET text = 'x' WHERE recording_id = 7 AND position = 1")
        connection.exec_driver_sql("DELETE FROM verdict")
    assert {c.table for c in compare(filled, store) if not c.is_equal} == {"utterance", "verdict"}


def test_work_goes_on_in_the_new_one(filled: Store, store: Store, build: Any) -> None:
    move(filled, store)
    add_recordings(store, [build.file("new.wav")])
    claimed = claim_next(store, "w")
    assert claimed is not None
    assert claimed.name == "41.wav"
    numbers = [row.id for row in list_calls(store, CallFilter(name="new")).rows]
    assert numbers == [62]


def test_sums_are_added_up_in_the_new_one(filled: Store, store: Store) -> None:
    move(filled, store)
    query = "SELECT SUM(calls), SUM(flags) FROM call_day"
    sums = []
    for one in (filled, store):
        with one.read() as connection:
            sums.append([float(x) for x in connection.exec_driver_sql(query).one()])
    assert sums[0] == sums[1]


def test_a_database_that_holds_something_is_refused(filled: Store, store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav")])
    with pytest.raises(StoreError, match="holds recordings already"):
        move(filled, store)


def test_while_workers_work_nothing_is_moved(filled: Store, store: Store) -> None:
    claim_next(filled, "w")
    with pytest.raises(StoreError, match="stop all workers"):
        move(filled, store)


def test_the_same_database_is_refused(filled: Store) -> None:
    with pytest.raises(StoreError, match="the same database"):
        move(filled, filled)


def test_a_move_that_breaks_off_leaves_nothing(filled: Store, store: Store) -> None:
    def stop(table: str, _rows: int) -> None:
        if table == "utterance":
            raise RuntimeError("the power failed")

    with pytest.raises(RuntimeError):
        move(filled, store, stop)
    assert list_calls(store).total == 0
    assert move(filled, store)["recording"] == 61
