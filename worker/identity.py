"""Names of worker processes from which another process on the same machine can tell whether they live."""

import os
import socket
import sys
from functools import cache
from pathlib import Path

from ..settings import get_settings


def own_name() -> str:
    """This process as ``machine:pid:start``; never the same again, even when the pid is used again."""
    return f"{_machine()}:{os.getpid()}:{_started(os.getpid())}"


def host_name() -> str:
    """This machine's lasting name: the setting, or its host name."""
    return get_settings().host_name or socket.gethostname()


def is_dead(worker: str) -> bool:
    """Whether that process is certainly gone; False also when it ran where this one cannot look."""
    machine, _, rest = worker.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not rest.isdigit():
        return False
    return _started(int(rest)) != worker.rpartition(":")[2]


@cache
def _machine() -> str:
    # Containers may share a host name but not their process numbers, and a reboot deals them anew.
    name = socket.gethostname().replace(":", "-")
    if sys.platform != "linux":
        return name
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    return f"{name}/{boot}/{namespace}"


def _started(pid: int) -> str | None:
    """A mark of the process's start; None when there is no such process."""
    if sys.platform == "linux":
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if after_name[0] in "ZX" else after_name[19]
    if sys.platform == "win32":
        return "0"  # there, asking would end it; the lease decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "0"
