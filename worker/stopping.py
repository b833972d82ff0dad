"""SIGINT and SIGTERM: the first drains, the second stops at once."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """While entered, counts the signals instead of ending; ``say`` tells the user what follows."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.level = 0
        self._say = say
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before = [signal.signal(number, self._count) for number in _SIGNALS]
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for number, handler in zip(_SIGNALS, self._before, strict=True):
            signal.signal(number, handler)

    def _count(self, _signal: int, _frame: FrameType | None) -> None:
        self.level = min(2, self.level + 1)
        self._say(
            "finishing the recordings in hand; once more to stop now"
            if self.level == 1
            else "stopping now; what was in hand goes back to the queue"
        )
