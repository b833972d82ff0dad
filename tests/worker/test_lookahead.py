"""Decoding ahead: order, company, bounds, errors."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from callqa.errors import DamagedRecording, StoreError
from callqa.store import Claimed, Peaks, Recovered
from callqa.worker.lookahead import Lookahead, Unusable
from callqa.worker.process import Loaded


class MemoryQueue:
    """A queue in memory; ``attempts`` of each recording in order."""

    def __init__(self, *attempts: int) -> None:
        self.lock = threading.Lock()
        self.waiting = [Claimed(n, str(n), f"{n}.wav", 1, tries, {}, ()) for n, tries in enumerate(attempts)]
        self.claimed: list[int] = []

    def claim(
        self, worker: str, *, first_try_only: bool = False, kinds: Sequence[str] = ()
    ) -> Claimed | None:
        with self.lock:
            for claimed in self.waiting:
                if claimed.attempts == 1 or not first_try_only:
                    self.waiting.remove(claimed)
                    self.claimed.append(claimed.id)
                    return claimed
            return None

    def renew(self, worker: str) -> None: ...
    def release(self, worker: str, ids: Sequence[int] | None = None) -> None: ...
    def recover(self, dead: Sequence[str] = ()) -> Recovered:
        return Recovered({}, {})

    def postpone(self, worker: str, *_: Any) -> bool:
        return True

    def blame(self, worker: str, ids: Sequence[int]) -> None: ...
    def finish(self, worker: str, ends: Sequence[Any], also: Any) -> list[bool]:
        return [True for _ in ends]

    def open(self) -> tuple[int, int]:
        return len(self.waiting), 0

    def needs_models(self) -> bool:
        return bool(self.waiting)


def loaded(claimed: Claimed, seconds: float = 10.0) -> Loaded:
    audio: Any = SimpleNamespace(seconds=seconds)
    return Loaded(claimed, audio, Peaks(50, b""))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Lookahead]]:
    monkeypatch.setattr("callqa.worker.lookahead.IDLE_SECONDS", 0.02)
    running: list[Lookahead] = []

    def start(queue: Any, load: Callable[[Claimed], Loaded] = loaded) -> Lookahead:
        ahead = Lookahead(queue, "w", load, most=3)
        running.append(ahead)
        return ahead

    yield start
    for ahead in running:
        ahead.stop()


def settle(queue: MemoryQueue) -> list[int]:
    """What is claimed once nothing more is claimed."""
    before = -1
    while before != len(queue.claimed):
        before = len(queue.claimed)
        time.sleep(0.3)
    return list(queue.claimed)


def take(ahead: Lookahead) -> int:
    (item,) = ahead.take(1, 5)
    return item.claimed.id


def test_recordings_come_in_the_order_of_the_queue(started: Callable[..., Lookahead]) -> None:
    ahead = started(MemoryQueue(1, 1, 1))
    assert [take(ahead) for _ in range(3)] == [0, 1, 2]


def test_the_next_ones_are_decoded_while_one_is_in_hand(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(*[1] * 20)
    ahead = started(queue)
    take(ahead)
    assert settle(queue) == [0, 1, 2, 3]


def test_hours_of_sound_are_not_piled_up(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(*[1] * 20)
    started(queue, lambda claimed: loaded(claimed, seconds=2000.0))
    assert settle(queue) == [0, 1]


def test_one_that_killed_a_worker_is_taken_alone(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(1, 2, 1, 2)
    ahead = started(queue)
    assert settle(queue) == [0, 2]
    for number in (0, 2):
        assert take(ahead) == number
    ahead.done((0, None))
    assert settle(queue) == [0, 2]
    ahead.done((2, None))
    assert settle(queue) == [0, 2, 1]
    assert take(ahead) == 1
    assert settle(queue) == [0, 2, 1]
    ahead.done((1, None))
    assert take(ahead) == 3


def test_nothing_joins_one_that_killed_a_worker(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(2, 1)
    ahead = started(queue)
    assert take(ahead) == 0
    assert settle(queue) == [0]
    ahead.done((0, None))
    assert take(ahead) == 1


@pytest.mark.parametrize("error", [DamagedRecording("it breaks off"), RuntimeError("unforeseen")])
def test_a_recording_that_cannot_be_decoded_is_handed_over_with_its_error(
    started: Callable[..., Lookahead], error: Exception
) -> None:
    def load(claimed: Claimed) -> Loaded:
        if claimed.id == 0:
            raise error
        return loaded(claimed)

    ahead = started(MemoryQueue(1, 1), load)
    (first,), (second,) = ahead.take(1, 5), ahead.take(1, 5)
    assert isinstance(first, Unusable)
    assert first.error is error
    assert isinstance(second, Loaded)


def test_trouble_with_the_queue_reaches_the_worker(started: Callable[..., Lookahead]) -> None:
    class Broken(MemoryQueue):
        def claim(self, worker: str, **_: Any) -> Claimed | None:
            raise StoreError("the disk is full")

    ahead = started(Broken())
    with pytest.raises(StoreError, match="the disk is full"):
        ahead.take(1, 5)


def test_it_is_idle_only_when_all_is_done(started: Callable[..., Lookahead]) -> None:
    ahead = started(MemoryQueue(1))
    take(ahead)
    assert ahead.take(1, 0.2) == []
    assert not ahead.idle
    ahead.done((0, None))
    assert ahead.take(1, 0.3) == []
    assert ahead.idle


def test_it_is_not_idle_while_one_waits_that_must_be_alone(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(1, 2)
    ahead = started(queue)
    take(ahead)
    settle(queue)
    ahead.done((0, None))
    assert not ahead.idle
    assert take(ahead) == 1


def test_stopping_tells_what_to_give_back(started: Callable[..., Lookahead]) -> None:
    queue = MemoryQueue(1, 1, 1)
    ahead = started(queue)
    take(ahead)
    settle(queue)
    ahead.done((0, None))
    assert ahead.stop() == [1, 2]
