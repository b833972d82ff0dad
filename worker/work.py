"""One worker's work: claims, decoding ahead, transcribing, inspecting, storing; and what goes wrong."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process

from ..errors import StoreError
from ..ingest.pool import Decoder
from ..inspect.rulebook import Rulebook
from ..inspect.types import Inspection
from ..store import Claimed, Store, get_call, load_rulebook
from ..store.ends import End, Failure, name_of
from .checkpoint import Checkpoints
from .deadline import Deadlines, allowance
from .faults import Fault, is_device_lost, judge, pause_after
from .lookahead import STORAGE_PAUSE, Lookahead, Unusable
from .lookahead import Ready as ReadyItem
from .messages import Done, Ready, Said
from .process import Heard, Known, Loaded, Recogniser, examine, examine_again, load, transcribe
from .queue import KINDS, Queue
from .steps import Steps

log = logging.getLogger(__name__)
HUNG = 75
"""Exit code of a worker that ended itself because its work did not end."""
WAIT_SECONDS = 0.5
TOGETHER = 16
"""Recordings given to a GPU at once: their windows fill its batches."""
BULK = 16
BULK_SECONDS = 0.25
"""Results are stored together while so little time is lost with them when the worker is killed."""


RulebookFor = Callable[[Mapping[str, str]], Rulebook]
"""The rulebook that a call with these call data is inspected by."""


class DeviceLost(Exception):
    """The GPU is lost to this process."""


@dataclass(frozen=True)
class Tools:
    """What a worker works with."""

    store: Store
    queue: Queue
    rulebook_for: RulebookFor
    decoder: Decoder
    checkpoints: Checkpoints
    open_recogniser: Callable[[], Recogniser]
    after_result: Callable[..., object]
    """Called with connection and recording id in the transaction that stores a result."""
    retry_seconds: float
    renew_seconds: float
    load_seconds: float


class Worker:
    """One process's work; models are loaded before the first claim that needs them."""

    def __init__(self, name: str, tools: Tools, pipe: Connection, stop: threading.Event) -> None:
        self.name = name
        self.tools = tools
        self.queue = tools.queue
        self.pipe = pipe
        self.stop = stop
        self.finish = False
        self.recogniser: Recogniser | None = None
        self.deadlines = Deadlines()
        self.together = 1
        self._rulebooks: dict[str, Rulebook] = {}
        self._pending: list[End] = []
        self._pending_since = 0.0
        self._in_hand: Sequence[int] = ()

    def run(self) -> None:
        self._load_models_when_needed()
        tell(self.pipe, Ready(self.name, self.recogniser.device if self.recogniser else ""))
        over = threading.Event()
        threading.Thread(target=self._renew, args=(over,), daemon=True).start()
        threading.Thread(target=_stop_with_parent, args=(self.stop,), daemon=True).start()
        ahead = Lookahead(
            self.queue,
            self.name,
            self._load,
            most=1 + self.together,
            kinds=self._kinds,
            storage_pause=min(STORAGE_PAUSE, self.tools.retry_seconds / 6),
        )
        try:
            while not self._is_over(ahead):
                self._load_models_when_needed()
                self._once(ahead)
            self._flush(ahead)
        finally:
            self.queue.release(self.name, ahead.stop())
            self.tools.decoder.close()
            over.set()

    def _load_models_when_needed(self) -> None:
        if self.recogniser is None and self.queue.needs_models():
            self.recogniser = self.tools.open_recogniser()
            self.together = TOGETHER if self.recogniser.device == "cuda" else 1

    def _kinds(self) -> Sequence[str]:
        return KINDS if self.recogniser is not None else ("reinspect",)

    def _is_over(self, ahead: Lookahead) -> bool:
        try:
            while self.pipe.poll():
                self.pipe.recv()  # Finish is all there is to say
                self.finish = True
        except EOFError:
            self.stop.set()  # the supervisor is gone
        if self.stop.is_set():
            return True
        return self.finish and ahead.idle and not self._pending and self.queue.open()[0] == 0

    def _once(self, ahead: Lookahead) -> None:
        start = time.monotonic()
        items = ahead.take(self.together, 0.0 if self._pending else WAIT_SECONDS)
        waited = time.monotonic()
        self._handle(items, ahead)
        took = time.monotonic() - (waited if items else start)
        # Stored now, if the next ones would keep it waiting.
        late = time.monotonic() - self._pending_since + took > BULK_SECONDS
        if not items or late or len(self._pending) >= BULK:
            self._flush(ahead)

    def _handle(self, items: Sequence[ReadyItem], ahead: Lookahead) -> None:
        for item in items:
            if isinstance(item, Unusable):
                self._failed(item.claimed, item.error, Steps(), ahead)
            elif isinstance(item, Heard | Known):
                self._inspect(item, ahead)
        self._listen([item for item in items if isinstance(item, Loaded)], ahead)

    def _listen(self, group: Sequence[Loaded], ahead: Lookahead) -> None:
        """Transcribe together; when that fails each by itself, so that only the one to blame fails."""
        try:
            heard = self._transcribe(group) if group else []
        except Exception as error:
            if is_device_lost(error):
                for one in group:
                    self._failed(one.claimed, error, one.steps, ahead)
                self._flush(ahead)
                raise DeviceLost(str(error)) from error
            if len(group) == 1:
                self._failed(group[0].claimed, error, group[0].steps, ahead)
                return
            for one in group:
                self._listen([one], ahead)
            return
        self.tools.checkpoints.save(heard)
        for said in heard:
            self._inspect(said, ahead)

    def _load(self, claimed: Claimed) -> Loaded | Heard | Known:
        steps = Steps()
        if claimed.kind == "reinspect":
            return self._stored(claimed, steps)
        if heard := self.tools.checkpoints.load(claimed, steps):
            return heard
        with self.deadlines.within(self.tools.load_seconds, f"decoding {claimed.name}"):
            return load(claimed, self.tools.decoder.decode, steps)

    def _stored(self, claimed: Claimed, steps: Steps) -> Known:
        with steps.step("read"):
            transcript = get_call(self.tools.store, claimed.id).transcript
        if transcript is None:
            raise LookupError(f"recording {claimed.id} has no transcript")
        return Known(claimed, transcript, steps)

    def _transcribe(self, group: Sequence[Loaded]) -> list[Heard]:
        assert self.recogniser is not None
        seconds = sum(one.audio.seconds for one in group)
        names = ", ".join(one.claimed.name for one in group)
        self._in_hand = [one.claimed.id for one in group]
        with self.deadlines.within(allowance(seconds), f"transcribing {names}"):
            return transcribe(group, self.recogniser)

    def _inspect(self, item: Heard | Known, ahead: Lookahead) -> None:
        claimed = item.claimed
        try:
            rulebook = self._rulebook(claimed)
            outcome = examine_again(item, rulebook) if isinstance(item, Known) else examine(item, rulebook)
        except Exception as error:
            self._failed(claimed, error, item.steps, ahead)
            return
        self._add(End(claimed, outcome, tuple(item.steps.taken), item.steps.begun))

    def _rulebook(self, claimed: Claimed) -> Rulebook:
        wanted = claimed.rulebook
        if wanted is None:
            return self.tools.rulebook_for(claimed.metadata)
        if wanted not in self._rulebooks:
            self._rulebooks[wanted] = Rulebook.from_bytes(load_rulebook(self.tools.store, wanted))
        return self._rulebooks[wanted]

    def _failed(self, claimed: Claimed, error: Exception, steps: Steps, ahead: Lookahead) -> None:
        fault = judge(error)
        if fault.is_waited_out(claimed.retries):
            self._postpone(claimed, fault, steps, ahead)
            return
        if fault.is_unforeseen:
            log.error("unexpected error on %s", claimed.name, exc_info=error, extra=about(claimed))
        self._add(End(claimed, fault.failure, tuple(steps.taken), steps.begun))

    def _postpone(self, claimed: Claimed, fault: Fault, steps: Steps, ahead: Lookahead) -> None:
        delay, reason = pause_after(claimed.retries, self.tools.retry_seconds), fault.failure.reason
        self.queue.postpone(self.name, claimed, delay, reason, steps.taken)
        ahead.done(claimed.key)
        tell(self.pipe, Said(f"{claimed.name}: {reason}; again in {delay.total_seconds():g} s"))

    def _add(self, end: End) -> None:
        if not self._pending:
            self._pending_since = time.monotonic()
        self._pending.append(end)

    def _flush(self, ahead: Lookahead) -> None:
        """Store what is done, together; what cannot be stored so, each by itself."""
        ends, self._pending = self._pending, []
        if not ends:
            return
        try:
            self._store(ends, ahead)
        except StoreError as error:
            for end in ends:
                self._store_alone(end, error, ahead)

    def _store_alone(self, end: End, _together: StoreError, ahead: Lookahead) -> None:
        try:
            self._store([end], ahead)
        except StoreError as error:
            if isinstance(end.outcome, Failure):
                raise
            self._store([replace(end, outcome=judge(error).failure)], ahead)

    def _store(self, ends: Sequence[End], ahead: Lookahead) -> None:
        stored = self.queue.finish(self.name, ends, self.tools.after_result)
        for end, is_stored in zip(ends, stored, strict=True):
            ahead.done(end.claimed.key)
            tell(self.pipe, self._done(end, is_stored))

    def _done(self, end: End, is_stored: bool) -> Done:
        claimed, outcome = end.claimed, end.outcome
        seconds: dict[str, float] = {}
        for step, _, took in end.steps:
            seconds[step] = seconds.get(step, 0.0) + took
        done = Done(
            claimed.id,
            claimed.name,
            name_of(outcome),
            kind=claimed.kind,
            batch=claimed.batch,
            worker=self.name,
            steps=seconds,
        )
        if not is_stored:
            return replace(done, status="lost", detail="its lease ran out; another worker has it")
        done = replace(done, size_bytes=claimed.size_bytes if claimed.kind == "recording" else 0)
        if isinstance(outcome, Failure):
            return replace(done, detail=outcome.reason, unexpected=outcome.kind == "unexpected")
        if isinstance(outcome, Inspection):
            return replace(done, flags=len(outcome.flags))
        flags = len(outcome.inspection.flags) if outcome.inspection else 0
        return replace(done, seconds=outcome.audio.seconds, flags=flags)

    def _renew(self, over: threading.Event) -> None:
        while not over.wait(self.tools.renew_seconds):
            if late := self.deadlines.missed():
                log.error("%s does not end; the worker ends itself, another one takes over", late)
                with suppress(StoreError):
                    self.queue.blame(self.name, self._in_hand)
                os._exit(HUNG)  # no thread can be ended from outside; its claims are recovered
            try:
                self.queue.renew(self.name)
            except StoreError as error:  # the next one may get through before the lease ends
                log.warning("the claims could not be renewed: %s", error)


def about(claimed: Claimed) -> dict[str, object]:
    """What a log line says of the recording it is about."""
    return {"call": claimed.id, "batch": claimed.batch, "kind": claimed.kind}


def tell(pipe: Connection, message: object) -> None:
    with suppress(OSError):  # the supervisor is gone; what was done is stored
        pipe.send(message)


def _stop_with_parent(stop: threading.Event) -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        stop.set()
