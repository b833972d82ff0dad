"""The outline of a waveform, small enough to draw a call of hours at once."""

import math
import struct
from typing import Final

import numpy as np
import numpy.typing as npt
import zstandard

Peaks = npt.NDArray[np.int8]

_HEADER: Final = struct.Struct("<2sHI")
_MAGIC: Final = b"P1"


def peaks(samples: npt.NDArray[np.float32], rate: int, per_second: int = 50) -> Peaks:
    """Lowest and highest sample of each bucket.

    ``samples`` is (channels, samples) within ±1 at ``rate`` Hz; the result is (channels, buckets, 2),
    scaled to ±127, with ``per_second`` buckets a second, the last one maybe shorter.
    ValueError when there are more buckets than samples a second.
    """
    if not 0 < per_second <= rate:
        raise ValueError(f"per_second must be between 1 and {rate}, not {per_second}")
    channels, length = samples.shape
    buckets = math.ceil(length * per_second / rate)
    if not buckets:
        return np.zeros((channels, 0, 2), np.int8)
    starts = np.arange(buckets, dtype=np.int64) * rate // per_second
    extremes = (np.fmin.reduceat(samples, starts, axis=1), np.fmax.reduceat(samples, starts, axis=1))
    clipped = np.clip(np.nan_to_num(np.stack(extremes, axis=-1), posinf=1, neginf=-1), -1, 1)
    outline: Peaks = np.rint(clipped * 127).astype(np.int8)
    return outline


def to_bytes(outline: Peaks) -> bytes:
    """Compress for the store; the neighbour's value is subtracted first, which halves the size."""
    channels, buckets, _ = outline.shape
    steps = np.diff(outline, axis=1, prepend=np.int8(0))
    packed = zstandard.compress(np.ascontiguousarray(steps.transpose(0, 2, 1)).tobytes(), 9)
    return _HEADER.pack(_MAGIC, channels, buckets) + packed


def from_bytes(data: bytes) -> Peaks:
    """What ``to_bytes`` was given; ValueError when ``data`` is something else or incomplete."""
    if len(data) < _HEADER.size or data[:2] != _MAGIC:
        raise ValueError("these bytes are no stored peaks")
    _, channels, buckets = _HEADER.unpack_from(data)
    size = channels * buckets * 2
    try:
        raw = zstandard.ZstdDecompressor().decompress(data[_HEADER.size :], max_output_size=size)
    except zstandard.ZstdError as error:
        raise ValueError(f"stored peaks are damaged: {error}") from error
    if len(raw) != size:
        raise ValueError(f"stored peaks hold {len(raw)} bytes instead of {size}")
    steps = np.frombuffer(raw, np.int8).reshape(channels, 2, buckets).transpose(0, 2, 1)
    return np.cumsum(steps, axis=1, dtype=np.int8)
