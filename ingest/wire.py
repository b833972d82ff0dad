"""What a decoder process and its parent tell each other: JSON with its length before it, on a socket.

Nothing that a decoder sends can make the parent run anything, since what it decodes may be hostile. Samples
travel as an open file without a name, so that they are not copied through the socket.
"""

import array
import base64
import json
import socket
import struct
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LENGTH = struct.Struct("<Q")


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
    """Not the file's fault: ``os`` with its errno, ``memory``, or ``unforeseen``."""

    what: str
    errno: int | None
    text: str


Message = Request | Decoded | Refused | Failed
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in (Request, Decoded, Refused, Failed)}
_READ: dict[str, Any] = {"path": Path, "outline": base64.b64decode, "shape": tuple, "warnings": tuple}


def send(pipe: socket.socket, message: Message, fd: int | None = None) -> None:
    """Send a message and, with ``fd``, an open file beside it."""
    fields = {name: _plain(value) for name, value in asdict(message).items()}
    data = json.dumps({"is": type(message).__name__, **fields}).encode()
    ancillary = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
    pipe.sendmsg([LENGTH.pack(len(data))], ancillary)
    pipe.sendall(data)


def receive(pipe: socket.socket, seconds: float | None = None) -> tuple[Message, int | None]:
    """The next message, and the file that came with it.

    Raises EOFError when the other end is gone, TimeoutError when it is silent for so many seconds.
    """
    end = None if seconds is None else time.monotonic() + seconds
    fds = array.array("i")
    _wait(pipe, end)
    head, ancillary, _, _ = pipe.recvmsg(LENGTH.size, socket.CMSG_LEN(fds.itemsize))
    for _level, _kind, data in ancillary:
        fds.frombytes(data[: fds.itemsize])
    if len(head) < LENGTH.size:
        raise EOFError
    (size,), parts = LENGTH.unpack(head), bytearray()
    while len(parts) < size:
        _wait(pipe, end)
        part = pipe.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    fields = json.loads(parts)
    kind = _KINDS[fields.pop("is")]
    read = {name: _READ.get(name, _same)(value) for name, value in fields.items()}
    return kind(**read), fds[0] if fds else None


def _plain(value: Any) -> Any:
    match value:
        case Path():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
    return value


def _same(value: Any) -> Any:
    return value


def _wait(pipe: socket.socket, end: float | None) -> None:
    pipe.settimeout(None if end is None else max(0.001, end - time.monotonic()))
