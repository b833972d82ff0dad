"""Errors judged, passing faults waited out, and real batches through them."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError

from callqa.errors import DamagedRecording, EmptyRecording, NotAudio, StoreError
from callqa.ingest.pool import DecoderCrashed, DecoderHung, DecoderKilled, DecoderOutOfMemory
from callqa.store import Store, get_call, list_calls, status_counts
from callqa.store.attempts import trace
from callqa.store.trouble import is_passing
from callqa.worker.faults import StorageGone, is_device_lost, judge, pause_after
from callqa.worker.patience import Patience
from callqa.worker.summary import Summary

Run = Callable[..., Summary]
Make = Callable[..., Path]
GREEDY, GPU_KILLER = 94, 95


@pytest.mark.parametrize(
    ("error", "kind", "status", "passes"),
    [
        (DamagedRecording("broken"), "damaged", "failed", False),
        (NotAudio("text"), "not_audio", "failed", False),
        (EmptyRecording("nothing"), "empty", "empty", False),
        (DecoderCrashed("crash"), "decoder_crashed", "quarantined", False),
        (DecoderKilled("kill"), "decoder_killed", "failed", True),
        (DecoderHung("hang"), "decoder_hung", "quarantined", True),
        (DecoderOutOfMemory("bloat"), "decoder_memory", "failed", False),
        (StorageGone("the folder is away"), "storage", "failed", True),
        (OSError(116, "Stale file handle"), "storage", "failed", True),
        (MemoryError(), "out_of_memory", "failed", True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out_of_memory", "failed", True),
        (RuntimeError("CUDA failed with error out of memory"), "out_of_memory", "failed", True),
        (RuntimeError("CUDA error: device-side assert triggered"), "device_lost", "failed", True),
        (RuntimeError("something broke"), "unexpected", "failed", False),
        (ValueError("CUDA error in a file name"), "unexpected", "failed", False),
    ],
)
def test_what_an_error_means(error: Exception, kind: str, status: str, passes: bool) -> None:
    fault = judge(error)
    assert (fault.failure.kind, fault.failure.status, fault.passes) == (kind, status, passes)
    assert fault.is_unforeseen is (kind == "unexpected")


@pytest.mark.parametrize(("retries", "waited"), [(0, True), (2, True), (3, False)])
def test_passing_faults_are_waited_out_three_times(retries: int, waited: bool) -> None:
    assert judge(StorageGone("away")).is_waited_out(retries) is waited


@pytest.mark.parametrize(("retries", "waited"), [(0, True), (1, False)])
def test_a_hung_decoder_is_tried_once_more(retries: int, waited: bool) -> None:
    assert judge(DecoderHung("hang")).is_waited_out(retries) is waited


def test_pauses_grow() -> None:
    assert [pause_after(n, 2.0).total_seconds() for n in range(3)] == [2, 8, 32]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("CUDA error: an illegal memory access was encountered", True),
        ("CUDA failed with error no CUDA-capable device is detected", True),
        ("CUBLAS_STATUS_EXECUTION_FAILED", True),
        ("CUDA out of memory", False),
        ("CUBLAS_STATUS_ALLOC_FAILED", False),
        ("the model says no", False),
    ],
)
def test_when_a_gpu_is_lost(text: str, lost: bool) -> None:
    assert is_device_lost(RuntimeError(text)) is lost


def store_error(cause: Exception) -> StoreError:
    error = StoreError("trouble")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "passing"),
    [
        (OperationalError("s", {}, sqlite3.OperationalError("database is locked")), True),
        (OperationalError("s", {}, sqlite3.OperationalError("database or disk is full")), True),
        (OperationalError("s", {}, sqlite3.OperationalError("disk I/O error")), True),
        (OperationalError("s", {}, sqlite3.OperationalError("no such table: x")), False),
        (InterfaceError("s", {}, Exception("network error")), True),
        (ProgrammingError("s", {}, Exception({"C": "57P01", "M": "shutting down"})), True),
        (ProgrammingError("s", {}, Exception({"C": "40P01", "M": "deadlock"})), True),
        (ProgrammingError("s", {}, Exception({"C": "53100", "M": "disk full"})), True),
        (ProgrammingError("s", {}, Exception({"C": "42P01", "M": "no such table"})), False),
        (ProgrammingError("s", {}, Exception({"C": "22021", "M": "invalid byte"})), False),
        (ValueError("ours"), False),
    ],
)
def test_which_trouble_with_the_database_passes(cause: Exception, passing: bool) -> None:
    assert is_passing(store_error(cause)) is passing


LOCKED = store_error(OperationalError("s", {}, sqlite3.OperationalError("database is locked")))


def fails(times: int, error: Exception = LOCKED) -> Callable[[], int]:
    calls = iter(range(100))

    def work() -> int:
        number = next(calls)
        if number < times:
            raise error
        return number

    return work


def test_patience_tries_until_it_works() -> None:
    assert Patience(10, lambda _: False)(fails(4)) == 4


def test_patience_ends() -> None:
    with pytest.raises(StoreError):
        Patience(0.3)(fails(99))


def test_patience_ends_when_told_to_stop() -> None:
    with pytest.raises(StoreError):
        Patience(1000, lambda _: True)(fails(99))


def test_patience_is_not_for_what_lasts() -> None:
    lasting = store_error(OperationalError("s", {}, sqlite3.OperationalError("no such table: x")))
    with pytest.raises(StoreError):
        Patience(1000, lambda _: False)(fails(1, lasting))


def test_what_is_waited_for_is_said_once() -> None:
    said: list[str] = []
    Patience(1000, lambda _: False, said.append)(fails(8))
    assert len(said) == 2
    assert "trying again" in said[0]


def test_without_memory_it_is_tried_again_later_and_fails_with_what_to_do(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "greedy.wav", GREEDY)
    make_call(calls / "good.wav", 10)
    assert run_batch().statuses == {"inspected": 1, "failed": 1}
    row = list_calls(store, order="name").rows[1]
    assert row.error_kind == "out_of_memory"
    assert [t.outcome for t in trace(store, row.id)] == ["retry", "retry", "retry", "failed"]


def test_a_lost_gpu_restarts_the_worker_and_takes_no_neighbour_along(
    run_batch: Run, store: Store, calls: Path, make_call: Make, display: Any
) -> None:
    for tenths in (10, GPU_KILLER, 11, 12):
        make_call(calls / f"{tenths}.wav", tenths)
    assert run_batch().statuses == {"inspected": 3, "failed": 1}
    assert any("lost its GPU" in text for text in display.said)
    (failed,) = [row for row in list_calls(store).rows if row.status == "failed"]
    assert failed.error_kind == "device_lost"


def test_a_mount_that_vanishes_and_comes_back_costs_nothing(
    run_batch: Run, store: Store, calls: Path, make_call: Make, tmp_path: Path, display: Any
) -> None:
    from callqa.ingest.metadata import Metadata
    from callqa.worker.run import ingest

    for tenths in (10, 11, 12):
        make_call(calls / "mount" / f"{tenths}.wav", tenths)
    ingest(store, [calls], Metadata.load())
    (calls / "mount").rename(tmp_path / "elsewhere")

    def back() -> None:
        while not display.said:
            time.sleep(0.05)
        (tmp_path / "elsewhere").rename(calls / "mount")

    threading.Thread(target=back, daemon=True).start()
    run_batch()
    assert status_counts(store)["inspected"] == 3
    assert any("mount is not there" in text for text in display.said)


def test_a_mount_that_stays_away_is_the_reason_and_not_the_file(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    from callqa.ingest.metadata import Metadata
    from callqa.worker.run import ingest

    path = make_call(calls / "mount" / "a.wav", 10)
    ingest(store, [calls], Metadata.load())
    path.unlink()
    path.parent.rmdir()
    run_batch()
    row = list_calls(store).rows[0]
    assert (row.status, row.error_kind) == ("failed", "storage")
    assert "callqa retry" in (row.remedy or "")


def test_a_database_locked_for_seconds_holds_a_batch_up_but_loses_nothing(
    program: Any, store: Store, settings: Any, calls: Path, make_call: Make, wait_until: Any, heard: Any
) -> None:
    for tenths in range(10, 16):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("quick")
    wait_until(lambda: status_counts(store)["inspected"] >= 1)
    with store.write() as connection:  # nobody else may write
        connection.exec_driver_sql("UPDATE batch SET kind = kind")
        time.sleep(3)
    out, _ = process.communicate(timeout=120)
    assert out.strip() == "True {'inspected': 6}"


def test_a_full_disk_holds_a_batch_up_until_there_is_room(
    tmp_path: Path, rules: Path, recognisers: Path, calls: Path, make_call: Make, display: Any
) -> None:
    from callqa.ingest.metadata import Metadata
    from callqa.settings import Settings
    from callqa.store import open_store
    from callqa.worker.run import Options, choose_rulebook, ingest, serve

    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or os.system(f"mount -t tmpfs -o size=20m none {small} 2>/dev/null"):
        pytest.skip("a small file system cannot be mounted here")
    try:
        settings = Settings(home=small / "home", rulebook=rules, retry_seconds=0.2, store_patience=60)
        store = open_store(settings.resolved_database_url)
        for tenths in range(10, 20):
            make_call(calls / f"{tenths}.wav", tenths)
        ingest(store, [calls], Metadata.load())
        choose_rulebook(store, settings)
        ballast = small / "ballast"
        _fill(ballast)

        def make_room() -> None:
            while not any("full" in text for text in display.said):
                time.sleep(0.1)
            ballast.unlink()

        threading.Thread(target=make_room, daemon=True).start()
        options = Options(recogniser="fake_recognisers:quick", workers=1)
        serve(store, settings, options, until_empty=True, display=display)
        assert status_counts(store)["inspected"] == 10
        assert not ballast.exists()
        store.close()
    finally:
        os.system(f"umount -l {small}")


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            return


def test_a_transcript_survives_the_death_between_recognition_and_result(
    store: Store, settings: Any, calls: Path, make_call: Make, rules: Path
) -> None:
    from callqa.store import Claimed, Peaks, add_recordings, claim_next
    from callqa.store.recordings import NewFile
    from callqa.store.results import AudioFacts
    from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word
    from callqa.worker.checkpoint import Checkpoints
    from callqa.worker.process import Heard
    from callqa.worker.steps import Steps

    add_recordings(store, [NewFile(calls / "a.wav", "a.wav", "ff", 1, 1, {})])
    claimed = claim_next(store, "first")
    assert isinstance(claimed, Claimed)
    said = Utterance(0, 0.0, 1.0, "S1", Role.AGENT, "您好", 0.9, (Word(0.0, 1.0, "您好", 0.9),), (), 0)
    measures = Measures(loudness_dbfs={"agent": float("-inf")})
    transcript = Transcript(1.0, 2, "zh", (said,), measures, {"asr": "x"})
    steps = Steps()
    steps.add("transcribe", steps.begun, 30.0)
    heard = Heard(claimed, AudioFacts("wav", "pcm", 8000, 2, 1.0), Peaks(50, b"\x00\xff"), transcript, steps)
    checkpoints = Checkpoints.of(store, settings, "r")
    checkpoints.save([heard])
    assert checkpoints.load(claimed, Steps()) is None  # a first attempt has nothing to go on from
    from callqa.store import recover

    recover(store, ["first"])
    again = claim_next(store, "second")
    assert again is not None
    found = checkpoints.load(again, Steps())
    assert found is not None
    assert (found.transcript, found.facts, found.peaks) == (transcript, heard.facts, heard.peaks)
    other_models = Checkpoints.of(store, settings.model_copy(update={"asr_model": "large"}), "r")
    assert other_models.load(again, Steps()) is None


def test_cheap_transcripts_are_not_kept(store: Store, settings: Any) -> None:
    from callqa.store.batch_tables import Checkpoint
    from callqa.worker.checkpoint import Checkpoints
    from callqa.worker.steps import Steps

    class Cheap:
        steps = Steps()

    Checkpoints.of(store, settings, "r").save([Cheap()])  # type: ignore[list-item]
    with store.read() as connection:
        assert not connection.exec_driver_sql(f"SELECT * FROM {Checkpoint.__tablename__}").all()


def test_every_step_of_a_call_is_told(run_batch: Run, store: Store, calls: Path, make_call: Make) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    (tried,) = trace(store, 1)
    assert (tried.outcome, tried.kind, tried.number, tried.batch) == ("inspected", "recording", 1, 1)
    assert tried.host and tried.worker and tried.ended_at
    names = [name for name, _, _ in tried.steps]
    assert names == ["probe", "decode", "peaks", "transcribe", "inspect", "redact", "store", "notify"]
    starts = [start for _, start, _ in tried.steps]
    assert starts == sorted(starts)
    assert get_call(store, 1).row.stage_seconds


def test_a_killed_attempt_stays_in_the_trace(
    program: Any, store: Store, calls: Path, make_call: Make, wait_until: Any, heard: Any
) -> None:
    from callqa.store import workers

    make_call(calls / "a.wav", 10)
    process = program("slow")
    wait_until(lambda: len(heard()) >= 1)
    (worker,) = workers(store)
    os.kill(int(worker.split(":")[1]), signal.SIGKILL)
    process.communicate(timeout=60)
    assert [t.outcome for t in trace(store, 1)] == ["lost", "inspected"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lexicon": "nowhere.txt"}, "the lexicon nowhere.txt cannot be read"),
        ({"notify": "nowhere.yaml"}, "nowhere.yaml cannot be read"),
        ({"rulebook": "nowhere"}, "no rules here"),
    ],
)
def test_damaged_settings_are_named_before_anything_begins(
    store: Store, settings: Any, recognisers: Path, change: dict[str, str], message: str
) -> None:
    from callqa.errors import CallqaError
    from callqa.worker.run import Options, serve

    damaged = settings.model_copy(update={name: Path(value) for name, value in change.items()})
    with pytest.raises(CallqaError, match=message):
        serve(store, damaged, Options(recogniser="fake_recognisers:quick"), until_empty=True)


def test_receivers_damaged_during_a_batch_hold_no_result_up(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callqa.settings import Settings, get_settings
    from callqa.worker.after import after_result

    notify = tmp_path / "notify.yaml"
    notify.write_text("webhooks: [")
    monkeypatch.setenv("CALLQA_NOTIFY", str(notify))
    get_settings.cache_clear()
    announce = after_result(Settings(notify=notify))
    with store.write() as connection:
        assert [announce(connection, 1), announce(connection, 2)] == [0, 0]
    get_settings.cache_clear()
    assert caplog.text.count("nobody is told") == 1


@pytest.mark.parametrize("content", [b'home = "x', b"\xff\xfe", b"lease_seconds = 0"])
def test_a_damaged_settings_file_is_named_and_no_traceback_shown(tmp_path: Path, content: bytes) -> None:
    import subprocess
    import sys

    (tmp_path / "callqa.toml").write_bytes(content)
    command = [sys.executable, "-m", "callqa.cli", "status"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert found.stderr.startswith("callqa: ")
    assert len(found.stderr.splitlines()) == 1
