"""A dashboard in a process of its own, as users start it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def running(home: Path, port: int | None = None) -> Iterator[tuple[str, int]]:
    """Address and process id of a dashboard over the store in ``home``."""
    port = port or _free_port()
    command = [sys.executable, "-m", "callqa.cli", "--home", str(home), "dashboard", "--port", str(port)]
    env = {k: v for k, v in os.environ.items() if not k.startswith("CALLQA_")}
    server = subprocess.Popen(command, env=env, cwd=home)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"the dashboard did not start (exit status {server.poll()})")
