"""Decodes a recording of any format into samples, faithfully: no gain, no filter, two channels apart."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.audio.stream import AudioStream

from ..errors import DamagedRecording, EmptyRecording, RecordingError
from .collect import Collector, Samples
from .opened import Opened, open_recording

SHORTEST: Final = 0.02
"""Seconds; less than one frame of any telephone codec is no recording."""
TIME_LIMIT: Final = 900.0
"""Seconds a decoder may work on one recording."""
_WITH_TIMES: Final = frozenset({"mov", "matroska", "ogg", "mpegts", "asf", "flv"})
"""Containers that can leave out silence and say so by their time stamps."""
_HOLE: Final = (0.1, 600.0)
"""Seconds; smaller holes are rounding, larger ones broken time stamps."""
_SHARE: Final = 0.01
_SHORT: Final = (0.3, 1.0)
"""By this share, but at least and at most so many seconds, a header may overstate: padding of the coder."""
_FAR_TOO_LOUD: Final = 8.0


@dataclass(frozen=True)
class Audio:
    """Decoded sound."""

    samples: Samples
    """(channels, samples); 1 or 2 channels, full scale is ±1."""
    rate: int
    """Hz of ``samples``."""
    native_rate: int
    """Hz of the recording."""
    codec: str
    container: str
    warnings: tuple[str, ...]
    """What was wrong with the recording although it could be decoded."""

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1] / self.rate)


def decode(path: Path, rate: int = 16000, *, max_seconds: float = 6 * 3600) -> Audio:
    """Decode the first audio stream of ``path``, resampled to ``rate`` Hz.

    Two channels stay apart; more than two become one, their mean. What is missing or unreadable is
    left out with a warning. Raises EmptyRecording, NotAudio or DamagedRecording, a plain RecordingError
    when the recording is longer than ``max_seconds`` (before it fills the memory), and OSError when the
    file is missing or unreadable.
    """
    with open_recording(path) as opened:
        _refuse_long(_least_seconds(opened), max_seconds)
        reading = _Reading(opened, rate, max_seconds)
        reading.run()
        return reading.result()


def _least_seconds(opened: Opened) -> float:
    """The promised length, unless the file is too small to hold it."""
    if opened.promised is None or (opened.wav and opened.wav.promised != opened.wav.present):
        return 0.0
    return opened.promised


def _refuse_long(seconds: float, max_seconds: float) -> None:
    if seconds > max_seconds:
        raise RecordingError(
            f"longer than {max_seconds / 3600:g} hours", "split it, or allow longer recordings"
        )


class _Reading:
    """One pass through a recording."""

    def __init__(self, opened: Opened, rate: int, max_seconds: float) -> None:
        self.opened = opened
        self.max_seconds = max_seconds
        self.collector = Collector(rate)
        self.position = 0.0
        """Seconds of the recording read so far."""
        self.first_time: float | None = None
        self.holes = 0.0
        self.packets = 0
        self.bad_packets = 0
        self.broke_off = ""

    def run(self) -> None:
        """Decode everything; what cannot be decoded is counted."""
        deadline = time.monotonic() + TIME_LIMIT
        for packet in self._packets():
            self._read(packet)
            _refuse_long(self.position, self.max_seconds)
            if time.monotonic() > deadline:
                raise DamagedRecording(
                    f"decoding takes more than {TIME_LIMIT / 60:g} minutes", "convert it to WAV first"
                )

    def result(self) -> Audio:
        rate = self.collector.rate
        if self.collector.length < SHORTEST * rate and self.broken:
            raise DamagedRecording("nothing in it could be decoded", "fetch the file again")
        samples = self.collector.finish()
        if samples.shape[1] < SHORTEST * rate:
            raise EmptyRecording("it holds no sound", "nothing was recorded, or the copy failed")
        if self.collector.not_finite == samples.size:
            raise DamagedRecording("no sample in it is a number", "fetch the file again")
        opened = self.opened
        warnings = tuple(self._warnings(samples.shape[1] / rate))
        return Audio(samples, rate, opened.stream.rate, opened.codec, opened.format, warnings)

    @property
    def broken(self) -> bool:
        return bool(self.bad_packets or self.broke_off)

    def _packets(self) -> "Iterator[av.Packet[AudioStream]]":
        packets = self.opened.container.demux(self.opened.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                self.broke_off = error.strerror or "unreadable"
                return
            if packet is None:
                return
            self.packets += 1
            yield packet

    def _read(self, packet: "av.Packet[AudioStream]") -> None:
        try:
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.FFmpegError:
            self.bad_packets += 1
            return
        for frame in frames:
            self._fill_hole(frame)
            self.collector.add(frame)
            self.position += frame.samples / frame.sample_rate

    def _fill_hole(self, frame: av.AudioFrame) -> None:
        if self.opened.format not in _WITH_TIMES or frame.time is None:
            return
        if self.first_time is None:
            self.first_time = frame.time
        hole = frame.time - self.first_time - self.position
        if _HOLE[0] < hole < _HOLE[1]:
            self.collector.add_silence(hole)
            self.position += hole
            self.holes += hole

    def _warnings(self, seconds: float) -> Iterator[str]:
        yield from self._missing(seconds)
        if self.opened.streams > 1:
            yield f"only the first of {self.opened.streams} audio streams was taken"
        heard = self.collector.channels_heard
        if max(heard) > 2:
            yield f"{max(heard)} channels were mixed into one"
        elif len(heard) > 1:
            yield "it changes between one and two channels; one channel was repeated on both sides"
        yield from self._odd_samples()

    def _missing(self, seconds: float) -> Iterator[str]:
        promised = self.opened.promised
        if promised is not None and seconds < promised - min(max(_SHORT[0], _SHARE * promised), _SHORT[1]):
            yield f"cut short: the header promises {promised:.2f} s, {seconds:.2f} s are there"
        elif self.opened.wav and self.opened.wav.promised is None:
            yield "the header was never finished; everything up to the end of the file was taken"
        if self.bad_packets:
            yield f"{self.bad_packets} of {self.packets} packets could not be decoded and are missing"
        if self.broke_off:
            yield f"reading broke off after {seconds:.2f} s ({self.broke_off})"
        if self.holes:
            yield f"{self.holes:.2f} s were not recorded and became silence"

    def _odd_samples(self) -> Iterator[str]:
        if self.collector.not_finite:
            yield f"{self.collector.not_finite} samples were not numbers and became silence"
        if self.collector.loudest > _FAR_TOO_LOUD:
            yield f"samples reach {self.collector.loudest:.3g} times full scale"
