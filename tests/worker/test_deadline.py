"""Work that never ends is noticed."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from callqa.worker import work
from callqa.worker.deadline import Deadlines, allowance


def test_work_in_time_is_not_missed() -> None:
    deadlines = Deadlines()
    with deadlines.within(60, "decoding a.wav"):
        assert deadlines.missed() is None


def test_work_that_does_not_end_is_named() -> None:
    deadlines = Deadlines()
    with deadlines.within(60, "decoding a.wav"), deadlines.within(0.01, "transcribing b.wav"):
        time.sleep(0.05)
        assert deadlines.missed() == "transcribing b.wav"


def test_work_that_ended_late_but_ended_is_forgotten() -> None:
    deadlines = Deadlines()
    with pytest.raises(ZeroDivisionError), deadlines.within(0.01, "decoding a.wav"):
        time.sleep(0.05)
        _ = 1 / 0
    assert deadlines.missed() is None


@pytest.mark.parametrize(("seconds", "allowed"), [(0, 900), (60, 2700), (3600, 108_900)])
def test_long_recordings_may_take_longer(seconds: float, allowed: float) -> None:
    assert allowance(seconds) == allowed


def test_a_worker_whose_work_hangs_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(Exception):
        pass

    def leave(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("os._exit", leave)
    worker: Any = work.Worker.__new__(work.Worker)
    worker.deadlines = Deadlines()
    worker.name, worker._in_hand = "w", [7]
    blamed: list[Any] = []
    worker.queue = SimpleNamespace(blame=lambda *about: blamed.append(about))
    worker.tools = SimpleNamespace(renew_seconds=0.01)
    with worker.deadlines.within(-1, "decoding a.wav"), pytest.raises(Ended, match="75"):
        worker._renew(threading.Event())
    assert blamed == [("w", [7])]
