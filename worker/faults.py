"""Judges errors: the file's own, a fault that passes, a machine that needs a restart, or unforeseen."""

import re
from dataclasses import dataclass
from datetime import timedelta

from ..errors import EmptyRecording, RecordingError
from ..ingest.pool import DecoderCrashed, DecoderHung, DecoderKilled
from ..store.ends import Failure

MOST_RETRIES = 3
"""Passing faults of one recording that are waited out; then it fails with what was wrong."""
_OUT_OF_MEMORY = re.compile(r"out of memory|ALLOC_FAILED|bad_alloc", re.IGNORECASE)
_DEVICE_LOST = re.compile(
    r"CUDA error|CUDA failed|CUDA driver|cudaError|CUBLAS_STATUS|CUDNN_STATUS|device-side|no CUDA-capable",
    re.IGNORECASE,
)


class StorageGone(OSError):
    """The folder or mount that held the file is away, so that nothing is said about the file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error means for the recording: ``failure`` is final unless it ``passes``."""

    failure: Failure
    passes: bool = False
    is_unforeseen: bool = False

    def is_waited_out(self, retries: int) -> bool:
        """Whether to try again after so many earlier passing faults."""
        most = 1 if self.failure.kind == DecoderHung.kind else MOST_RETRIES
        return self.passes and retries < most


def judge(error: Exception) -> Fault:
    """What ``error`` says about a recording."""
    match error:
        case DecoderHung():
            return Fault(Failure(error.kind, error.reason, error.remedy, "quarantined"), passes=True)
        case DecoderKilled():
            return Fault(Failure(error.kind, error.reason, error.remedy), passes=True)
        case DecoderCrashed():
            return Fault(Failure(error.kind, error.reason, error.remedy, "quarantined"))
        case RecordingError():
            status = "empty" if isinstance(error, EmptyRecording) else "failed"
            return Fault(Failure(error.kind, error.reason, error.remedy, status))
        case OSError():
            return Fault(_storage(error), passes=True)
        case _ if is_out_of_memory(error):
            return Fault(_memory(error), passes=True)
        case _ if is_device_lost(error):
            return Fault(_device(error), passes=True)
    reason = f"{type(error).__name__}: {error}"
    remedy = "run callqa retry; if it fails again, report it with this message"
    return Fault(Failure("unexpected", reason, remedy), is_unforeseen=True)


def is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and bool(_OUT_OF_MEMORY.search(str(error)))
    )


def is_device_lost(error: BaseException) -> bool:
    """Whether the GPU is lost to this process: only a new process can use it again, if any."""
    if not isinstance(error, RuntimeError) or is_out_of_memory(error):
        return False
    return bool(_DEVICE_LOST.search(str(error)))


def pause_after(retries: int, first_seconds: float) -> timedelta:
    """How long a recording waits after its next passing fault.

    >>> [pause_after(n, 30).total_seconds() for n in range(3)]
    [30.0, 120.0, 480.0]
    """
    return timedelta(seconds=first_seconds * 4**retries)


def _storage(error: OSError) -> Failure:
    remedy = "see that the disk, mount or object store is there, then run callqa retry"
    return Failure("storage", f"its file cannot be reached: {error.strerror or error}", remedy)


def _memory(error: BaseException) -> Failure:
    remedy = "fewer workers, a smaller model or a machine with more memory; then run callqa retry"
    return Failure("out_of_memory", f"there was not enough memory for it ({error})", remedy)


def _device(error: BaseException) -> Failure:
    remedy = "see that the GPU works (nvidia-smi), or set CALLQA_DEVICE=cpu; then run callqa retry"
    return Failure("device_lost", f"the GPU was lost while it was worked on ({error})", remedy)
