"""A batch from beginning to end, and the service that works on whatever is queued."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ..ingest.metadata import Metadata
from ..inspect.rulebook import Rulebook
from ..rulebooks.current import effective_rulebook
from ..settings import Settings
from ..store import Store, backlog_bytes, finish_batch, open_counts, start_batch
from .intake import Intake, Taken
from .messages import RECOGNISER, Done, Job
from .progress import Display, open_display
from .queue import StoreQueue
from .stopping import Stopping
from .summary import Summary, summarise
from .supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; ``recogniser`` names what transcribes (see messages.Job)."""

    workers: int = 1
    limit: int | None = None
    quiet: bool = False
    recogniser: str = RECOGNISER


def run(
    store: Store,
    settings: Settings,
    paths: Sequence[Path],
    metadata: Metadata,
    options: Options | None = None,
    display: Display | None = None,
) -> Summary:
    """Ingest ``paths`` and work until the queue is empty.

    What an earlier run left in the queue is done too. Killed at any moment, the same call goes on where
    this one was.
    """
    options = options or Options()
    job = _job(store, settings, options)
    batch_id = start_batch(store, paths)
    count = _Count()
    with ExitStack() as stack:
        shown = stack.enter_context(display or open_display(quiet=options.quiet))
        stopping = stack.enter_context(Stopping(shown.say))
        shown.expect(sum(open_counts(store)), backlog_bytes(store))
        intake = Intake(
            store, paths, metadata, batch_id, limit=options.limit, stop=lambda: stopping.level > 0
        )
        intake.start()
        supervisor = Supervisor(
            job,
            StoreQueue(store),
            options.workers,
            stopping,
            heard=count.and_also(shown.done),
            more_to_come=_telling(intake, shown),
        )
        supervisor.run()
        while intake.is_running():
            time.sleep(0.05)
    summary = summarise(
        store,
        batch_id,
        intake.taken,
        done=count.files,
        audio_seconds=count.seconds,
        wall_seconds=count.elapsed,
        stopped=stopping.level > 0,
    )
    finish_batch(store, batch_id, summary.to_json())
    return summary


def ingest(store: Store, paths: Sequence[Path], metadata: Metadata, *, limit: int | None = None) -> Summary:
    """Only put what is found in the queue."""
    batch_id = start_batch(store, paths)
    intake = Intake(store, paths, metadata, batch_id, limit=limit)
    start = time.monotonic()
    intake.run()
    wall = time.monotonic() - start
    summary = summarise(
        store, batch_id, intake.taken, done=0, audio_seconds=0, wall_seconds=wall, stopped=False
    )
    finish_batch(store, batch_id, summary.to_json())
    return summary


def serve(
    store: Store,
    settings: Settings,
    options: Options | None = None,
    *,
    until_empty: bool = False,
    display: Display | None = None,
) -> int:
    """Work on whatever is queued, until a signal or (``until_empty``) the queue's end; returns how many."""
    options = options or Options()
    job = _job(store, settings, options)
    count = _Count()
    with ExitStack() as stack:
        shown = stack.enter_context(display or open_display(quiet=options.quiet))
        stopping = stack.enter_context(Stopping(shown.say))
        shown.expect(sum(open_counts(store)), backlog_bytes(store))
        heard = count.and_also(shown.done)
        queue = StoreQueue(store)
        Supervisor(job, queue, options.workers, stopping, heard, forever=not until_empty).run()
    return count.files


def choose_rulebook(store: Store, settings: Settings) -> Rulebook:
    """The rulebook that counts today, saved in the store."""
    return effective_rulebook(store, settings)


def _job(store: Store, settings: Settings, options: Options) -> Job:
    return Job(settings, choose_rulebook(store, settings).hash, options.recogniser)


def _telling(intake: Intake, display: Display) -> Callable[[], bool]:
    """Asks the intake whether more comes, and tells the display of what came."""
    told = Taken()

    def more_to_come() -> bool:
        running = intake.is_running()
        new, size = intake.taken.new, intake.taken.new_bytes
        if new > told.new:
            display.expect(new - told.new, size - told.new_bytes)
            told.new, told.new_bytes = new, size
        return running

    return more_to_come


class _Count:
    def __init__(self) -> None:
        self.files = 0
        self.seconds = 0.0
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    def and_also(self, then: Callable[[Done], None]) -> Callable[[Done], None]:
        def heard(message: Done) -> None:
            self.files += 1
            self.seconds += message.seconds
            then(message)

        return heard
