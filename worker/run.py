"""A batch from beginning to end, and the service that works on whatever is queued."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import CallqaError
from ..ingest.metadata import Metadata
from ..inspect.rulebook import Rulebook
from ..rulebooks.current import effective_rulebook
from ..settings import Settings
from ..store import Store, finish_batch, start_batch
from .after import after_batch
from .identity import host_name
from .intake import Intake, Taken
from .messages import Job
from .progress import Display
from .session import Options, Session
from .summary import Summary, summarise

__all__ = ["Options", "choose_rulebook", "ingest", "run", "serve"]
BESIDE_PAUSE = 30.0
Beside = Callable[[Callable[[], bool], Callable[[str], None]], None]
"""Called with what tells it to stop and what tells the user something."""


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
            store, paths, metadata, batch_id, limit=options.limit, stop=lambda: session.stopping.level > 0
        )
        intake.start()
        session.run(more_to_come=_telling(intake, session.display))
        while intake.is_running():
            time.sleep(0.05)
    summary = summarise(
        store,
        batch_id,
        intake.taken,
        done=session.count.files,
        audio_seconds=session.count.seconds,
        wall_seconds=session.count.elapsed,
        stopped=session.stopping.level > 0,
        cost_per_hour=settings.cost_per_hour,
    )
    close_batch(store, settings, batch_id, summary)
    return summary


def ingest(
    store: Store,
    paths: Sequence[Path],
    metadata: Metadata,
    *,
    limit: int | None = None,
    rank: int = 0,
    kind: str = "ingest",
) -> Summary:
    """Only put what is found in the queue; a smaller ``rank`` is taken first."""
    batch_id = start_batch(store, paths, kind=kind, rank=rank, host=host_name())
    return ingest_into(store, batch_id, paths, metadata, limit=limit, rank=rank)


def ingest_into(
    store: Store,
    batch_id: int,
    paths: Sequence[Path],
    metadata: Metadata,
    *,
    limit: int | None = None,
    rank: int = 0,
) -> Summary:
    """As ``ingest``, for a batch that was begun."""
    intake = Intake(store, paths, metadata, batch_id, limit=limit, rank=rank)
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
    beside: Sequence[Beside] = (),
) -> int:
    """Work on whatever is queued, until a signal or (``until_empty``) the queue's end; returns how many.

    ``beside`` runs in threads of its own, such as what fills the queue.
    """
    options = options or Options()
    job = job_of(store, settings, options)
    with Session(store, settings, job, options, display) as session:
        over = threading.Event()
        threads = [_beside(one, session, over) for one in beside]
        try:
            session.run(forever=not until_empty)
        finally:
            over.set()
            for thread in threads:
                thread.join()
    return session.count.files


def _beside(work: Beside, session: Session, over: threading.Event) -> threading.Thread:
    """Runs ``work`` until the session is over; what fails is said and tried again."""

    def is_over() -> bool:
        return over.is_set() or session.stopping.level > 0

    def keep_running() -> None:
        while not is_over():
            try:
                work(is_over, session.display.say)
            except (CallqaError, OSError) as error:
                session.display.say(f"{error}; trying again in {BESIDE_PAUSE:g} s")
                over.wait(BESIDE_PAUSE)

    thread = threading.Thread(target=keep_running, daemon=True)
    thread.start()
    return thread


def choose_rulebook(store: Store, settings: Settings) -> Rulebook:
    """The rulebook that counts today, saved in the store."""
    return effective_rulebook(store, settings)


def job_of(store: Store, settings: Settings, options: Options) -> Job:
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
