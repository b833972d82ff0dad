"""A worker process: what it opens, how it ends."""

import logging
import os
import pkgutil
import signal
import sys
import threading
from multiprocessing.connection import Connection

from ..errors import CallqaError
from ..ingest.pool import Decoder, Limits
from ..inspect.rulebook import Rulebook
from ..rulebooks.current import Effective
from ..store import Store, load_rulebook, open_store
from .after import after_result
from .checkpoint import Checkpoints
from .identity import own_name
from .logs import set_up_logging
from .messages import Fatal, Job, Lost, Said
from .patience import Patience
from .queue import StoreQueue
from .work import DeviceLost, RulebookFor, Tools, Worker, tell

LOST = 76
"""Exit code of a worker that lost its GPU."""
_SLACK_SECONDS = 300.0
"""To find and read a file, besides decoding it twice."""


def main(job: Job, pipe: Connection, threads: int) -> None:
    """Entry of the process; ``threads`` is its share of the processor's cores."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the supervisor decides
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    if job.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = job.gpu
    set_up_logging(job.settings, worker=own_name())
    try:
        _open(job, pipe, stop).run()
        leave(pipe, 0)
    except DeviceLost as error:
        tell(pipe, Lost(str(error)))
        leave(pipe, LOST)
    except CallqaError as error:
        tell(pipe, Fatal(str(error)))
    except Exception as error:
        tell(pipe, Fatal(f"{type(error).__name__}: {error}"))
        raise


def leave(pipe: Connection, code: int) -> None:
    """End at once: all is stored, and daemon threads inside the engines abort a slow shutdown."""
    pipe.close()
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(code)


def _open(job: Job, pipe: Connection, stop: threading.Event) -> Worker:
    settings = job.settings
    store = open_store(settings.resolved_database_url)
    patience = Patience(settings.store_patience, stop.wait, lambda text: tell(pipe, Said(text)))
    limits = Limits(settings.decode_memory << 20, settings.decode_seconds)
    tools = Tools(
        store=store,
        queue=StoreQueue(store, patience, settings.host_name),
        rulebook_for=_rulebooks(store, job),
        decoder=Decoder(limits, job.decoder),
        checkpoints=Checkpoints.of(store, settings, job.recogniser),
        open_recogniser=lambda: pkgutil.resolve_name(job.recogniser)(settings),
        after_result=after_result(settings),
        retry_seconds=settings.retry_seconds,
        renew_seconds=settings.lease_seconds / 8,
        load_seconds=2 * settings.decode_seconds + _SLACK_SECONDS,
    )
    return Worker(own_name(), tools, pipe, stop)


def _rulebooks(store: Store, job: Job) -> RulebookFor:
    """Which rulebook a call with these call data is inspected by."""
    if not job.settings.rulebook:
        return Effective(store, job.settings).for_call
    fixed = Rulebook.from_bytes(load_rulebook(store, job.rulebook))  # the folder as the batch found it
    return lambda _: fixed
