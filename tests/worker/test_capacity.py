"""The calculator's arithmetic, by hand-worked cases, and its notes."""

import pytest

from callqa.errors import UsageError
from callqa.store.rates import HostRate, Stored
from callqa.worker.capacity import (
    Bytes,
    Speed,
    Want,
    bytes_of,
    capacity,
    cautions,
    folder_bytes,
    machines_for,
    speeds_of,
)

DAY = Want(hours=30_000, night=8, days=365, reserve=0.25)


def a_rate(host="a", calls=10, sound=7200.0, devices=("cpu",), workers=2, **stages):
    return HostRate(host, devices, workers, calls, sound, stages or {"decode": 100.0, "transcribe": 620.0})


@pytest.mark.parametrize(
    ("times", "night", "reserve", "workers"),
    [
        (10, 8, 0.25, 469),  # 3,000 worker hours, 3,750 with the reserve, 468.75 workers
        (10, 10, 0.0, 300),
        (10.0001, 10, 0.0, 300),
        (9.9999, 10, 0.0, 301),  # rounded up, since a night does not wait
        (100_000, 24, 0.0, 1),
    ],
)
def test_workers_do_the_day_in_the_night(times, night, reserve, workers):
    want = Want(30_000, night, reserve=reserve)
    assert machines_for(want, Speed(times, "cpu", 2, "")).workers == workers


def test_cores_are_those_of_all_workers():
    found = machines_for(DAY, Speed(10, "cpu", 4, ""))
    assert (found.workers, found.cores, found.gpus) == (469, 1876, None)


def test_cores_nobody_knows_are_not_made_up():
    assert machines_for(DAY, Speed(10, "cpu", None, "")).cores is None


@pytest.mark.parametrize(("workers_a_gpu", "gpus"), [(1, 24), (2, 12), (5, 5)])
def test_gpus_are_shared_by_workers(workers_a_gpu, gpus):
    found = machines_for(DAY, Speed(200, "cuda", None, ""), workers_a_gpu)
    assert (found.workers, found.cores, found.gpus) == (24, None, gpus)


def test_disk_grows_with_days_kept_and_recordings_with_the_day():
    disk = capacity(DAY, [], Bytes(database=1e6, recordings=28.8e6, index=1e5)).disk
    assert disk.database == pytest.approx(10.95e12)
    assert disk.index == pytest.approx(1.095e12)
    assert disk.recordings_a_day == pytest.approx(864e9)
    assert disk.read_a_second == pytest.approx(30e6)


def test_bytes_that_were_not_measured_stay_unknown():
    disk = capacity(DAY, [], Bytes()).disk
    assert (disk.database, disk.index, disk.recordings_a_day, disk.read_a_second) == (None,) * 4


def test_bytes_are_those_of_the_stored_calls_for_an_hour():
    found = bytes_of(Stored(calls=40, sound_seconds=7200, recording_bytes=500, database_bytes=3000), 80)
    assert found == Bytes(database=1500, recordings=250, index=40)


def test_an_empty_store_measures_no_bytes():
    assert bytes_of(Stored(0, 0.0, 0, 90_000)) == Bytes()


def test_a_worker_is_as_fast_as_its_steps_together():
    assert a_rate(decode=100.0, transcribe=620.0).speed == pytest.approx(10)


@pytest.mark.parametrize(
    ("host", "workers", "given", "cores"),
    [
        ("a", 2, None, 8),  # this machine's 16 cores, shared by two
        ("b", 2, None, None),  # nobody knows how many that machine has
        ("a", 0, None, None),  # its services were forgotten
        ("b", 2, 3.0, 3.0),
        ("a", 2, 3.0, 3.0),
    ],
)
def test_the_cores_of_a_worker_are_its_share_of_this_machine(host, workers, given, cores):
    (found,) = speeds_of([a_rate(host, workers=workers)], "a", 16, given)
    assert found.cores == cores


def test_a_speed_names_what_it_was_measured_on():
    (found,) = speeds_of([a_rate("north", devices=("cuda",))], "a", 16, None)
    assert found.device == "cuda"
    assert found.source == "10 calls, 2.00 h of sound, on north"


@pytest.mark.parametrize(
    ("sound", "calls", "notes"),
    [(7200, 5000, 0), (60, 5000, 1), (7200, 20, 1), (60, 20, 2), (7200, 0, 0)],
)
def test_thin_ground_is_said(sound, calls, notes):
    assert len(cautions([a_rate(sound=sound)], Stored(calls, sound, 1, 1))) == notes


@pytest.mark.parametrize(
    "wrong",
    [{"night": 0}, {"night": 25}, {"hours": 0}, {"hours": -1}, {"days": 0}, {"reserve": -0.1}],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError):
        Want(**{"hours": 1, "night": 1, **wrong})


@pytest.mark.parametrize("times", [0, -3])
def test_a_speed_of_nothing_is_refused(times):
    with pytest.raises(UsageError, match="more than 0"):
        machines_for(DAY, Speed(times, "cpu", 1, ""))


def test_a_folder_weighs_what_its_files_do(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"123")
    (tmp_path / "two").write_bytes(b"4567")
    assert folder_bytes(tmp_path) == 7
    assert folder_bytes(tmp_path / "none") == 0
