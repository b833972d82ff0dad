"""What runs beside the workers, such as what fills the queue: a fault ends it only for a while."""

import threading
import time
from collections.abc import Callable

from ..errors import CallqaError

PAUSE = 30.0
Stop = Callable[[], bool]
Say = Callable[[str], None]
Beside = Callable[[Stop, Say], None]
"""Called with what tells it to stop and what tells the user something."""


def keep_running(work: Beside, stop: Stop, say: Say, pause: float = PAUSE) -> None:
    """Run ``work`` until ``stop``; what fails is said and tried again after ``pause`` seconds."""
    while not stop():
        try:
            work(stop, say)
        except (CallqaError, OSError) as error:
            if stop():
                return
            say(f"{error}; trying again in {pause:g} s")
            end = time.monotonic() + pause
            while time.monotonic() < end and not stop():
                time.sleep(0.1)


def start_beside(work: Beside, stop: Stop, say: Say) -> threading.Thread:
    """The same in a thread of its own."""
    thread = threading.Thread(target=keep_running, args=(work, stop, say), daemon=True)
    thread.start()
    return thread
