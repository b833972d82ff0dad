"""Figures for Prometheus, and whether the service lives and is ready, on a small web server."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from ..errors import StoreError, UsageError
from ..store import STATUSES, Store, open_counts, status_counts
from ..store.hosts import services
from .messages import Done

STALLED_SECONDS = 120.0
"""A supervisor whose loop did not turn for so long is no longer healthy."""


class Metrics:
    """What one service did, and how the queue stands."""

    def __init__(self, store: Store, supervisor: Callable[[], tuple[int, int]]) -> None:
        """``supervisor`` tells how many workers were started and how many are ready."""
        self._store, self._supervisor = store, supervisor
        self._beat = time.monotonic()
        self.registry = registry = CollectorRegistry()
        self._done = Counter("callqa_recordings", "Recordings ended", ["kind", "status"], registry=registry)
        self._audio = Counter("callqa_audio_seconds", "Sound transcribed", registry=registry)
        self._flags = Counter("callqa_flags", "Flags raised", registry=registry)
        self._bytes = Counter("callqa_recording_bytes", "Size of recordings ended", registry=registry)
        self._stage = Counter("callqa_stage_seconds", "Time spent in each step", ["stage"], registry=registry)
        self._whole = Histogram(
            "callqa_recording_seconds",
            "Time from claim to result",
            buckets=(0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
            registry=registry,
        )
        self._retries = Counter("callqa_passing_faults", "Faults that are waited out", registry=registry)
        self._ready = Gauge(
            "callqa_workers_ready", "Worker processes that take recordings", registry=registry
        )
        self._ready.set_function(lambda: self._supervisor()[1])
        registry.register(_Queue(store))

    def heard(self, message: Done) -> None:
        self._done.labels(message.kind, message.status).inc()
        self._audio.inc(message.seconds)
        self._flags.inc(message.flags)
        self._bytes.inc(message.size_bytes)
        for stage, seconds in message.steps.items():
            self._stage.labels(stage).inc(seconds)
        self._whole.observe(sum(message.steps.values()))

    def said(self, _text: str) -> None:
        self._retries.inc()

    def turned(self) -> None:
        """The supervisor's loop turned."""
        self._beat = time.monotonic()

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether the service turns; a scheduler that hears no should start it anew."""
        silent = time.monotonic() - self._beat
        return silent < STALLED_SECONDS, {"seconds_since_last_turn": round(silent, 1)}

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether the database answers and, when something waits, a worker is ready for it."""
        started, ready = self._supervisor()
        try:
            waiting, running = open_counts(self._store)
        except StoreError as error:
            return False, {"database": str(error), "workers_ready": ready}
        about = {"waiting": waiting, "running": running, "workers": started, "workers_ready": ready}
        return ready > 0 or waiting == 0, about


class _Queue(Collector):
    """The queue as the database has it when it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("callqa_database_up", "Whether the database answers")
        states = GaugeMetricFamily("callqa_queue", "Recordings by state", labels=["status"])
        hosts = GaugeMetricFamily("callqa_services", "Services heard of", labels=["host", "alive"])
        try:
            counts, known = status_counts(self._store), services(self._store)
        except StoreError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        for status in STATUSES:
            states.add_metric([status], counts.get(status, 0))
        for name, alive in sorted({(s.host, s.is_alive) for s in known}):
            count = sum(s.host == name and s.is_alive == alive for s in known)
            hosts.add_metric([name, str(alive).lower()], count)
        yield from (up, states, hosts)


def serve_metrics(metrics: Metrics, port: int, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Answer on ``/metrics``, ``/healthz`` and ``/readyz`` in a thread; UsageError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest(metrics.registry))
                case "/healthz":
                    self._tell(*metrics.health())
                case "/readyz":
                    self._tell(*metrics.readiness())
                case _:
                    self._answer(404, "text/plain", b"/metrics, /healthz or /readyz\n")

        def _tell(self, good: bool, about: dict[str, Any]) -> None:
            body = json.dumps({"ok": good, **about}, ensure_ascii=False).encode()
            self._answer(200 if good else 503, "application/json", body)

        def _answer(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
