"""Figures and places for those who review."""

from pathlib import Path

import pytest

from callqa.inspect.types import Flag, Inspection, Level
from callqa.store.calls import CallFilter, list_calls
from callqa.store.database import Store, open_store
from callqa.store.recordings import NewFile, Unreadable, add_recordings, add_unreadable
from callqa.store.results import AudioFacts, Result, save_failure, save_result
from callqa.store.review_queries import (
    failures,
    flag_place,
    flags_of,
    flags_on,
    place,
    unreadable_files,
)
from callqa.transcribe.types import Measures, Role, Transcript, Utterance

LINE = Utterance(0, 0.0, 9.0, "S0", Role.AGENT, "不归我管")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Calls 1 to 4: scores 90, 60, 100, 75; the last two of team B, one without flags, on the next day."""
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    levels: tuple[list[Level], ...] = ([Level.HIGH], [Level.CRITICAL, Level.LOW], [], [Level.LOW])
    for number, (score, flags) in enumerate(zip((90, 60, 100, 75), levels, strict=True), 1):
        started = f"2026-11-{20 + number // 4}T10:00:00"
        metadata = {"team": "A" if number < 3 else "B", "started_at": started}
        content = NewFile(tmp_path / f"{number}.wav", f"{number}.wav", str(number) * 64, 1, 0, metadata)
        add_recordings(opened, [content])
        inspected(opened, number, score, flags)
    return opened


def inspected(store: Store, recording: int, score: int, levels: list[Level]) -> None:
    flags = tuple(
        Flag(f"risk.{level}", 1, level, 2.0 + n, 3.0 + n, "agent", 0, "不归", 0, "exact", "")
        for n, level in enumerate(levels)
    )
    inspection = Inspection(flags, score, "sha256:0", ())
    audio = AudioFacts("wav", "pcm_s16le", 8000, 1, 1800.0)
    transcript = Transcript(1800.0, 1, "zh", (LINE,), Measures())
    save_result(store, recording, Result(audio, transcript, inspection, [LINE.text]))


def add(store: Store, name: str) -> int:
    add_recordings(store, [NewFile(Path(name), name, f"{name:x<64}", 1, 0, {})])
    return list_calls(store, CallFilter(name=name)).rows[0].id


@pytest.mark.parametrize("order", ["worst", "newest", "score", "name"])
def test_the_place_is_where_the_list_has_it(store: Store, order: str) -> None:
    listed = [row.id for row in list_calls(store, order=order).rows]  # type: ignore[arg-type]
    places = [place(store, id, order=order) for id in listed]  # type: ignore[arg-type]
    assert places == [(n, 4) for n in range(1, 5)]


def test_the_place_counts_only_what_the_filter_lets_through(store: Store) -> None:
    assert place(store, 2, CallFilter(severity=Level.HIGH)) == (1, 2)
    assert place(store, 1, CallFilter(severity=Level.HIGH)) == (2, 2)


def test_a_call_outside_the_filter_has_no_place(store: Store) -> None:
    assert place(store, 3, CallFilter(severity=Level.HIGH)) == (None, 2)


def test_a_call_that_does_not_exist_has_no_place(store: Store) -> None:
    assert place(store, 99) == (None, 4)


def test_flags_of_a_page_come_worst_first(store: Store) -> None:
    found = flags_of(store, [2, 3])
    assert found == {2: [("risk.critical", Level.CRITICAL), ("risk.low", Level.LOW)], 3: []}


def test_failures_are_grouped_by_what_was_wrong(store: Store) -> None:
    for name in ("a.wav", "b.wav"):
        save_failure(store, add(store, name), kind="damaged", reason="broken", remedy="again")
    save_failure(store, add(store, "c.wav"), kind="empty", reason="no sound", remedy="", status="empty")
    found = [(f.status, f.kind, f.reason, f.remedy, f.count) for f in failures(store)]
    assert found == [("failed", "damaged", "broken", "again", 2), ("empty", "empty", "no sound", "", 1)]


def test_files_that_could_not_be_read_are_counted_and_listed_newest_first(store: Store) -> None:
    files = [Unreadable(Path(f"/x/{n}.wav"), f"{n}.wav", "denied", "allow") for n in range(3)]
    add_unreadable(store, files)
    assert unreadable_files(store, limit=2) == (
        [("2.wav", "denied", "allow"), ("1.wav", "denied", "allow")],
        3,
    )


def test_a_flag_knows_its_place(store: Store) -> None:
    first, second = flags_on(store, 2)
    assert (first.rule, first.start, first.end) == ("risk.critical", 2.0, 3.0)
    assert flag_place(store, second.id) == second
    assert flag_place(store, 999) is None
