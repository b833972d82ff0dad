"""Whether a recording is still being written, asked of the kernel."""

import errno
import fcntl
import os
import signal
from contextlib import suppress
from pathlib import Path

from .remote import is_remote


def is_open_for_writing(path: Path) -> bool:
    """Whether some process on this machine has the file open to write it.

    Asked by taking a read lease, which the kernel grants only while nobody writes. False also where it
    cannot be asked: on a network mount, in an object store, or for a file that belongs to somebody else.
    """
    if is_remote(path) or not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Who opens it in this moment to write has us told, by a signal that ends the process unless another
        # one is chosen.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    else:
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(descriptor)
