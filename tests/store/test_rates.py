"""Rates are those of calls that were really transcribed, on the machine that did it; both databases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from callqa.store import NewFile, add_recordings
from callqa.store.attempts import attempt
from callqa.store.hosts import announce_service
from callqa.store.rates import host_rates, stored
from callqa.store.recordings import recording

STEPS = {"decode": 1.0, "transcribe": 9.0}


def finished(store, number, host="a", seconds=100.0, steps=None, status="inspected", day=20, **about):
    """A recording with a result as the worker leaves it, and the attempt that made it."""
    name = f"{number}.wav"
    add_recordings(store, [NewFile(Path("/calls") / name, name, f"{number:064x}", 1000, 1, {})])
    values = {
        "status": status,
        "seconds": seconds,
        "stage_seconds": STEPS if steps is None else steps,
        "finished_at": datetime(2026, 11, day, 12, tzinfo=UTC),
    }
    with store.write() as connection:
        connection.execute(update(recording).where(recording.c.id == number).values(values))
    tried(store, number, host, **about)


def tried(store, number, host, kind="recording", outcome="inspected"):
    row = {"recording_id": number, "kind": kind, "number": 1, "host": host, "worker": "w", "outcome": outcome}
    with store.write() as connection:
        connection.execute(insert(attempt).values(**row, started_at=datetime.now(UTC) - timedelta(hours=1)))


def by_host(store, since=None):
    return {rate.host: rate for rate in host_rates(store, since)}


def test_a_machine_has_the_sound_and_steps_of_its_calls(store):
    finished(store, 1)
    finished(store, 2, seconds=50.0)
    rate = by_host(store)["a"]
    assert (rate.calls, rate.sound_seconds) == (2, 150.0)
    assert rate.stages == {"decode": 2.0, "transcribe": 18.0}
    assert rate.speed == pytest.approx(7.5)


def test_machines_are_told_apart_the_one_with_most_sound_first(store):
    finished(store, 1, "a")
    finished(store, 2, "b", seconds=500.0)
    assert [rate.host for rate in host_rates(store)] == ["b", "a"]


def test_a_call_that_moved_counts_once_for_whoever_had_it_last(store):
    finished(store, 1, "a")
    tried(store, 1, "b", kind="retranscribe")
    assert {host: rate.calls for host, rate in by_host(store).items()} == {"b": 1}


@pytest.mark.parametrize(
    "about",
    [{"kind": "reinspect"}, {"outcome": "lost"}, {"outcome": "retry"}, {"outcome": "running"}],
)
def test_attempts_that_transcribed_nothing_do_not_count(store, about):
    finished(store, 1, **about)
    assert host_rates(store) == ()


@pytest.mark.parametrize("steps", [{"resume": 0.1, "inspect": 0.1}, {}])
def test_a_transcript_taken_over_does_not_count(store, steps):
    finished(store, 1, steps=steps)
    assert host_rates(store) == ()


def test_only_what_ended_since(store):
    finished(store, 1, day=19)
    finished(store, 2, day=20, seconds=30.0)
    assert by_host(store, date(2026, 11, 20))["a"].sound_seconds == 30.0


def test_devices_and_workers_come_from_the_services(store):
    finished(store, 1)
    for service, workers in (("s1", 2), ("s2", 4)):
        announce_service(store, service, host_name="a", workers=workers, device="cuda", version="1")
    rate = by_host(store)["a"]
    assert (rate.devices, rate.workers) == (("cuda",), 4)


def test_what_is_stored_counts_only_calls_with_a_result(store):
    finished(store, 1)
    finished(store, 2, status="empty", outcome="empty")
    finished(store, 3, status="failed", outcome="failed")
    found = stored(store)
    assert (found.calls, found.sound_seconds, found.recording_bytes) == (2, 200.0, 2000)
    assert found.database_bytes > 50_000


def test_an_empty_store_has_no_rates(store):
    assert host_rates(store) == ()
    assert stored(store).calls == 0
