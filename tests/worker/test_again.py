"""Background work: tasks beside the queue, late call data, ranks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callqa.ingest.metadata import Metadata
from callqa.store import (
    CallFilter,
    Store,
    add_recordings,
    get_call,
    ids_named,
    list_calls,
    open_counts,
    recover,
    status_counts,
)
from callqa.store.attempts import trace
from callqa.store.batches import batches
from callqa.store.queue import claim, postpone
from callqa.store.recordings import NewFile
from callqa.store.tasks import add_tasks, task_problems, task_statuses
from callqa.worker.again import apply_late_data, queue_again
from callqa.worker.run import Options, choose_rulebook, ingest, serve
from callqa.worker.summary import Summary

Run = Callable[..., Summary]
Make = Callable[..., Path]


@pytest.fixture
def work(store: Store, settings: Any, recognisers: Path, display: Any) -> Callable[..., int]:
    """Lets a service work until the queue is empty."""

    def until_empty(recogniser: str = "quick") -> int:
        options = Options(recogniser=f"fake_recognisers:{recogniser}")
        return serve(store, settings, options, until_empty=True, display=display)

    return until_empty


def new(name: str, **data: str) -> NewFile:
    return NewFile(Path("/calls") / name, name, name, 1, 1, data)


def test_a_smaller_rank_is_taken_first_and_ranks_alike_in_order(store: Store) -> None:
    for name, rank in (("late", 10), ("first", 0), ("second", 0), ("urgent", -10)):
        add_recordings(store, [new(name)], rank=rank)
    names = [claim(store, "w")[0].name for _ in range(4)]
    assert names == ["urgent", "first", "second", "late"]


def test_several_are_claimed_at_once_but_only_of_one_rank(store: Store) -> None:
    add_recordings(store, [new("a"), new("b")])
    add_recordings(store, [new("c")], rank=5)
    assert [c.name for c in claim(store, "w", most=5)] == ["a", "b"]
    assert [c.name for c in claim(store, "w", most=5)] == ["c"]


def test_one_that_a_worker_died_on_comes_alone(store: Store) -> None:
    add_recordings(store, [new("a")])
    claim(store, "dead")
    recover(store, ["dead"])
    add_recordings(store, [new("b")])
    assert [c.name for c in claim(store, "w", most=5)] == ["a"]


def test_what_waits_out_a_fault_is_not_taken_before_its_time(store: Store) -> None:
    from datetime import timedelta

    add_recordings(store, [new("a")])
    (claimed,) = claim(store, "w")
    assert postpone(store, "w", claimed, timedelta(hours=1), "the mount is away")
    assert claim(store, "w") == []
    assert open_counts(store) == (1, 0)
    assert [(t.outcome, t.detail) for t in trace(store, claimed.id)] == [("retry", "the mount is away")]


def test_a_claim_that_was_lost_is_not_postponed(store: Store) -> None:
    from datetime import timedelta

    add_recordings(store, [new("a")])
    (claimed,) = claim(store, "slow")
    recover(store, ["slow"])
    assert not postpone(store, "slow", claimed, timedelta(0), "late")


def test_a_call_keeps_its_result_until_the_new_one_is_there(
    run_batch: Run, store: Store, calls: Path, make_call: Make, work: Callable[..., int]
) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    queued = queue_again(store, "retranscribe")
    assert (queued.tasks, status_counts(store)["inspected"]) == (1, 1)
    assert work() == 1
    assert [t.kind for t in trace(store, 1)] == ["recording", "retranscribe"]
    assert task_statuses(store, queued.batch) == {"done": 1}
    assert get_call(store, 1).transcript is not None
    ended = batches(store)[0]
    assert (ended.id, ended.summary) == (queued.batch, {"tasks": {"done": 1}, "done": 1, "files": 1})


def test_a_retranscription_that_fails_leaves_the_old_result_and_says_why(
    run_batch: Run, store: Store, calls: Path, make_call: Make, work: Callable[..., int]
) -> None:
    path = make_call(calls / "a.wav", 10)
    make_call(calls / "b.wav", 11)
    run_batch()
    path.unlink()
    queued = queue_again(store, "retranscribe")
    work()
    assert task_statuses(store, queued.batch) == {"done": 1, "failed": 1}
    (problem,) = task_problems(store, queued.batch)
    assert (problem["name"], problem["error_kind"]) == ("a.wav", "missing")
    assert status_counts(store)["inspected"] == 2
    assert get_call(store, 1).transcript is not None


def test_reinspection_needs_neither_sound_nor_models(
    run_batch: Run, store: Store, calls: Path, make_call: Make, work: Callable[..., int], rules: Path
) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    (calls / "a.wav").unlink()
    file = rules / "service" / "shirking.yaml"
    file.write_text(file.read_text().replace("points: -10", "points: -30"))
    queued = queue_again(store, "reinspect")
    assert work("without_model") == 1
    assert task_statuses(store, queued.batch) == {"done": 1}
    assert get_call(store, 1).row.score == 70


def test_a_service_ends_no_batch_whose_tasks_are_still_being_queued(
    run_batch: Run, store: Store, calls: Path, make_call: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callqa.store.tasks import close_task_batches
    from callqa.worker import again

    make_call(calls / "a.wav", 10)
    run_batch()
    really, ended = add_tasks, []

    def meanwhile(*given: Any, **more: Any) -> int:
        ended.extend(close_task_batches(store))
        return really(*given, **more)

    monkeypatch.setattr(again, "add_tasks", meanwhile)
    queued = queue_again(store, "reinspect")
    assert (ended, close_task_batches(store)) == ([], [])
    assert task_statuses(store, queued.batch) == {"queued": 1}


def test_new_recordings_go_before_background_work(
    run_batch: Run, store: Store, calls: Path, make_call: Make, settings: Any, work: Callable[..., int]
) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    queue_again(store, "retranscribe")
    make_call(calls / "b.wav", 11)
    ingest(store, [calls], Metadata.load())
    first, second = claim(store, "w")[0], claim(store, "w")[0]
    assert [(first.name, first.kind), (second.name, second.kind)] == [
        ("b.wav", "recording"),
        ("a.wav", "retranscribe"),
    ]


def test_tasks_are_queued_once_and_only_for_calls_with_a_result(
    run_batch: Run, store: Store, calls: Path, make_call: Make, settings: Any
) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    add_recordings(store, [new("waiting")])
    assert [add_tasks(store, "reinspect") for _ in range(2)] == [1, 0]
    rulebook = choose_rulebook(store, settings).hash
    assert add_tasks(store, "reinspect", rulebook=rulebook) == 0  # it was inspected with that one
    assert add_tasks(store, "reinspect", rulebook=rulebook, again=True) == 1
    assert add_tasks(store, "retranscribe", CallFilter(agent=("nobody",))) == 0


def test_a_task_whose_worker_died_is_taken_up_again(
    run_batch: Run, store: Store, calls: Path, make_call: Make
) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    queue_again(store, "reinspect")
    assert claim(store, "dead")[0].task == 1
    recover(store, ["dead"])
    (again,) = claim(store, "alive")
    assert (again.task, again.attempts) == (1, 2)
    assert [t.outcome for t in trace(store, 1)] == ["inspected", "lost", "running"]


def test_call_data_that_comes_late_is_stored_and_calls_inspected_again(
    run_batch: Run, store: Store, calls: Path, make_call: Make, rules: Path, tmp_path: Path, work: Any
) -> None:
    file = rules / "service" / "shirking.yaml"
    scope = "{speaker: agent, calls: {business: [bank]}}"
    file.write_text(file.read_text().replace("{speaker: agent}", scope))
    for tenths in (10, 11):
        make_call(calls / f"{tenths}.wav", tenths)
    run_batch()
    assert [row.flag_count for row in list_calls(store).rows] == [0, 0]
    table = tmp_path / "late.csv"
    table.write_text("file,business,agent\n10.wav,bank,7\ngone.wav,bank,8\n")
    late = apply_late_data(store, Metadata.load([table]))
    assert (late.calls, late.changed, late.reinspected, late.unused) == (1, 1, 1, 1)
    work("without_model")
    row = get_call(store, ids_named(store, ["10.wav"])[0]).row
    assert (row.business, row.agent, row.flag_count) == ("bank", "7", 1)
    assert apply_late_data(store, Metadata.load([table])).changed == 0


def test_a_second_run_with_other_call_data_inspects_again(
    store: Store, settings: Any, recognisers: Path, calls: Path, make_call: Make, tmp_path: Path, display: Any
) -> None:
    from callqa.worker.run import run

    make_call(calls / "a.wav", 10)
    options = Options(recogniser="fake_recognisers:quick")
    run(store, settings, [calls], Metadata.load(), options, display)
    (tmp_path / "late.csv").write_text("file,agent\na.wav,7\n")
    tables = Metadata.load([tmp_path / "late.csv"])
    run(store, settings, [calls], tables, options, display)
    assert [t.kind for t in trace(store, 1)] == ["recording", "reinspect"]


def test_batches_know_what_they_are(store: Store, run_batch: Run, calls: Path, make_call: Make) -> None:
    make_call(calls / "a.wav", 10)
    run_batch()
    queue_again(store, "reinspect")
    assert [(b.kind, bool(b.host)) for b in batches(store)] == [("reinspect", True), ("run", True)]
    assert [b.kind for b in batches(store, kind="run")] == ["run"]
