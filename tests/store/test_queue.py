"""Claims, leases, recovery and quarantine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from callqa.store import (
    Store,
    add_recordings,
    backlog_bytes,
    claim_next,
    get_call,
    open_counts,
    recover,
    release,
    renew,
    requeue,
    save_failure,
    save_result,
    status_counts,
    workers,
)
from callqa.store.queue import LEASE
from callqa.store.recordings import recording
from callqa.store.tables import now


def claim(store: Store, worker: str = "w", **options: Any) -> str | None:
    claimed = claim_next(store, worker, **options)
    return claimed.name if claimed else None


def age(store: Store, by: timedelta) -> None:
    with store.write() as connection:
        connection.execute(recording.update().values(heartbeat_at=now() - by))


def die_on_it(store: Store, times: int, worker: str = "w") -> None:
    for _ in range(times):
        claim_next(store, worker)
        recover(store, [worker])


def test_an_empty_queue_gives_nothing(store: Store) -> None:
    assert claim(store) is None


def test_a_claim_tells_all_that_the_worker_needs(store: Store, build: Any) -> None:
    file = build.file("a.wav", agent="7")
    add_recordings(store, [file])
    claimed = claim_next(store, "w")
    assert claimed is not None
    assert (claimed.id, claimed.sha256, claimed.name) == (1, file.sha256, "a.wav")
    assert (claimed.attempts, claimed.size_bytes, claimed.metadata) == (1, 1000, {"agent": "7"})
    assert [(p.path, p.size_bytes, p.mtime_ns) for p in claimed.places] == [(file.path, 1000, 1)]


def test_nothing_is_handed_out_twice_however_many_ask(store: Store, build: Any) -> None:
    add_recordings(store, [build.file(f"{n}.wav") for n in range(60)])
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda n: claim(store, f"w{n % 8}"), range(80)))
    taken = [name for name in names if name]
    assert len(taken) == len(set(taken)) == 60


def test_counts_of_what_is_open(store: Store, add: Callable[..., int]) -> None:
    for name in ("a.wav", "b.wav", "c.wav"):
        add(name)
    claim(store)
    save_failure(store, 3, kind="k", reason="r", remedy="m")
    assert open_counts(store) == (1, 1)
    assert backlog_bytes(store) == 2000


def test_handing_back_does_not_count_as_an_attempt(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    claimed = claim_next(store, "w")
    assert claimed is not None
    release(store, "w", [claimed.id])
    again = claim_next(store, "w2")
    assert again is not None
    assert again.attempts == 1


def test_handing_back_touches_only_the_workers_own_and_named_claims(
    store: Store, add: Callable[..., int]
) -> None:
    ids = [add(name) for name in ("a.wav", "b.wav", "c.wav")]
    claim(store, "w1"), claim(store, "w1"), claim(store, "w2")
    release(store, "w1", [ids[0], ids[2]])
    assert [get_call(store, i).row.status for i in ids] == ["queued", "running", "running"]


def test_handing_back_all(store: Store, add: Callable[..., int]) -> None:
    add("a.wav"), add("b.wav")
    claim(store), claim(store)
    release(store, "w")
    assert open_counts(store) == (2, 0)


def test_claims_of_a_dead_worker_return_to_the_end_of_the_queue(
    store: Store, add: Callable[..., int]
) -> None:
    add("a.wav"), add("b.wav")
    assert claim(store, "dead") == "a.wav"
    assert recover(store, ["dead"]).requeued == {1: "a.wav"}
    assert [claim(store), claim(store)] == ["b.wav", "a.wav"]


def test_claims_of_the_living_are_left_alone(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    claim(store, "alive")
    assert not recover(store, ["dead"]).requeued
    assert open_counts(store) == (0, 1)


@pytest.mark.parametrize(("past_lease", "returned"), [(-5, False), (5, True)])
def test_a_claim_not_renewed_in_time_is_lost(
    store: Store, add: Callable[..., int], past_lease: int, returned: bool
) -> None:
    add("a.wav")
    claim(store, "silent")
    age(store, LEASE + timedelta(seconds=past_lease))
    assert bool(recover(store).requeued) is returned


def test_renewing_keeps_a_claim(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    claim(store, "slow")
    age(store, LEASE * 2)
    renew(store, "slow")
    assert not recover(store).requeued


def test_renewing_keeps_no_claim_of_another(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    claim(store, "silent")
    age(store, LEASE * 2)
    renew(store, "other")
    assert recover(store).requeued


def test_workers_are_known_while_they_hold_something(store: Store, add: Callable[..., int]) -> None:
    add("a.wav"), add("b.wav")
    claim(store, "w1"), claim(store, "w2")
    release(store, "w2")
    assert list(workers(store)) == ["w1"]


def test_a_recording_that_killed_its_worker_waits_apart(store: Store, add: Callable[..., int]) -> None:
    add("a.wav"), add("b.wav")
    die_on_it(store, 1)
    assert claim(store, first_try_only=True) == "b.wav"
    assert claim(store, first_try_only=True) is None
    assert claim(store) == "a.wav"


@pytest.mark.parametrize(("deaths", "status"), [(4, "queued"), (5, "quarantined")])
def test_five_deaths_quarantine(store: Store, add: Callable[..., int], deaths: int, status: str) -> None:
    number = add("a.wav")
    die_on_it(store, deaths)
    assert get_call(store, number).row.status == status


def test_a_quarantined_recording_says_why_and_what_to_do(store: Store, add: Callable[..., int]) -> None:
    number = add("a.wav")
    die_on_it(store, 5)
    row = get_call(store, number).row
    assert (row.error_kind, row.error) == (
        "killed_worker",
        "its worker died or hung 5 times while it had this recording",
    )
    assert "callqa retry --quarantined" in (row.remedy or "")


def test_quarantine_leaves_the_neighbours_in_peace(store: Store, add: Callable[..., int]) -> None:
    add("poison.wav")
    die_on_it(store, 4)
    add("good.wav")
    assert [claim(store), claim(store)] == ["poison.wav", "good.wav"]
    lost = recover(store, ["w"])
    assert (list(lost.quarantined.values()), list(lost.requeued.values())) == (["poison.wav"], ["good.wav"])


@pytest.mark.parametrize(
    ("statuses", "queued"), [(["failed"], ["f.wav"]), (["failed", "quarantined"], ["f.wav", "q.wav"])]
)
def test_what_is_queued_again(
    store: Store, add: Callable[..., int], statuses: list[str], queued: list[str]
) -> None:
    add("q.wav")
    die_on_it(store, 5)
    save_failure(store, add("f.wav"), kind="k", reason="r", remedy="m")
    assert requeue(store, statuses) == len(queued)
    assert sorted(filter(None, [claim(store), claim(store)])) == queued


def test_queued_again_means_a_clean_slate(store: Store, add: Callable[..., int]) -> None:
    number = add("a.wav")
    die_on_it(store, 5)
    requeue(store, ["quarantined"])
    row = get_call(store, number).row
    assert (row.status, row.attempts, row.error, row.remedy, row.finished_at) == (
        "queued",
        0,
        None,
        None,
        None,
    )


def test_only_named_ones_are_queued_again(store: Store, add: Callable[..., int]) -> None:
    ids = [add(name) for name in ("a.wav", "b.wav")]
    for number in ids:
        save_failure(store, number, kind="k", reason="r", remedy="m")
    assert requeue(store, ["failed"], [ids[1]]) == 1
    assert claim(store) == "b.wav"


def test_a_result_that_comes_after_the_lease_is_not_stored(
    store: Store, add: Callable[..., int], build: Any
) -> None:
    number = add("a.wav")
    claim(store, "slow")
    recover(store, ["slow"])
    claim(store, "other")
    result = build.result(build.transcript("您好"), build.inspection())
    assert save_result(store, number, result, worker="slow") is False
    assert get_call(store, number).transcript is None
    assert save_result(store, number, result, worker="other") is True
    assert status_counts(store)["inspected"] == 1


def test_a_failure_that_comes_after_the_lease_is_not_stored(store: Store, add: Callable[..., int]) -> None:
    number = add("a.wav")
    claim(store, "slow")
    recover(store, ["slow"])
    assert not save_failure(store, number, kind="k", reason="r", remedy="m", worker="slow")
    assert get_call(store, number).row.status == "queued"


def test_a_clock_that_was_set_back_keeps_nothing_waiting(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    with store.write() as connection:
        connection.execute(recording.update().values(queued_at=now() + timedelta(hours=5)))
    assert claim(store) == "a.wav"


def test_a_claim_from_a_time_to_come_is_lost(store: Store, add: Callable[..., int]) -> None:
    add("a.wav")
    claim(store, "of another boot")
    age(store, -timedelta(hours=5))
    assert recover(store).requeued == {1: "a.wav"}


@pytest.mark.parametrize(("ahead", "found"), [(timedelta(hours=1), None), (timedelta(days=2), "a.wav")])
def test_a_pause_holds_unless_no_pause_is_so_long(
    store: Store, add: Callable[..., int], ahead: timedelta, found: str | None
) -> None:
    add("a.wav")
    with store.write() as connection:
        connection.execute(recording.update().values(queued_at=now() + ahead, retries=1))
    assert claim(store) == found
