"""What every service shares: its display, signals, metrics, its entry among the hosts, and the supervisor."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from types import TracebackType
from typing import Self

from ..errors import StoreError
from ..ingest.pool import PROGRAM
from ..settings import Settings
from ..store import Store, backlog_bytes, open_counts
from ..store.hosts import announce_service, end_service
from ..store.tasks import close_task_batches
from ..voice.duties import Duties
from .after import after_batch
from .identity import host_name, own_name
from .logs import set_up_logging
from .messages import RECOGNISER, Done, Job
from .metrics import Metrics, serve_metrics
from .patience import Patience, until
from .progress import Display, open_display
from .queue import StoreQueue
from .stopping import Stopping
from .supervisor import RECOVER_SECONDS, Supervisor


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; ``recogniser`` and ``decoder`` name what transcribes and decodes (see messages.Job)."""

    workers: int | None = 1
    """Processes; None for one a GPU, or without a GPU one for every four cores. More than GPUs share them."""
    limit: int | None = None
    quiet: bool = False
    recogniser: str = RECOGNISER
    decoder: str = PROGRAM
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"


@dataclass
class Count:
    """What this service did."""

    files: int = 0
    seconds: float = 0.0
    start: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.start

    def add(self, message: Done) -> None:
        self.files += 1
        self.seconds += message.seconds


class Session:
    """Entered for the time of one service."""

    def __init__(
        self, store: Store, settings: Settings, job: Job, options: Options, display: Display | None = None
    ) -> None:
        self.store, self.settings, self.job, self.options = store, settings, job, options
        self.name = own_name()
        self.count = Count()
        self._gpus = gpus_of(settings.device)
        self.workers = options.workers or len(self._gpus) or max(1, (os.cpu_count() or 1) // 4)
        self._device = "cuda" if self._gpus else "cpu"
        self._given = display
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        set_up_logging(self.settings, worker=self.name)
        shown = self._given or open_display(quiet=self.options.quiet, as_json=_is_json(self.settings))
        self.display = self._stack.enter_context(shown)
        self.stopping = self._stack.enter_context(Stopping(self.display.say))
        stopped = until(lambda: self.stopping.level > 0)
        self.patiently = Patience(self.settings.store_patience, stopped, self.display.say)
        lease = timedelta(seconds=self.settings.lease_seconds)
        self.queue = StoreQueue(self.store, self.patiently, self.settings.host_name, lease)
        self.metrics = Metrics(self.store, lambda: (self.supervisor.started, self.supervisor.busy))
        self.supervisor = Supervisor(
            self.job,
            self.queue,
            self.workers,
            self.stopping,
            heard=self._heard,
            gpus=self._gpus,
            said=self._said,
            beat=self._beat,
            recover_seconds=min(RECOVER_SECONDS, self.settings.lease_seconds / 4),
        )
        if self.options.metrics_port is not None:
            server = serve_metrics(self.metrics, self.options.metrics_port, self.options.metrics_host)
            self._stack.callback(server.server_close)
            self._stack.callback(server.shutdown)
        self._stack.callback(Duties(self.store).start().stop)
        if self.settings.device == "cuda" and self._device == "cpu":
            self.display.say("no GPU was found (nvidia-smi -L lists none); see docs/operations.md")
        if 0 < len(self._gpus) < self.workers:
            share = "a GPU" if len(self._gpus) == 1 else f"{len(self._gpus)} GPUs"
            self.display.say(f"{self.workers} workers share {share}, each with models of its own")
        self._beat()
        self._stack.callback(self._bow_out)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def run(self, *, more_to_come: Callable[[], bool] = lambda: False, forever: bool = False) -> None:
        """Work until the queue is empty, or for ever; until a signal in any case."""
        waiting, size = self.patiently(lambda: (open_counts(self.store), backlog_bytes(self.store)))
        self.display.expect(sum(waiting), size)
        self.supervisor.more_to_come = more_to_come
        self.supervisor.forever = forever
        self.supervisor.turned = self.metrics.turned
        self.supervisor.run()

    def _heard(self, message: Done) -> None:
        self.count.add(message)
        self.metrics.heard(message)
        self.display.done(message)

    def _said(self, text: str) -> None:
        self.metrics.said(text)
        self.display.say(text)

    def _beat(self) -> None:
        with suppress(StoreError):  # the next beat may get through
            self._close_batches()
            announce_service(
                self.store,
                self.name,
                host_name=self.settings.host_name or host_name(),
                workers=self.workers,
                device=self._device,
                version=version("callqa"),
            )

    def _close_batches(self) -> None:
        for number in close_task_batches(self.store):
            after_batch(self.store, self.settings, number)

    def _bow_out(self) -> None:
        with suppress(StoreError):
            self._close_batches()
            end_service(self.store, self.name)


def _is_json(settings: Settings) -> bool:
    return settings.log_format == "json"


def gpus_of(device: str) -> tuple[str, ...]:
    """The GPUs that workers may use, as CUDA_VISIBLE_DEVICES names them: by number, or by their long names.

    Asked without loading CUDA into this process.
    """
    if device == "cpu":
        return ()
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return tuple(name for part in visible.split(",") if (name := part.strip()) not in ("", "-1"))
    try:
        import subprocess

        asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(str(n) for n in range(sum(line.startswith("GPU ") for line in asked.stdout.splitlines())))
