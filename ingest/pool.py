"""Decodes in a process of its own, with limits: a file that crashes or hangs it takes nothing along."""

import mmap
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..errors import DamagedRecording, EmptyRecording, NotAudio, RecordingError
from .audio import Audio
from .wire import Decoded, Failed, Message, Refused, Request, receive, send

PROGRAM = "callqa.ingest.decoder"
MOST_FILES = 500
"""After so many a decoder is replaced, so that nothing FFmpeg leaks adds up."""
_VERDICTS: dict[str, type[RecordingError]] = {c.kind: c for c in (EmptyRecording, NotAudio, DamagedRecording)}
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class DecoderCrashed(RecordingError):
    """The file ends the decoder's process."""

    kind = "decoder_crashed"


class DecoderKilled(RecordingError):
    """Something outside ended the decoder's process while it had the file: the machine ran out of memory."""

    kind = "decoder_killed"


class DecoderHung(RecordingError):
    """The file keeps the decoder busy without end."""

    kind = "decoder_hung"


class DecoderOutOfMemory(RecordingError):
    """The file asks for more memory than a decoder may have."""

    kind = "decoder_memory"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take; address space in bytes, seconds of time."""

    memory_bytes: int = 8 << 30
    seconds: float = 600.0


class Decoder:
    """One decoder process at a time, reused from file to file; not for use by several threads at once."""

    def __init__(self, limits: Limits | None = None, program: str = PROGRAM) -> None:
        self._limits = limits or Limits()
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: socket.socket | None = None
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the process that waits or works; None when there is none."""
        return self._process.pid if self._process else None

    def decode(self, path: Path, rate: int, per_second: int) -> tuple[Audio, bytes, dict[str, float]]:
        """Sound, packed outline and the seconds each step took.

        Raises what ``audio.decode`` raises and, for files that overstep the limits, DecoderCrashed,
        DecoderHung, DecoderKilled or DecoderOutOfMemory. A crash counts when a fresh process crashes too.
        """
        request = Request(path, rate, per_second)
        for is_last in (False, True):
            try:
                return self._taken(*self._ask(request))
            except EOFError:
                status = self._end()
                if is_last and status == -signal.SIGKILL:  # which no file can bring about by itself
                    raise DecoderKilled(
                        "its decoder was killed from outside", "see whether the machine has enough memory"
                    ) from None
                if is_last:
                    raise DecoderCrashed(
                        f"it crashes the decoder ({_cause(status)})",
                        "convert it to WAV with another program, then add it again",
                    ) from None
            except TimeoutError:
                self._end()
                raise DecoderHung(
                    f"decoding it does not end within {self._limits.seconds:g} s",
                    "convert it to WAV with another program; on a slow disk raise CALLQA_DECODE_SECONDS",
                ) from None
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the process; one made later starts anew."""
        self._end()

    def _ask(self, request: Request) -> tuple[Message, int | None]:
        if self._process is None or self._files >= MOST_FILES:
            self._end()
            self._start()
        assert self._pipe is not None
        self._files += 1
        try:
            send(self._pipe, request)
            return receive(self._pipe, self._limits.seconds)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise EOFError from error

    def _taken(self, reply: Message, fd: int | None) -> tuple[Audio, bytes, dict[str, float]]:
        match reply:
            case Refused(kind, reason, remedy):
                raise _VERDICTS.get(kind, RecordingError)(reason, remedy)
            case Failed("memory", _, text):
                self._end()  # what it holds by now is not known
                limit = self._limits.memory_bytes >> 20
                raise DecoderOutOfMemory(
                    f"decoding it needs more than {limit} MB ({text})",
                    "raise CALLQA_DECODE_MEMORY, or split it",
                )
            case Failed("os", number, text):
                raise OSError(number, text) if number is not None else OSError(text)
            case Failed(_, _, text):
                raise RuntimeError(f"the decoder failed: {text}")
        assert isinstance(reply, Decoded)
        assert fd is not None
        samples = _samples(fd, reply.shape)
        audio = Audio(samples, reply.rate, reply.native_rate, reply.codec, reply.container, reply.warnings)
        return audio, reply.outline, dict(reply.seconds)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", self._program, str(theirs.fileno()), str(self._limits.memory_bytes)]
        environment = {**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment)
        theirs.close()
        self._pipe, self._files = ours, 0

    def _end(self) -> int | None:
        """Returns the exit status, or minus the signal that had ended it."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe is not None:
            pipe.close()
        if process is None:
            return None
        with suppress(subprocess.TimeoutExpired):  # having lost its pipe, a sound one ends by itself
            return process.wait(0.2)
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # one that hangs in a dead mount cannot even be killed
            return process.wait(5)
        return None


def _samples(fd: int, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
    size = int(np.prod(shape)) * 4
    try:
        # Private: whoever writes into the samples gets pages of their own.
        mapped = mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    finally:
        os.close(fd)
    return np.frombuffer(mapped, np.float32).reshape(shape)


def _cause(status: int | None) -> str:
    if status is None or status >= 0:
        return f"exit code {status}"
    return signal.Signals(-status).name
