"""What batches have seen."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.store import (
    Store,
    Unreadable,
    add_recordings,
    add_unreadable,
    claim_next,
    get_call,
    ids_named,
    known_files,
    list_calls,
    status_counts,
)


def test_a_new_content_is_queued_once(store: Store, build: Any) -> None:
    assert add_recordings(store, [build.file("a.wav")]).new == 1
    again = add_recordings(store, [build.file("a.wav")])
    assert (again.new, again.known) == (0, 1)
    assert status_counts(store)["queued"] == 1


def test_the_same_content_twice_in_one_call_is_one_recording(store: Store, build: Any) -> None:
    added = add_recordings(store, [build.file("a.wav", "x"), build.file("b.wav", "x")])
    assert (added.new, added.known) == (1, 1)
    assert get_call(store, 1).names == ("a.wav", "b.wav")


def test_the_same_name_with_other_content_is_another_recording(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav", "x", "/1"), build.file("a.wav", "y", "/2")])
    assert list_calls(store).total == 2


def test_a_file_with_new_content_becomes_the_new_recording(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav", "old")])
    add_recordings(store, [build.file("a.wav", "new")])
    assert get_call(store, 1).names == ()
    assert get_call(store, 2).names == ("a.wav",)


def test_more_files_than_one_transaction_takes(store: Store, build: Any) -> None:
    files = [build.file(f"{n}.wav") for n in range(1201)]
    assert add_recordings(store, files).new == 1201
    assert add_recordings(store, files).known == 1201


def test_recordings_are_worked_on_in_the_order_they_were_found(store: Store, build: Any) -> None:
    add_recordings(store, [build.file(name) for name in ("b.wav", "a.wav", "c.wav")])
    claimed = [claim_next(store, "w") for _ in range(3)]
    assert [c.name for c in claimed if c] == ["b.wav", "a.wav", "c.wav"]


def test_call_data_goes_to_its_columns_and_stays_whole(store: Store, add: Callable[..., int]) -> None:
    number = add("a.wav", agent="7", team="夜班", started_at="2026-03-04T05:06:07+08:00", 工单="88")
    row = get_call(store, number).row
    assert (row.agent, row.team, row.queue) == ("7", "夜班", None)
    assert (row.started_at, row.day) == (datetime(2026, 3, 4, 5, 6, 7), date(2026, 3, 4))
    assert row.call_data == {
        "agent": "7",
        "team": "夜班",
        "started_at": "2026-03-04T05:06:07+08:00",
        "工单": "88",
    }


@pytest.mark.parametrize("started", ["", "yesterday", "2026-13-01"])
def test_a_start_that_is_no_time_leaves_the_day_it_was_added(
    store: Store, add: Callable[..., int], started: str
) -> None:
    row = get_call(store, add("a.wav", started_at=started)).row
    assert row.started_at is None
    assert row.day == row.added_at.astimezone().date()


def test_new_call_data_for_the_same_file_wins(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav", agent="7", team="A")])
    add_recordings(store, [build.file("a.wav", agent="8", started_at="2026-01-02T00:00:00")])
    row = get_call(store, 1).row
    assert (row.agent, row.team, row.day) == ("8", "A", date(2026, 1, 2))


def test_call_data_of_a_copy_only_fills_gaps(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav", "x", agent="7")])
    add_recordings(store, [build.file("copy.wav", "x", agent="8", team="B")])
    row = get_call(store, 1).row
    assert (row.agent, row.team) == ("7", "B")


def test_a_name_that_is_not_utf8_is_stored_and_found_again(store: Store, build: Any) -> None:
    name = os.fsdecode("录音.wav".encode("gbk"))
    file = build.file(name, "x")
    add_recordings(store, [file])
    claimed = claim_next(store, "w")
    assert claimed is not None
    assert (claimed.name, claimed.places[0].path) == ("录音.wav", file.path)
    assert known_files(store, [file.path]) == {file.path: (1000, 1, file.sha256)}


def test_files_never_seen_are_not_known(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav")])
    assert known_files(store, [Path("/calls/b.wav")]) == {}


def test_an_unreadable_file_is_remembered_until_it_can_be_read(store: Store, build: Any) -> None:
    file = build.file("a.wav")
    add_unreadable(store, [Unreadable(file.path, "a.wav", "no permission", "allow it")])
    assert known_files(store, [file.path]) == {}
    add_recordings(store, [file])
    assert get_call(store, 1).names == ("a.wav",)


def test_ids_named_finds_every_name_and_refuses_unknown_ones(store: Store, build: Any) -> None:
    add_recordings(store, [build.file("a.wav", "x"), build.file("b.wav", "x"), build.file("c.wav")])
    assert set(ids_named(store, ["b.wav", "c.wav"])) == {1, 2}
    with pytest.raises(UsageError, match=r"no recording is called z\.wav"):
        ids_named(store, ["a.wav", "z.wav"])
