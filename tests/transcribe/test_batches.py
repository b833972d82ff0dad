"""Batches that shrink: every item is worked on once and in order, and only lack of memory is forgiven."""

from threading import Barrier

import pytest

from callqa.transcribe.batches import Batches

CUDA = "CUDA failed with error out of memory"
TORCH = "CUDA out of memory. Tried to allocate 2.00 GiB."
CUBLAS = "cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"


def holding(most, message=CUDA, seen=None):
    """Work on a device with room for ``most`` items at once."""

    def work(batch):
        if seen is not None:
            seen.append(len(batch))
        if len(batch) > most:
            raise RuntimeError(message)
        return [item * 10 for item in batch]

    return work


def flat(batches):
    return [result for batch in batches for result in batch]


@pytest.mark.parametrize("count", [0, 1, 4, 5, 13])
def test_everything_is_done_once_in_order(count):
    assert flat(Batches(4).run(range(count), holding(4))) == [10 * i for i in range(count)]


@pytest.mark.parametrize("message", [CUDA, TORCH, CUBLAS])
def test_a_batch_that_does_not_fit_is_halved_until_it_does(message):
    seen: list[int] = []
    assert flat(Batches(32).run(range(20), holding(3, message, seen))) == [10 * i for i in range(20)]
    assert seen[:4] == [20, 10, 5, 2]


def test_it_stays_small_afterwards():
    batches = Batches(32)
    seen: list[int] = []
    flat(batches.run(range(20), holding(3)))
    flat(batches.run(range(20), holding(3, seen=seen)))
    assert batches.size == 2
    assert max(seen) == 2


def test_it_stays_large_while_everything_fits():
    batches = Batches(32)
    flat(batches.run(range(100), holding(32)))
    assert batches.size == 32


def test_one_item_too_large_is_an_error():
    with pytest.raises(RuntimeError, match="out of memory"):
        flat(Batches(8).run([1], holding(0)))


@pytest.mark.parametrize(
    "message", ["CUDA failed with error no kernel image is available", "an illegal memory access", ""]
)
def test_any_other_error_is_raised_at_once(message):
    seen: list[int] = []
    with pytest.raises(RuntimeError):
        flat(Batches(8).run(range(8), holding(3, message, seen)))
    assert seen == [8]


def test_results_come_batch_by_batch():
    seen: list[int] = []
    results = Batches(2).run(range(6), holding(2, seen=seen))
    next(results)
    assert seen == [2]


def test_hands_work_side_by_side_and_the_order_stays():
    both = Barrier(2, timeout=10)

    def work(batch):
        both.wait()  # nobody passes alone
        return [10 * i for i in batch]

    assert flat(Batches(3, hands=2).run(range(12), work)) == [10 * i for i in range(12)]


def test_every_hand_gets_something_to_do():
    sizes = [len(batch) for batch in Batches(8, hands=2).run(range(5), list)]
    assert sizes == [3, 2]


def test_a_failure_of_one_hand_is_raised():
    def work(batch):
        if 3 in batch:
            raise ValueError("broken")
        return list(batch)

    with pytest.raises(ValueError, match="broken"):
        list(Batches(2, hands=2).run(range(6), work))
