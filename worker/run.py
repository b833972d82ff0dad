"""A batch from beginning to end, and the service that works on whatever is queued."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..ingest.metadata import Metadata
from ..inspect.rulebook import Rulebook
from ..rulebooks.current import effective_rulebook
from ..settings import Settings
from ..store import Store, finish_batch, start_batch
from .after import after_batch
from .beside import Beside, start_beside
from .check import check_files
from .identity import host_name
from .intake import Intake, Taken
from .messages import Job
from .patience import IMPATIENT, Patience
from .progress import Display
from .session import Options, Session
from .summary import Summary, summarise

__all__ = ["Options", "choose_rulebook", "ingest", "run", "serve"]


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
    job = job_of(store, settings, options)
    batch_id = start_batch(store, paths, host=settings.host_name or host_name())
    with Session(store, settings, job, options, display) as session:
        intake = Intake(
            store,
            paths,
            metadata,
            batch_id,
            limit=options.limit,
            stop=lambda: session.stopping.level > 0,
            patiently=session.patiently,
        )
        intake.start()
        session.run(more_to_come=_telling(intake, session.display))
        while intake.is_running():
            time.sleep(0.05)
    wall = session.count.elapsed

    def account() -> Summary:
        summary = summarise(
            store,
            batch_id,
            intake.taken,
            done=session.count.files,
            audio_seconds=session.count.seconds,
            wall_seconds=wall,
            stopped=session.stopping.level > 0,
            cost_per_hour=settings.cost_per_hour,
        )
        close_batch(store, settings, batch_id, summary)
        return summary

    return session.patiently(account)


def ingest(
    store: Store,
    paths: Sequence[Path],
    metadata: Metadata,
    *,
    limit: int | None = None,
    rank: int = 0,
    kind: str = "ingest",
    patiently: Patience = IMPATIENT,
) -> Summary:
    """Only put what is found in the queue; a smaller ``rank`` is taken first."""
    batch_id = patiently(lambda: start_batch(store, paths, kind=kind, rank=rank, host=host_name()))
    intake = Intake(store, paths, metadata, batch_id, limit=limit, rank=rank, patiently=patiently)
    start = time.monotonic()
    intake.run()
    wall = time.monotonic() - start
    return patiently(lambda: close_intake(store, batch_id, intake.taken, wall))


def close_intake(store: Store, batch_id: int, taken: Taken, seconds: float) -> Summary:
    """Write the account of a batch that only queued recordings."""
    summary = summarise(store, batch_id, taken, done=0, audio_seconds=0, wall_seconds=seconds, stopped=False)
    finish_batch(store, batch_id, summary.to_json())
    return summary


def serve(
    store: Store,
    settings: Settings,
    options: Options | None = None,
    *,
    until_empty: bool = False,
    display: Display | None = None,
    beside: Sequence[Beside] = (),
) -> int:
    """Work on whatever is queued, until a signal or (``until_empty``) the queue's end; returns how many.

    ``beside`` runs in threads of its own, such as what fills the queue.
    """
    options = options or Options()
    job = job_of(store, settings, options)
    with Session(store, settings, job, options, display) as session:
        over = threading.Event()
        threads = [
            start_beside(one, lambda: over.is_set() or session.stopping.level > 0, session.display.say)
            for one in beside
        ]
        try:
            session.run(forever=not until_empty)
        finally:
            over.set()
            for thread in threads:
                thread.join()
    return session.count.files


def choose_rulebook(store: Store, settings: Settings) -> Rulebook:
    """The rulebook that counts today, saved in the store."""
    return effective_rulebook(store, settings)


def job_of(store: Store, settings: Settings, options: Options) -> Job:
    """Raises UsageError or RulebookError for settings that a worker could not work with, before it begins."""
    check_files(settings)
    return Job(settings, choose_rulebook(store, settings).hash, options.recogniser, options.decoder)


def close_batch(store: Store, settings: Settings, batch_id: int, summary: Summary) -> None:
    """Write the account, and tell those who want to know."""
    finish_batch(store, batch_id, summary.to_json())
    after_batch(store, settings, batch_id)


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
