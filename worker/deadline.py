"""Notices work that never ends: a hung decoder or engine must not hold up a night's batch."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOAD_SECONDS = 600.0
"""Decoding six hours of sound takes seconds."""
LEAST_SECONDS = 900.0
FACTOR = 30.0
"""A machine that needs longer than this many times a recording's length would never finish a day's calls."""


def allowance(audio_seconds: float) -> float:
    """How many seconds transcribing so much sound may take."""
    return LEAST_SECONDS + FACTOR * audio_seconds


class Deadlines:
    """Stretches of work under way, each with its latest end; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}

    @contextmanager
    def within(self, seconds: float, what: str) -> Iterator[None]:
        """Work that must be done in so many seconds; ``what`` names it."""
        with self._lock:
            self._ends[what] = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                self._ends.pop(what, None)

    def missed(self) -> str | None:
        """What should have ended by now, if anything."""
        now = time.monotonic()
        with self._lock:
            return next((what for what, end in self._ends.items() if end < now), None)
