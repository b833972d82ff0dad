"""Gathers decoded frames into one array, resampled, without ever holding the sound twice."""

from collections.abc import Iterable
from typing import Final

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_BLOCK: Final = 1 << 23
"""Samples a block; 32 MB and more, the allocator gives back to the system as soon as they are copied."""


class Collector:
    """Takes frames of any rate, format and layout; gives (channels, samples) float32 at ``rate`` Hz."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.length = 0
        """Samples a channel so far."""
        self.not_finite = 0
        """Samples that were not a number and became 0."""
        self.loudest = 0.0
        self.channels_heard: set[int] = set()
        """Numbers of channels before any mixing."""
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[str, int, int] | None = None
        self._blocks: list[Samples] = []
        self._filled = _BLOCK
        """Samples a channel in the last block."""

    def add(self, frame: av.AudioFrame) -> None:
        """Append one decoded frame."""
        shape = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        if shape != self._shape:
            self._flush_resampler()
            # Without a target layout FFmpeg leaves the channels as they are: it must never mix two.
            self._resampler = av.AudioResampler(format="fltp", rate=self.rate)
            self._shape = shape
        assert self._resampler is not None
        frame.pts = None
        self._take(self._resampler.resample(frame))

    def add_silence(self, seconds: float) -> None:
        """Append silence where the recording has a hole."""
        self._flush_resampler()
        channels = self._blocks[-1].shape[0] if self._blocks else 1
        self._append(np.zeros((channels, round(seconds * self.rate)), np.float32))

    def finish(self) -> Samples:
        """All samples; the collector is empty afterwards."""
        self._flush_resampler()
        self._close_block()
        channels = max((block.shape[0] for block in self._blocks), default=1)
        out = np.empty((channels, self.length), np.float32)
        end = self.length
        while self._blocks:
            block = self._blocks.pop()
            out[:, end - block.shape[1] : end] = block
            end -= block.shape[1]
        return out

    def _flush_resampler(self) -> None:
        if self._resampler is not None:
            self._take(self._resampler.resample(None))
        self._resampler = None
        self._shape = None

    def _take(self, frames: Iterable[av.AudioFrame]) -> None:
        for frame in frames:
            samples: Samples = frame.to_ndarray().astype(np.float32, copy=False)
            self.channels_heard.add(samples.shape[0])
            if samples.shape[0] > 2:
                samples = samples.mean(axis=0, keepdims=True, dtype=np.float32)
            self._append(samples)

    def _append(self, samples: Samples) -> None:
        channels, length = samples.shape
        self.length += length
        while samples.shape[1]:
            if self._filled == _BLOCK or self._blocks[-1].shape[0] != channels:
                self._close_block()
                self._blocks.append(np.empty((channels, _BLOCK), np.float32))
                self._filled = 0
            part = samples[:, : _BLOCK - self._filled]
            self._blocks[-1][:, self._filled : self._filled + part.shape[1]] = part
            self._filled += part.shape[1]
            samples = samples[:, part.shape[1] :]

    def _close_block(self) -> None:
        if not self._blocks:
            return
        block = self._blocks[-1] = self._blocks[-1][:, : self._filled]
        if not np.isfinite((block.min(initial=0), block.max(initial=0))).all():
            finite = np.isfinite(block)
            self.not_finite += int(block.size - np.count_nonzero(finite))
            block[~finite] = 0
        self.loudest = max(self.loudest, float(block.max(initial=0)), -float(block.min(initial=0)))
