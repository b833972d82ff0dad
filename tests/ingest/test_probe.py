import time

import numpy as np
import pytest

from callqa.errors import DamagedRecording, EmptyRecording, NotAudio
from callqa.ingest.probe import Probe, probe

SOUND = np.zeros(8000 * 3, np.float32)


def test_pcm(write_wav):
    assert probe(write_wav("a.wav", [SOUND, SOUND])) == Probe("wav", "pcm_s16le", 8000, 2, 3.0)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "container"),
    [
        ("a.mp3", "mp3", 8000, "mp3"),
        ("a.flac", "flac", 8000, "flac"),
        ("a.wav", "pcm_alaw", 8000, "wav"),
        ("a.m4a", "aac", 8000, "mov"),
        ("a.webm", "opus", 48000, "matroska"),
    ],
)
def test_other_formats(encode, name, codec, rate, container):
    encoder = "libopus" if codec == "opus" else codec
    found = probe(encode(name, encoder, [np.zeros(rate * 3, np.float32)], rate))
    assert (found.container, found.codec, found.rate, found.channels) == (container, codec, rate, 1)
    assert found.seconds == pytest.approx(3.0, abs=0.2)


def test_headerless_by_size(tmp_path):
    (tmp_path / "a.alaw").write_bytes(b"\xd5" * 16000)
    assert probe(tmp_path / "a.alaw") == Probe("alaw", "pcm_alaw", 8000, 1, 2.0)


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", EmptyRecording), (b"hello\n", NotAudio), (b"RIFF\x24\0\0\0WAVEfmt ", DamagedRecording)],
)
def test_what_cannot_be_opened(tmp_path, content, error):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(error):
        probe(tmp_path / "a.wav")


def test_it_is_cheap(write_wav):
    path = write_wav("long.wav", [np.zeros(8000 * 1200, np.float32)])
    started = time.perf_counter()
    assert probe(path).seconds == pytest.approx(1200)
    assert time.perf_counter() - started < 0.5
