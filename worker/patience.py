"""Waiting out what passes: a database that is locked, full or away must not end a night's work."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ..errors import StoreError
from ..store.trouble import is_passing

log = logging.getLogger(__name__)
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 15.0
T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """Tries again what fails with a passing StoreError, for at most ``seconds`` together.

    ``pause`` waits so many seconds and returns True when there is no sense in waiting further.
    """

    seconds: float
    pause: Callable[[float], bool] = lambda seconds: _sleep(seconds)
    say: Callable[[str], None] = log.warning

    def __call__(self, work: Callable[[], T]) -> T:
        end, pause, told = time.monotonic() + self.seconds, FIRST_PAUSE, False
        while True:
            try:
                found = work()
            except StoreError as error:
                if not is_passing(error) or time.monotonic() + pause > end or self.pause(pause):
                    raise
                if not told and pause > 1.0:
                    told = True
                    self.say(f"{error}; trying again for up to {self.seconds:.0f} s")
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                if told:
                    self.say("the database is there again")
                return found


IMPATIENT = Patience(0.0)
"""Fails at once."""


def until(stop: Callable[[], bool]) -> Callable[[float], bool]:
    """A pause that ends early, and says so, when ``stop`` becomes true."""

    def pause(seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not stop():
            time.sleep(0.1)
        return stop()

    return pause


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
