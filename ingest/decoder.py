"""The program of a decoder process: decodes what it is told to until its pipe ends.

    python -m callqa.ingest.decoder FD MEMORY_BYTES

A file may crash FFmpeg, hang it or make it ask for any amount of memory. Here that ends one process that
holds nothing but this file. Requests and answers are pickles with their length before them, on the socket
FD that the parent made; samples travel as an open file without a name, so that they are never copied twice.
"""

import array
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import RecordingError
from . import peaks
from .audio import Audio, decode

LENGTH = struct.Struct("<Q")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Request:
    """``rate`` in Hz; ``per_second`` buckets of the outline."""

    path: Path
    rate: int
    per_second: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """All but the samples, which come as a file; ``seconds`` are how long each step took."""

    shape: tuple[int, ...]
    rate: int
    native_rate: int
    codec: str
    container: str
    warnings: tuple[str, ...]
    outline: bytes
    seconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Refused:
    """A RecordingError: a verdict on the file."""

    kind: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Not the file's fault: an OSError with its number, or ``memory``, or anything unforeseen."""

    what: str
    errno: int | None
    text: str


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
    while (request := receive(pipe)) is not None:
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


def send(pipe: socket.socket, message: object, fd: int | None = None) -> None:
    data = pickle.dumps(message)
    ancillary = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
    pipe.sendmsg([LENGTH.pack(len(data))], ancillary)
    pipe.sendall(data)


def receive(pipe: socket.socket) -> Request | None:
    """The next request; None when the parent is gone."""
    head = _exactly(pipe, LENGTH.size)
    if head is None:
        return None
    data = _exactly(pipe, LENGTH.unpack(head)[0])
    request: Request | None = None if data is None else pickle.loads(data)
    return request


def _exactly(pipe: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = pipe.recv(size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    main()
