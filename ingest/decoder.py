"""The program of a decoder process: decodes what it is told to until its pipe ends.

    python -m callqa.ingest.decoder FD MEMORY_BYTES

A file may crash FFmpeg, hang it or make it ask for any amount of memory. Here that ends one process that
holds nothing but this file. FD is the socket the parent made; ``wire`` says what is told on it.
"""

import os
import resource
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress

import numpy as np

from ..errors import RecordingError
from . import peaks
from .audio import Audio, decode
from .wire import Decoded, Failed, Refused, Request, receive, send

_PR_SET_PDEATHSIG = 1


def answer(request: Request) -> tuple[Decoded | Refused | Failed, Audio | None]:
    """Decode and outline one file."""
    start = time.perf_counter()
    try:
        audio = decode(request.path, request.rate)
        decoded = time.perf_counter()
        outline = peaks.to_bytes(peaks.peaks(audio.samples, audio.rate, request.per_second))
    except RecordingError as error:
        return Refused(error.kind, error.reason, error.remedy), None
    except OSError as error:
        return Failed("memory" if error.errno == 12 else "os", error.errno, str(error)), None
    except MemoryError:
        return Failed("memory", None, "not enough memory"), None
    except Exception as error:
        return Failed("unforeseen", None, f"{type(error).__name__}: {error}"), None
    took = {"decode": decoded - start, "peaks": time.perf_counter() - decoded}
    facts = (audio.samples.shape, audio.rate, audio.native_rate, audio.codec, audio.container, audio.warnings)
    return Decoded(*facts, outline, {step: round(s, 4) for step, s in took.items()}), audio


def main() -> None:
    pipe = socket.socket(fileno=int(sys.argv[1]))
    _limit(int(sys.argv[2]))
    while True:
        try:
            request, _ = receive(pipe)
        except (EOFError, ConnectionError):
            return  # the parent needs no more, or is gone
        assert isinstance(request, Request)
        reply, audio = answer(request)
        if audio is None:
            send(pipe, reply)
            continue
        try:
            with nameless_file() as shared:
                shared.write(np.ascontiguousarray(audio.samples).data)
                shared.flush()
                send(pipe, reply, shared.fileno())
        except MemoryError:
            send(pipe, Failed("memory", None, "not enough memory"))
        del audio


def _limit(memory_bytes: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the worker decides
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError):  # a hung decoder must not outlive its worker
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def nameless_file() -> "tempfile._TemporaryFileWrapper[bytes]":
    """A file that is gone when nobody has it open; in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("samples"), "w+b")  # type: ignore[return-value]
    return tempfile.TemporaryFile()  # type: ignore[return-value]


if __name__ == "__main__":
    main()
