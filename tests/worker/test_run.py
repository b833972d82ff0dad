"""Whole batches with real worker processes."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import CallqaError
from callqa.store import Store, get_call, last_batch, list_calls, open_counts, requeue, status_counts
from callqa.worker.run import Options, ingest, serve
from callqa.worker.summary import Summary

Run = Callable[..., Summary]
Make = Callable[..., Path]
POISON, BROKEN, SILENT = 91, 92, 93


def test_every_file_ends_in_a_known_state(
    run_batch: Run, store: Store, calls: Path, make_call: Make, display: Any
) -> None:
    make_call(calls / "good.wav", 10)
    make_call(calls / "copy" / "good-too.wav", 10)
    make_call(calls / "silent.wav", SILENT)
    make_call(calls / "broken.wav", BROKEN)
    (calls / "zero.wav").write_bytes(b"")
    (calls / "page.wav").write_text("<html>not found</html>")
    (calls / "readme.txt").write_text("about these calls")
    summary = run_batch()
    assert summary.statuses == {"inspected": 2, "empty": 2, "failed": 2}
    assert (summary.files, summary.recordings, summary.unaccounted) == (6, 5, 0)
    assert summary.is_complete
    assert summary.aside == {"document": 1}
    reasons = {p.name: (p.status, p.kind) for p in summary.problems}
    assert reasons == {
        "silent.wav": ("empty", "no_speech"),
        "zero.wav": ("empty", "empty"),
        "broken.wav": ("failed", "unexpected"),
        "page.wav": ("failed", "not_audio"),
    }
    assert all(p.reason and p.remedy for p in summary.problems)
    assert display.expected == len(display.messages) == 5


def test_results_are_stored_whole(run_batch: Run, store: Store, calls: Path, make_call: Make) -> None:
    make_call(calls / "good.wav", 10)
    run_batch()
    call = get_call(store, 1)
    assert call.transcript is not None
    assert call.transcript.utterances[0].text == "这个不归我管您找别人吧"
    assert [f.flag.rule for f in call.flags] == ["service.shirking"]
    assert (call.row.channels, call.row.native_rate, call.row.seconds, call.row.score) == (2, 8000, 1.0, 90)
    steps = {"probe", "decode", "peaks", "transcribe", "inspect", "redact"}
    assert set(call.row.stage_seconds or {}) == steps


def test_a_second_run_does_nothing_twice(
    run_batch: Run, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    for tenths in (10, 11):
        make_call(calls / f"{tenths}.wav", tenths)
    run_batch()
    make_call(calls / "new.wav", 12)
    summary = run_batch()
    assert sorted(heard()) == [10, 11, 12]
    assert (summary.files, summary.new, summary.done) == (3, 1, 1)
    assert summary.statuses == {"inspected": 3}


def test_with_nothing_to_do_no_model_is_loaded(run_batch: Run, calls: Path, make_call: Make) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    assert run_batch("without_model").is_complete


def test_several_workers_share_the_queue(
    run_batch: Run, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 22):
        make_call(calls / f"{tenths}.wav", tenths)
    summary = run_batch("slow", workers=2)
    assert sorted(heard()) == list(range(10, 22))
    assert summary.statuses == {"inspected": 12}


def test_a_file_that_kills_its_worker_is_quarantined_and_takes_no_other_with_it(
    run_batch: Run, store: Store, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    for tenths in (10, POISON, 11, 12):
        make_call(calls / f"{tenths}.wav", tenths)
    summary = run_batch()
    assert summary.statuses == {"inspected": 3, "quarantined": 1}
    assert heard().count(POISON) == 5
    (problem,) = summary.problems
    assert (problem.name, problem.reason) == (
        "91.wav",
        "its worker died or hung 5 times while it had this recording",
    )


def test_one_unforeseen_error_fails_one_recording(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", BROKEN)
    make_call(calls / "b.wav", 10)
    summary = run_batch()
    assert summary.statuses == {"failed": 1, "inspected": 1}
    assert summary.problems[0].reason == "RuntimeError: something broke"
    assert "callqa retry" in summary.problems[0].remedy


def test_the_same_error_again_and_again_stops_the_batch(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    for n in range(9):
        make_call(calls / f"{n}.wav", BROKEN, hz=300 + 20 * n)
    with pytest.raises(CallqaError, match=r"5 recordings in a row failed unexpectedly.*something broke"):
        run_batch()
    counts = status_counts(store)
    assert counts["failed"] < 9
    assert counts["failed"] + counts["queued"] == 9


def test_without_a_model_nothing_is_lost_and_the_reason_is_said(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    with pytest.raises(CallqaError, match="callqa models install"):
        run_batch("without_model")
    assert open_counts(store) == (1, 0)
    assert run_batch().statuses == {"inspected": 1}


def test_workers_that_die_at_once_are_not_started_for_ever(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    with pytest.raises(CallqaError, match="ended 3 times with exit code 9"):
        run_batch("dying")
    assert open_counts(store) == (1, 0)


def test_a_limit_takes_only_so_many_new_ones_each_time(run_batch: Run, calls: Path, make_call: Make) -> None:
    for tenths in (10, 11, 12):
        make_call(calls / f"{tenths}.wav", tenths)
    first, second = run_batch(limit=2), run_batch(limit=2)
    assert (first.new, first.statuses, first.limit_reached) == (2, {"inspected": 2}, True)
    assert (second.new, second.statuses) == (1, {"inspected": 3})


def test_a_file_that_vanished_after_it_was_queued_says_so(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    from callqa.ingest.metadata import Metadata

    path = make_call(calls / "a.wav", 10)
    ingest(store, [calls], Metadata.load())
    path.unlink()
    make_call(calls / "b.wav", 11)
    run_batch()
    row = list_calls(store, order="name").rows[0]
    assert (row.name, row.status, row.error_kind) == ("a.wav", "failed", "missing")


def test_failed_ones_are_tried_again_when_asked(
    run_batch: Run, store: Store, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    make_call(calls / "a.wav", BROKEN)
    run_batch()
    run_batch()
    assert heard().count(BROKEN) == 1
    requeue(store)
    run_batch()
    assert heard().count(BROKEN) == 2


def test_the_summary_is_kept(run_batch: Run, store: Store, calls: Path, make_call: Make) -> None:
    make_call(calls / "a.wav", 10)
    summary = run_batch()
    batch = last_batch(store)
    assert batch is not None
    assert batch.summary is not None
    assert batch.summary["statuses"] == summary.statuses
    assert batch.summary["complete"] is True


def test_a_worker_killed_from_outside_is_replaced_and_its_work_done(
    program: Any, store: Store, calls: Path, make_call: Make, wait_until: Any, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 16):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("slow")
    wait_until(lambda: len(heard()) >= 2)
    from callqa.store import workers

    (worker,) = workers(store)
    os.kill(int(worker.split(":")[1]), signal.SIGKILL)
    out, _ = process.communicate(timeout=120)
    assert out.strip() == "True {'inspected': 6}"


def test_killed_altogether_the_next_run_goes_on(
    program: Any,
    run_batch: Run,
    store: Store,
    calls: Path,
    make_call: Make,
    wait_until: Any,
    heard: Callable[[], list[int]],
) -> None:
    for tenths in range(10, 20):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("slow", workers=2)
    wait_until(lambda: status_counts(store)["inspected"] >= 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    done = status_counts(store)["inspected"]
    assert 2 <= done < 10
    summary = run_batch()
    assert summary.statuses == {"inspected": 10}
    assert summary.done == 10 - done
    assert len(heard()) <= 10 + 2  # at most what each of two workers had in hand was heard twice


def test_workers_end_when_their_supervisor_is_killed(
    program: Any, store: Store, calls: Path, make_call: Make, wait_until: Any, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 30):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("slow")
    wait_until(lambda: len(heard()) >= 1)
    process.kill()
    wait_until(lambda: open_counts(store)[1] == 0)
    waiting, _ = open_counts(store)
    assert waiting > 10


def test_a_signal_finishes_what_is_in_hand_and_hands_the_rest_back(
    program: Any, store: Store, calls: Path, make_call: Make, wait_until: Any, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 30):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("slow")
    wait_until(lambda: len(heard()) >= 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = process.communicate(timeout=60)
    assert "finishing the recordings in hand" in err
    assert out.startswith("False")
    counts = status_counts(store)
    assert counts["inspected"] == len(heard())
    assert counts["queued"] == 20 - counts["inspected"]
    assert {row.attempts for row in list_calls(store).rows if row.status == "queued"} == {0}


def test_a_second_signal_stops_at_once(
    program: Any, store: Store, calls: Path, make_call: Make, wait_until: Any, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 14):
        make_call(calls / f"{tenths}.wav", tenths)
    process = program("slow")
    wait_until(lambda: len(heard()) >= 1)
    process.terminate()
    process.terminate()
    process.communicate(timeout=60)
    assert open_counts(store)[1] == 0
    assert {row.attempts for row in list_calls(store).rows if row.status == "queued"} == {0}


def test_ingest_only_queues(store: Store, calls: Path, make_call: Make) -> None:
    from callqa.ingest.metadata import Metadata

    make_call(calls / "a.wav", 10)
    summary = ingest(store, [calls], Metadata.load())
    assert (summary.statuses, summary.is_complete) == ({"queued": 1}, False)


def test_a_service_works_on_what_others_queued(
    store: Store, settings: Any, recognisers: Path, calls: Path, make_call: Make, display: Any
) -> None:
    from callqa.ingest.metadata import Metadata

    make_call(calls / "a.wav", 10)
    ingest(store, [calls], Metadata.load())
    options = Options(recogniser="fake_recognisers:quick")
    assert serve(store, settings, options, until_empty=True, display=display) == 1
    assert status_counts(store)["inspected"] == 1


def test_a_gpu_is_given_several_at_once(
    run_batch: Run, settings: Any, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 22):
        make_call(calls / f"{tenths}.wav", tenths)
    assert run_batch("gpu").statuses == {"inspected": 12}
    groups = [int(line) for line in (settings.home / "log-groups").read_text().split()]
    assert sum(groups) == 12
    assert max(groups) >= 4


def test_in_a_group_only_the_one_to_blame_fails(
    run_batch: Run, settings: Any, calls: Path, make_call: Make
) -> None:
    for tenths in (10, 11, BROKEN, 12, 13):
        make_call(calls / f"{tenths}.wav", tenths)
    summary = run_batch("gpu")
    assert summary.statuses == {"inspected": 4, "failed": 1}
    assert [p.name for p in summary.problems] == ["92.wav"]


def test_in_a_group_only_the_one_that_kills_is_quarantined(
    run_batch: Run, calls: Path, make_call: Make
) -> None:
    for tenths in (10, 11, POISON, 12, 13):
        make_call(calls / f"{tenths}.wav", tenths)
    summary = run_batch("gpu")
    assert summary.statuses == {"inspected": 4, "quarantined": 1}


def test_two_runs_at_once_share_the_work_and_account_for_all_of_it(
    program: Any, calls: Path, make_call: Make, heard: Callable[[], list[int]]
) -> None:
    for tenths in range(10, 22):
        make_call(calls / f"{tenths}.wav", tenths)
    both = [program("slow"), program("slow")]
    assert [p.communicate(timeout=120)[0].strip() for p in both] == ["True {'inspected': 12}"] * 2
    assert sorted(heard()) == list(range(10, 22))
