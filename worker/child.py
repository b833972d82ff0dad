"""A worker process: takes recordings from the queue until there are no more or it is told to stop."""

import logging
import os
import pkgutil
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process

from ..errors import CallqaError, EmptyRecording, RecordingError, StoreError
from ..inspect.rulebook import Rulebook
from ..store import Claimed, Store, load_rulebook, open_store, save_failure, save_result
from .identity import own_name
from .lookahead import Lookahead, Unusable
from .messages import Done, Fatal, Job, Ready
from .process import Loaded, Recogniser, examine, load
from .queue import StoreQueue

log = logging.getLogger(__name__)
RENEW_SECONDS = 15.0
WAIT_SECONDS = 0.5


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


def _open(job: Job, pipe: Connection, stop: threading.Event) -> "Worker":
    store = open_store(job.settings.resolved_database_url)
    rulebook = Rulebook.from_bytes(load_rulebook(store, job.rulebook))
    recogniser = pkgutil.resolve_name(job.recogniser)(job.settings)
    return Worker(store, recogniser, rulebook, pipe, stop)


class Worker:
    """One process's work; models are loaded before the first claim."""

    def __init__(
        self,
        store: Store,
        recogniser: Recogniser,
        rulebook: Rulebook,
        pipe: Connection,
        stop: threading.Event,
    ) -> None:
        self.name = own_name()
        self.store = store
        self.queue = StoreQueue(store)
        self.recogniser = recogniser
        self.rulebook = rulebook
        self.pipe = pipe
        self.stop = stop
        self.finish = False

    def run(self) -> None:
        _tell(self.pipe, Ready(self.name))
        over = threading.Event()
        threading.Thread(target=self._renew, args=(over,), daemon=True).start()
        threading.Thread(target=_stop_with_parent, args=(self.stop,), daemon=True).start()
        ahead = Lookahead(self.queue, self.name, load)
        try:
            while not self._is_over(ahead):
                item = ahead.next(WAIT_SECONDS)
                if item is not None:
                    done = self._handle(item)
                    ahead.done(item.claimed.id)
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

    def _handle(self, item: Loaded | Unusable) -> Done:
        if isinstance(item, Unusable):
            return self._failed(item.claimed, item.error)
        try:
            return self._examine(item)
        except StoreError:
            raise
        except Exception as error:
            return self._failed(item.claimed, error)

    def _examine(self, loaded: Loaded) -> Done:
        claimed = loaded.claimed
        result = examine(loaded, self.recogniser, self.rulebook)
        if not save_result(self.store, claimed.id, result, worker=self.name):
            return Done(claimed.name, "lost", 0.0, detail="its lease ran out; another worker has it")
        flags = len(result.inspection.flags) if result.inspection else 0
        status = "inspected" if result.inspection else "empty"
        return Done(claimed.name, status, loaded.audio.seconds, claimed.size_bytes, flags)

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
        unexpected = kind == "unexpected"
        return Done(claimed.name, status, 0.0, claimed.size_bytes, detail=reason, unexpected=unexpected)

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(RENEW_SECONDS):
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
