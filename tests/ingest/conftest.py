"""Real recordings, made on the spot in whatever format a test asks for."""

import os
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.audio.stream import AudioStream

Sound = npt.NDArray[np.float32]
Write = Callable[..., Path]


@pytest.fixture
def write_wav(tmp_path: Path) -> Write:
    """16-bit PCM by Python's own wave module, which shares nothing with what is tested."""

    def write(name: str, channels: list[Sound], rate: int = 8000) -> Path:
        path = tmp_path / name
        frames = (np.stack(channels, axis=1) * 32767).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(len(channels))
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(frames.tobytes())
        return path

    return write


@pytest.fixture
def encode(tmp_path: Path) -> Write:
    """Any codec and container that FFmpeg writes."""

    def write(
        name: str, codec: str, channels: list[Sound], rate: int = 8000, container: str | None = None
    ) -> Path:
        path = tmp_path / name
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(channels)]
        with av.open(str(path), "w", format=container) as output:
            stream = output.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(stream, AudioStream)
            if codec == "wmav2":
                stream.codec_context.bit_rate = 64_000
            frame = av.AudioFrame.from_ndarray(np.stack(channels), format="fltp", layout=layout)
            frame.sample_rate = rate
            resampler = av.AudioResampler(stream.format, layout, rate, frame_size=stream.frame_size or None)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                output.mux(stream.encode(part))
        return path

    return write


@pytest.fixture(scope="session")
def collection() -> Path:
    """A folder of real recordings of all kinds, where there is one."""
    default = Path(__file__).parents[2].parent / "shared"
    folder = Path(os.environ.get("CALLQA_SHARED", default)) / "audio"
    if not folder.is_dir():
        pytest.skip("no collection of recordings (CALLQA_SHARED)")
    return folder
