"""The account of a batch."""

from pathlib import Path
from typing import Any

import pytest

from callqa.store import (
    Store,
    Unreadable,
    add_recordings,
    add_unreadable,
    all_problems,
    batch_flags,
    batch_problems,
    batch_recordings,
    batch_statuses,
    finish_batch,
    last_batch,
    save_failure,
    save_result,
    start_batch,
)


@pytest.fixture
def batch(store: Store, build: Any) -> int:
    """Five files: two with the same content inspected, one failed, one queued, one unreadable."""
    number = start_batch(store, [Path("/calls")])
    files = [build.file("a.wav", "x"), build.file("a2.wav", "x"), build.file("b.wav"), build.file("c.wav")]
    add_recordings(store, files, number)
    add_unreadable(store, [Unreadable(Path("/calls/d.wav"), "d.wav", "no permission", "allow it")], number)
    flags = (build.flag("a.x"), build.flag("b.y"))
    save_result(store, 1, build.result(build.transcript("您好"), build.inspection(*flags)))
    save_failure(store, 2, kind="damaged", reason="it breaks off", remedy="fetch it again")
    return number


def test_every_file_is_counted_once(store: Store, batch: int) -> None:
    assert batch_statuses(store, batch) == {"inspected": 2, "failed": 1, "queued": 1, "unreadable": 1}


def test_contents_are_counted_once(store: Store, batch: int) -> None:
    assert batch_recordings(store, batch) == 3


def test_flags_by_severity(store: Store, batch: int) -> None:
    assert batch_flags(store, batch) == {"high": 2}


def test_problems_say_what_and_why(store: Store, batch: int) -> None:
    found = [(p.name, p.status, p.kind, p.reason, p.remedy) for p in batch_problems(store, batch)]
    assert found == [
        ("b.wav", "failed", "damaged", "it breaks off", "fetch it again"),
        ("d.wav", "unreadable", "unreadable", "no permission", "allow it"),
    ]


def test_another_batch_has_its_own_account(store: Store, batch: int, build: Any) -> None:
    other = start_batch(store, [])
    add_recordings(store, [build.file("z.wav")], other)
    assert batch_statuses(store, other) == {"queued": 1}
    assert batch_problems(store, other) == ()
    assert len(all_problems(store)) == 2


def test_two_batches_may_see_the_same_file(store: Store, batch: int, build: Any) -> None:
    before = batch_statuses(store, batch)
    other = start_batch(store, [])
    add_recordings(store, [build.file("b.wav"), build.file("b.wav")], other)
    assert batch_statuses(store, other) == {"failed": 1}
    assert batch_statuses(store, batch) == before


def test_the_last_batch_with_its_summary(store: Store, batch: int) -> None:
    begun = last_batch(store)
    assert begun is not None
    assert (begun.id, begun.paths, begun.finished_at, begun.summary) == (batch, ("/calls",), None, None)
    finish_batch(store, batch, {"files": 5})
    ended = last_batch(store)
    assert ended is not None
    assert ended.finished_at is not None
    assert ended.summary == {"files": 5}


def test_before_the_first_batch_there_is_none(store: Store) -> None:
    assert last_batch(store) is None
