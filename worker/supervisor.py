"""Keeps worker processes at work: starts them, hears them, and takes back what a dead one had."""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Protocol

from ..errors import CallqaError
from .child import main
from .messages import Done, Fatal, Finish, Job, Lost, Ready, Said
from .queue import Queue

BARREN_STARTS = 3
"""So many deaths in a row without a recording in hand, and something else is wrong."""
UNEXPECTED_IN_A_ROW = 5
"""So many unforeseen errors in a row, and it is not the recordings."""
LOSSES_IN_A_ROW = 5
"""So often lost without a result in between, and the GPU is broken."""
RECOVER_SECONDS = 10.0
BARREN_PAUSE = 1.0
"""Seconds before a new start, for each death without a recording in hand."""
TICK_SECONDS = 0.3
_SPAWN = multiprocessing.get_context("spawn")


class StopSignal(Protocol):
    """How urgently the user wants to stop: 0 not at all, 1 after what is in hand, 2 now."""

    @property
    def level(self) -> int: ...


@dataclass
class _Child:
    process: SpawnProcess
    pipe: Connection
    worker: str | None = None
    asked: int = 0
    """The stop level or, with 1 for an empty queue, what it was told."""
    told_to_finish: bool = False
    fatal: str | None = None
    gpu: str | None = None
    device: str = ""
    lost: bool = False
    """It said that its GPU was lost, and handed back what it had."""


@dataclass
class Supervisor:
    """Runs ``count`` worker processes over a queue until it is empty, or for ever as a service.

    ``gpus`` are given out in turn, so that each has as many workers; without any, workers see what there is.
    """

    job: Job
    queue: Queue
    count: int
    stop: StopSignal
    heard: Callable[[Done], None]
    more_to_come: Callable[[], bool] = lambda: False
    forever: bool = False
    gpus: Sequence[str] = ()
    recover_seconds: float = RECOVER_SECONDS
    said: Callable[[str], None] = lambda _text: None
    beat: Callable[[], None] = lambda: None
    """Called every ten seconds or so, while all goes well."""
    turned: Callable[[], None] = lambda: None
    """Called at every turn of the loop."""
    _children: list[_Child] = field(default_factory=list)
    _barren: int = 0
    _unexpected: int = 0
    _losses: int = 0
    _recovered_at: float = 0.0
    _start_after: float = 0.0

    @property
    def busy(self) -> int:
        """Workers that have said they are ready."""
        return sum(child.worker is not None for child in self._children)

    @property
    def started(self) -> int:
        return len(self._children)

    def run(self) -> None:
        """Work until all is done; raises CallqaError when the workers cannot work at all."""
        try:
            while not self._is_over():
                self.turned()
                self._recover_now_and_then()
                self._start_missing()
                self._pass_on()
                self._hear()
        finally:
            self._end_all()

    def _is_over(self) -> bool:
        if self._children:
            return False
        if self.stop.level:
            return True
        return not self.forever and not self.more_to_come() and self.queue.open() == (0, 0)

    def _recover_now_and_then(self) -> None:
        if time.monotonic() - self._recovered_at >= self.recover_seconds:
            self.queue.recover()
            self.beat()
            self._recovered_at = time.monotonic()

    def _start_missing(self) -> None:
        missing = self.count - len(self._children)
        if missing <= 0 or self.stop.level or time.monotonic() < self._start_after:
            return
        waiting, _ = self.queue.open()
        # No more processes than recordings, and none at all while there is nothing to do: models are heavy.
        for _ in range(min(missing, waiting)):
            self._children.append(self._start())

    def _start(self) -> _Child:
        ours, theirs = _SPAWN.Pipe()
        threads = max(1, (os.cpu_count() or 1) // self.count)
        gpu = min(self.gpus, key=[c.gpu for c in self._children].count, default=None)
        job = replace(self.job, gpu=gpu)
        process = _SPAWN.Process(target=main, args=(job, theirs, threads), daemon=True)
        process.start()
        theirs.close()
        return _Child(process, ours, gpu=gpu)

    def _pass_on(self) -> None:
        """Tell the workers what they need to know: that nothing more comes, or to stop."""
        finish = not self.forever and not self.more_to_come()
        for child in self._children:
            if finish and not child.told_to_finish:
                child.told_to_finish = True
                _send(child.pipe, Finish())
            if self.stop.level > child.asked:
                child.asked = self.stop.level
                (child.process.terminate if child.asked == 1 else child.process.kill)()

    def _hear(self) -> None:
        listened = [c.pipe for c in self._children] + [c.process.sentinel for c in self._children]
        if not listened:
            time.sleep(TICK_SECONDS)
            return
        wait(listened, TICK_SECONDS)
        for child in list(self._children):
            ended = not child.process.is_alive()  # asked first: what it said before its end is heard below
            self._listen(child)
            if ended:
                self._bury(child)

    def _listen(self, child: _Child) -> None:
        try:
            while child.pipe.poll():
                self._take(child, child.pipe.recv())
        except (EOFError, OSError):
            child.process.join(1)

    def _take(self, child: _Child, message: object) -> None:
        match message:
            case Ready(worker, device):
                child.worker, child.device = worker, device
            case Done():
                self._unexpected = self._unexpected + 1 if message.unexpected else 0
                self._barren = 0
                if message.status in ("inspected", "empty"):
                    self._losses = 0
                self.heard(message)
                if self._unexpected >= UNEXPECTED_IN_A_ROW:
                    raise CallqaError(
                        f"{self._unexpected} recordings in a row failed unexpectedly, the last with "
                        f"{message.detail}; stopped, so that not the whole batch fails; callqa retry "
                        "queues them again"
                    )
            case Said(text):
                self.said(text)
            case Lost(text):
                child.lost = True
                self._losses += 1
                self.said(f"a worker lost its GPU and is started anew ({text})")
                if self._losses >= LOSSES_IN_A_ROW:
                    raise CallqaError(
                        f"the GPU was lost {self._losses} times in a row ({text}); see nvidia-smi"
                    )
            case Fatal(text):
                child.fatal = text

    def _bury(self, child: _Child) -> None:
        self._children.remove(child)
        child.process.join()
        child.pipe.close()
        if child.asked == 2 and child.worker:
            self.queue.release(child.worker)  # it was stopped by us, not by its recordings
        elif child.fatal:
            raise CallqaError(child.fatal)
        elif child.process.exitcode and not child.lost:
            self._take_back(child)

    def _take_back(self, child: _Child) -> None:
        lost = self.queue.recover([child.worker] if child.worker else [])
        for number, name in lost.quarantined.items():
            self.heard(Done(number, name, "quarantined", detail="it ended its worker again and again"))
        self._barren = 0 if lost.requeued or lost.quarantined else self._barren + 1
        self._start_after = time.monotonic() + BARREN_PAUSE * self._barren
        if self._barren >= BARREN_STARTS:
            raise CallqaError(
                f"a worker process ended {self._barren} times with exit code {child.process.exitcode} before "
                "it could take a recording; is there enough memory for the models?"
            )

    def _end_all(self) -> None:
        for child in self._children:
            child.process.kill()
            child.process.join()
            if child.worker:
                self.queue.release(child.worker)
        self._children.clear()


def _send(pipe: Connection, message: object) -> None:
    try:
        pipe.send(message)
    except OSError:
        return  # it has ended; that is noticed by its sentinel
