"""``callqa capacity``: from this database's own calls, or from what is given; never from nothing."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from callqa.store.attempts import attempt
from callqa.store.hosts import announce_service
from callqa.store.recordings import recording
from callqa.worker.identity import host_name


@pytest.fixture
def measured(store):
    """The store's call took two of its twenty seconds, here, with one worker."""
    with store.write() as connection:
        values = {"stage_seconds": {"decode": 0.5, "transcribe": 1.5}}
        connection.execute(update(recording).where(recording.c.id == 1).values(values))
        row = {"recording_id": 1, "kind": "recording", "number": 1, "host": host_name(), "worker": "w"}
        connection.execute(insert(attempt).values(**row, outcome="inspected", started_at=datetime.now(UTC)))
    announce_service(store, "s", host_name=host_name(), workers=1, device="cpu", version="1")
    return store


def test_without_a_measurement_it_says_how_to_get_one(callqa):
    done = callqa("capacity")
    assert done.exit_code != 0
    assert not done.stdout.strip() or "real time" not in done.stdout


def test_a_database_without_transcribed_calls_is_no_measurement(callqa, store):
    assert callqa("capacity").exit_code != 0


def test_it_reckons_with_what_the_calls_took(callqa, measured):
    done = callqa("capacity", "--hours", "800", "--night", "8", "--reserve", "0", "--json")
    (machines,) = json.loads(done.stdout)["machines"]
    assert machines["speed"]["times"] == pytest.approx(10)
    assert machines["workers"] == 10
    assert machines["cores"] >= 10


def test_few_calls_are_no_firm_ground(callqa, measured):
    assert any("1 calls are few" in note for note in json.loads(callqa("capacity", "--json").stdout)["notes"])


def test_it_prints_a_table(callqa, measured):
    text = callqa("capacity").stdout
    assert "30,000 hours of sound a day in 8 hours" in text
    assert "one worker does 10.00 times real time" in text
    assert "GB  at most" in text


def test_a_given_speed_needs_no_database(callqa):
    done = callqa("capacity", "--speed", "200", "--device", "cuda", "--json")
    found = json.loads(done.stdout)
    assert found["machines"][0]["gpus"] == 24
    assert found["disk"]["database"] is None


def test_given_bytes_take_the_place_of_measured_ones(callqa, measured):
    done = callqa("capacity", "--database-mb", "2", "--recordings-mb", "57.6", "--days", "10", "--json")
    disk = json.loads(done.stdout)["disk"]
    assert disk["database"] == pytest.approx(600e9)
    assert disk["recordings_a_day"] == pytest.approx(1728e9)


@pytest.mark.parametrize("wrong", [("--device", "tpu"), ("--night", "0"), ("--speed", "-1")])
def test_what_makes_no_sense_is_refused(callqa, wrong):
    assert callqa("capacity", "--speed", "10", *wrong).exit_code != 0
