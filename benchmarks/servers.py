"""A PostgreSQL server for the time of a benchmark or of tests."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def server_programs() -> Path | None:
    """The folder with the newest PostgreSQL server's programs."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgresql(*, safe: bool = True) -> Iterator[str]:
    """The URL of an empty database on a server of our own.

    ``safe`` is its usual safety (fsync on), as a benchmark needs it.
    """
    programs = server_programs()
    if programs is None:
        sys.exit("no PostgreSQL server is installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="callqa-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = ["-D", str(folder / "data")]
    initdb, control = str(programs / "initdb"), str(programs / "pg_ctl")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}{'' if safe else ' -c fsync=off'}"
    null = subprocess.DEVNULL
    made = [*as_user, initdb, *data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    made += [] if safe else ["--no-sync"]
    subprocess.run(made, check=True, cwd=folder, stdout=null)
    start = [*as_user, control, *data, "-w", "-o", options, "-l", str(folder / "log"), "start"]
    subprocess.run(start, check=True, cwd=folder, stdout=null)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop = [*as_user, control, *data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=True, cwd=folder, stdout=null)
        shutil.rmtree(folder)
