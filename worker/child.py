"""A worker process: takes recordings from the queue until there are no more or it is told to stop."""

import logging
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process

from ..errors import CallqaError, EmptyRecording, RecordingError, StoreError
from ..inspect.rulebook import Rulebook
from ..rulebooks.current import Effective
from ..store import Claimed, Store, load_rulebook, open_store, save_failure, save_result
from .deadline import LOAD_SECONDS, Deadlines, allowance
from .identity import own_name
from .lookahead import Lookahead, Unusable
from .messages import Done, Fatal, Job, Ready
from .process import Loaded, Recogniser, Transcribed, examine, load, transcribe
from .queue import StoreQueue

log = logging.getLogger(__name__)
HUNG = 75
"""Exit code of a worker that ended itself because its work did not end."""
RENEW_SECONDS = 15.0
WAIT_SECONDS = 0.5
TOGETHER = 16
"""Recordings given to a GPU at once: their windows fill its batches."""


def main(job: Job, pipe: Connection, threads: int) -> None:
    """Entry of the process; ``threads`` is its share of the processor's cores."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the supervisor decides
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    try:
        worker = _open(job, pipe, stop)
        worker.run()
        _leave(pipe)
    except CallqaError as error:
        _tell(pipe, Fatal(str(error)))
    except Exception as error:
        _tell(pipe, Fatal(f"{type(error).__name__}: {error}"))
        raise


def _leave(pipe: Connection) -> None:
    """End at once: all is stored, and daemon threads inside the engines abort a slow shutdown."""
    pipe.close()
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(0)


RulebookFor = Callable[[Mapping[str, str]], Rulebook]


def _open(job: Job, pipe: Connection, stop: threading.Event) -> "Worker":
    store = open_store(job.settings.resolved_database_url)
    rulebook_for = _rulebooks(store, job)
    recogniser = pkgutil.resolve_name(job.recogniser)(job.settings)
    return Worker(store, recogniser, rulebook_for, pipe, stop)


def _rulebooks(store: Store, job: Job) -> RulebookFor:
    """Which rulebook a call with these call data is inspected by."""
    if not job.settings.rulebook:
        return Effective(store, job.settings).for_call
    fixed = Rulebook.from_bytes(load_rulebook(store, job.rulebook))  # the folder as the batch found it
    return lambda _: fixed


class Worker:
    """One process's work; models are loaded before the first claim."""

    def __init__(
        self,
        store: Store,
        recogniser: Recogniser,
        rulebook_for: RulebookFor,
        pipe: Connection,
        stop: threading.Event,
    ) -> None:
        self.name = own_name()
        self.store = store
        self.queue = StoreQueue(store)
        self.recogniser = recogniser
        self.rulebook_for = rulebook_for
        self.pipe = pipe
        self.stop = stop
        self.finish = False
        self.deadlines = Deadlines()
        self.together = TOGETHER if recogniser.device == "cuda" else 1

    def run(self) -> None:
        _tell(self.pipe, Ready(self.name))
        over = threading.Event()
        threading.Thread(target=self._renew, args=(over,), daemon=True).start()
        threading.Thread(target=_stop_with_parent, args=(self.stop,), daemon=True).start()
        ahead = Lookahead(self.queue, self.name, self._load, most=1 + self.together)
        try:
            while not self._is_over(ahead):
                for done in self._handle(ahead.take(self.together, WAIT_SECONDS)):
                    ahead.done(done.recording)
                    _tell(self.pipe, done)
        finally:
            self.queue.release(self.name, ahead.stop())
            over.set()

    def _is_over(self, ahead: Lookahead) -> bool:
        try:
            while self.pipe.poll():
                self.pipe.recv()  # Finish is all there is to say
                self.finish = True
        except EOFError:
            self.stop.set()  # the supervisor is gone
        return self.stop.is_set() or (self.finish and ahead.idle)

    def _handle(self, items: Sequence[Loaded | Unusable]) -> Iterator[Done]:
        for item in items:
            if isinstance(item, Unusable):
                yield self._failed(item.claimed, item.error)
        yield from self._examine([item for item in items if isinstance(item, Loaded)])

    def _examine(self, group: Sequence[Loaded]) -> Iterator[Done]:
        try:
            transcribed = self._transcribe(group) if group else []
        except Exception as error:
            if len(group) == 1:
                yield self._failed(group[0].claimed, error)
            else:  # one of them is to blame: each by itself
                for one in group:
                    yield from self._examine([one])
            return
        for said in transcribed:
            yield self._inspect(said)

    def _load(self, claimed: Claimed) -> Loaded:
        with self.deadlines.within(LOAD_SECONDS, f"decoding {claimed.name}"):
            return load(claimed)

    def _transcribe(self, group: Sequence[Loaded]) -> list[Transcribed]:
        seconds = sum(one.audio.seconds for one in group)
        names = ", ".join(one.claimed.name for one in group)
        with self.deadlines.within(allowance(seconds), f"transcribing {names}"):
            return transcribe(group, self.recogniser)

    def _inspect(self, transcribed: Transcribed) -> Done:
        claimed = transcribed.loaded.claimed
        try:
            result = examine(transcribed, self.rulebook_for(claimed.metadata))
        except Exception as error:
            return self._failed(claimed, error)
        done = Done(claimed.id, claimed.name, "inspected" if result.inspection else "empty")
        if not save_result(self.store, claimed.id, result, worker=self.name):
            return replace(done, status="lost", detail="its lease ran out; another worker has it")
        flags = len(result.inspection.flags) if result.inspection else 0
        seconds = transcribed.loaded.audio.seconds
        return replace(done, seconds=seconds, size_bytes=claimed.size_bytes, flags=flags)

    def _failed(self, claimed: Claimed, error: Exception) -> Done:
        if isinstance(error, RecordingError):
            kind, reason, remedy = error.kind, error.reason, error.remedy
        else:
            log.exception("unexpected error on %s", claimed.name, exc_info=error)
            kind, reason = "unexpected", f"{type(error).__name__}: {error}"
            remedy = "run callqa retry; if it fails again, report it with this message"
        status = "empty" if isinstance(error, EmptyRecording) else "failed"
        save_failure(
            self.store,
            claimed.id,
            kind=kind,
            reason=reason,
            remedy=remedy,
            status=status,
            worker=self.name,
        )
        done = Done(claimed.id, claimed.name, status, size_bytes=claimed.size_bytes)
        return replace(done, detail=reason, unexpected=kind == "unexpected")

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(RENEW_SECONDS):
            if late := self.deadlines.missed():
                log.error("%s does not end; the worker ends itself, another one takes over", late)
                os._exit(HUNG)  # no thread can be ended from outside; its claims are recovered
            try:
                self.queue.renew(self.name)
            except StoreError as error:  # the next one may get through before the lease ends
                log.warning("the claims could not be renewed: %s", error)


def _stop_with_parent(stop: threading.Event) -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        stop.set()


def _tell(pipe: Connection, message: object) -> None:
    with suppress(OSError):  # the supervisor is gone; what was done is stored
        pipe.send(message)
