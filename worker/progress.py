"""Showing how far a batch is: a bar on a terminal, plain lines in a log."""

import logging
import sys
import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from .messages import Done

log = logging.getLogger(__name__)


class Display(Protocol):
    """Where progress is shown; a context manager."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None: ...
    def expect(self, files: int, size_bytes: int) -> None:
        """There is so much more to do."""

    def done(self, message: Done) -> None: ...
    def say(self, text: str) -> None: ...


class Tally:
    """What was done since the start."""

    def __init__(self) -> None:
        self.files = self.expected = 0
        self.seconds = 0.0
        self._start = time.monotonic()

    def add(self, message: Done) -> None:
        self.files += 1
        self.seconds += message.seconds

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def speed(self) -> float:
        """Seconds of sound a second."""
        return self.seconds / self.elapsed if self.elapsed > 0 else 0.0


def open_display(*, quiet: bool = False, as_json: bool = False) -> Display:
    """A bar when standard error is a terminal, else lines; nothing but messages when ``quiet``."""
    if as_json:
        return JsonLines()
    if quiet:
        return Lines(details=False)
    return Bar() if sys.stderr.isatty() else Lines()


class Lines:
    """One line a recording, for logs."""

    def __init__(self, *, details: bool = True) -> None:
        self._tally = Tally()
        self._details = details

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        return

    def expect(self, files: int, size_bytes: int) -> None:
        self._tally.expected += files

    def done(self, message: Done) -> None:
        self._tally.add(message)
        if self._details:
            self.say(f"{self._tally.files}/{self._tally.expected} {describe(message)}, {_speed(self._tally)}")

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class JsonLines(Lines):
    """One object a recording, for programs that collect logs."""

    def done(self, message: Done) -> None:
        self._tally.add(message)
        about = {
            "event": "recording",
            "call": message.recording,
            "batch": message.batch,
            "kind": message.kind,
            "status": message.status,
            "name_of_file": message.name,
            "seconds": round(message.seconds, 2),
            "flags": message.flags,
            "detail": message.detail or None,
            "worker": message.worker or None,
        }
        log.info(describe(message), extra=about)

    def say(self, text: str) -> None:
        log.info(text, extra={"event": "message"})


class Bar:
    """A bar that moves with the bytes done, so that long and short recordings count as what they are."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._progress = Progress(
            TextColumn("{task.fields[count]}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("{task.fields[speed]}"),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("", total=0, count="", speed="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def expect(self, files: int, size_bytes: int) -> None:
        self._tally.expected += files
        total = (self._progress.tasks[0].total or 0) + size_bytes
        self._progress.update(self._task, total=total, count=self._count)

    def done(self, message: Done) -> None:
        self._tally.add(message)
        self._progress.update(
            self._task, advance=message.size_bytes, count=self._count, speed=_speed(self._tally)
        )
        if message.detail:
            self.say(describe(message))

    def say(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)

    @property
    def _count(self) -> str:
        return f"{self._tally.files}/{self._tally.expected}"


def describe(message: Done) -> str:
    """One recording's end in a line."""
    if message.detail:
        return f"{message.status} {message.name}: {message.detail}"
    flags = "1 flag" if message.flags == 1 else f"{message.flags} flags"
    return f"{message.status} {message.name}: {message.seconds:.0f} s, {flags}"


def _speed(tally: Tally) -> str:
    return f"{tally.speed:.1f}x real time"
