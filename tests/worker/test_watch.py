"""A folder that fills, and a schedule."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.ingest.metadata import Metadata
from callqa.ingest.writing import is_open_for_writing
from callqa.store import Store, open_counts
from callqa.store.batches import batches
from callqa.worker.schedule import Schedule, Scheduler
from callqa.worker.watch import Watch

Make = Callable[..., Path]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def eye(store: Store, calls: Path, clock: Clock) -> Watch:
    return Watch(store, [calls], Metadata.load, settle_seconds=10.0, clock=clock)


def look(eye: Watch, clock: Clock, after: float = 11.0) -> int:
    clock.now += after
    return eye.poll()


def test_a_recording_is_taken_once_it_did_not_change_for_a_while(
    eye: Watch, clock: Clock, calls: Path, make_call: Make, store: Store
) -> None:
    make_call(calls / "a.wav", 10)
    assert [look(eye, clock, 0), look(eye, clock, 5), look(eye, clock, 6), look(eye, clock)] == [0, 0, 1, 0]
    assert open_counts(store) == (1, 0)


def test_a_recording_that_grows_is_left_alone(eye: Watch, clock: Clock, calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    for _ in range(3):
        look(eye, clock, 6)
        path.write_bytes(path.read_bytes() + b"\0" * 100)
    assert look(eye, clock, 6) == 0
    assert look(eye, clock, 11) == 1


def test_a_recording_that_somebody_writes_is_left_alone_even_when_it_pauses(
    eye: Watch, clock: Clock, calls: Path, make_call: Make
) -> None:
    path = make_call(calls / "a.wav", 10)
    look(eye, clock)
    with path.open("ab"):
        assert is_open_for_writing(path)
        assert look(eye, clock) == 0
    assert not is_open_for_writing(path)
    assert look(eye, clock) == 1


def test_reading_it_is_no_reason_to_wait(calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    with path.open("rb"):
        assert not is_open_for_writing(path)


def test_a_recording_that_changed_after_it_was_taken_is_taken_again(
    eye: Watch, clock: Clock, calls: Path, make_call: Make, store: Store
) -> None:
    make_call(calls / "a.wav", 10)
    look(eye, clock), look(eye, clock)
    make_call(calls / "a.wav", 11)
    assert [look(eye, clock), look(eye, clock)] == [0, 1]
    assert open_counts(store) == (2, 0)


@pytest.mark.parametrize("name", ["a.wav.part", ".a.wav", "notes.txt"])
def test_copies_under_way_and_documents_are_left_alone(
    eye: Watch, clock: Clock, calls: Path, name: str
) -> None:
    (calls / name).write_bytes(b"RIFF")
    assert [look(eye, clock), look(eye, clock)] == [0, 0]


def test_what_is_gone_is_forgotten(eye: Watch, clock: Clock, calls: Path, make_call: Make) -> None:
    path = make_call(calls / "a.wav", 10)
    look(eye, clock), look(eye, clock)
    path.unlink()
    look(eye, clock)
    assert not eye._seen


def test_a_folder_that_is_away_for_a_while_is_no_reason_to_stop(
    eye: Watch, clock: Clock, calls: Path, make_call: Make, tmp_path: Path
) -> None:
    make_call(calls / "a.wav", 10)
    calls.rename(tmp_path / "away")
    assert look(eye, clock) == 0
    (tmp_path / "away").rename(calls)
    assert [look(eye, clock), look(eye, clock)] == [0, 1]


def test_a_day_has_one_batch(eye: Watch, clock: Clock, calls: Path, make_call: Make, store: Store) -> None:
    for tenths in (10, 11):
        make_call(calls / f"{tenths}.wav", tenths)
        look(eye, clock), look(eye, clock)
    assert [b.kind for b in batches(store)] == ["watch"]


@pytest.mark.parametrize(
    ("text", "hour", "minute", "path"),
    [("22:00 /calls", 22, 0, "/calls"), (" 7:05  /calls/%Y %m/x ", 7, 5, "/calls/%Y %m/x")],
)
def test_a_schedule_is_read(text: str, hour: int, minute: int, path: str) -> None:
    assert Schedule.parse(text) == Schedule(hour, minute, path)


@pytest.mark.parametrize("text", ["", "22:00", "24:00 /calls", "10:60 /calls", "22 /calls", "soon /calls"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="22:00 PATH"):
        Schedule.parse(text)


NIGHT = datetime(2026, 11, 21, 22, 0)


def scheduler(store: Store, calls: Path, said: list[str] | None = None) -> Scheduler:
    say: Any = (said if said is not None else []).append
    return Scheduler(store, (Schedule.parse(f"22:00 {calls}/%Y-%m-%d"),), Metadata.load, say)


def test_what_is_due_is_ingested_once_whichever_host_is_first(
    store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "2026-11-21" / "a.wav", 10)
    one, other = scheduler(store, calls), scheduler(store, calls)
    assert one.run_due(NIGHT - timedelta(minutes=1)) == []
    assert [s.new for s in one.run_due(NIGHT)] == [1]
    assert other.run_due(NIGHT + timedelta(minutes=1)) == []
    assert [b.kind for b in batches(store)] == ["schedule"]


def test_a_night_that_was_missed_is_made_up_for_but_not_for_ever(
    store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "2026-11-21" / "a.wav", 10)
    assert scheduler(store, calls).run_due(NIGHT + timedelta(hours=13)) == []
    assert len(scheduler(store, calls).run_due(NIGHT + timedelta(hours=6))) == 1


def test_a_folder_that_is_not_there_yet_is_waited_for(store: Store, calls: Path, make_call: Make) -> None:
    one = scheduler(store, calls)
    assert one.run_due(NIGHT) == []
    make_call(calls / "2026-11-21" / "a.wav", 10)
    assert len(one.run_due(NIGHT + timedelta(minutes=5))) == 1


def test_a_watching_service_works_on_what_comes(
    store: Store, settings: Any, recognisers: Path, calls: Path, make_call: Make, display: Any
) -> None:
    import signal
    import threading
    import time

    from callqa.store import status_counts
    from callqa.worker.run import Options, serve

    def come_and_go() -> None:
        make_call(calls / "a.wav", 10)
        while status_counts(store)["inspected"] < 1:
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=come_and_go, daemon=True).start()
    eye = Watch(store, [calls], Metadata.load, settle_seconds=0.2)
    options = Options(recogniser="fake_recognisers:quick")
    done = serve(
        store, settings, options, display=display, beside=[lambda stop, say: eye.run(stop, say, 0.2)]
    )
    assert (done, eye.taken.new) == (1, 1)


def test_what_could_not_be_queued_is_taken_at_the_next_look(
    eye: Watch, clock: Clock, calls: Path, make_call: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callqa.errors import StoreError
    from callqa.store import add_recordings
    from callqa.worker import intake

    make_call(calls / "a.wav", 10)
    look(eye, clock)
    really = add_recordings

    def away(*_: Any, **__: Any) -> Any:
        raise StoreError("the database is away")

    monkeypatch.setattr(intake, "add_recordings", away)
    with pytest.raises(StoreError):
        look(eye, clock)
    monkeypatch.setattr(intake, "add_recordings", really)
    assert look(eye, clock) == 1
    assert open_counts(store) == (1, 0)


def test_a_night_that_was_begun_and_not_finished_is_made_up_for(
    store: Store, calls: Path, make_call: Make
) -> None:
    from callqa.store.batches import start_occasion
    from callqa.store.hosts import announce_service, end_service

    make_call(calls / "2026-11-21" / "a.wav", 10)
    about = {"host_name": "one", "workers": 1, "device": "cpu", "version": "1"}
    announce_service(store, "one:1", **about)  # type: ignore[arg-type]
    start_occasion(store, f"2026-11-21T22:00 {calls}/2026-11-21", [], kind="schedule", host="one")
    assert scheduler(store, calls).run_due(NIGHT) == []  # the other one is at it
    end_service(store, "one:1")
    assert [s.new for s in scheduler(store, calls).run_due(NIGHT)] == [1]


def test_a_night_waits_for_recordings_that_are_still_being_written(
    store: Store, calls: Path, make_call: Make, clock: Clock
) -> None:
    make_call(calls / "2026-11-21" / "a.wav", 10)
    last = make_call(calls / "2026-11-21" / "b.wav", 11)
    one = scheduler(store, calls)
    one.clock = clock
    with last.open("ab"):
        assert one.run_due(NIGHT) == []
        assert open_counts(store) == (1, 0)
    clock.now += 61
    assert [(s.files, s.new) for s in one.run_due(NIGHT + timedelta(minutes=2))] == [(2, 2)]


def test_a_night_that_fails_is_tried_again(store: Store, calls: Path, make_call: Make, clock: Clock) -> None:
    make_call(calls / "2026-11-21" / "a.wav", 10)
    said: list[str] = []
    one = scheduler(store, calls, said)
    one.clock, one.metadata = clock, lambda: Metadata.load([calls / "gone.csv"])
    assert one.run_due(NIGHT) == []
    assert "failed" in said[0]
    one.metadata = Metadata.load
    clock.now += 61
    assert len(one.run_due(NIGHT)) == 1


def test_a_schedule_may_name_an_object_store() -> None:
    path = Schedule.parse("22:00 s3://calls/%Y-%m-%d").path_of(NIGHT)
    assert str(path) == "s3:/calls/2026-11-21"
