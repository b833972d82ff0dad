import subprocess
import sys

import av
import numpy as np
import pytest

from callqa.ingest import collect
from callqa.ingest.collect import Collector


def frame(channels, rate=8000, samples=800):
    """``channels`` holds one level for each."""
    layout = {1: "mono", 2: "stereo", 3: "2.1"}[len(channels)]
    sound = np.repeat(np.array(channels, np.float32)[:, None], samples, axis=1)
    made = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
    made.sample_rate = rate
    return made


def levels(samples):
    return [round(float(level), 2) for level in samples.mean(axis=1)]


def test_nothing_gives_nothing():
    assert Collector(16000).finish().shape == (1, 0)


def test_frames_follow_each_other():
    collector = Collector(8000)
    for level in (0.1, 0.2, 0.3):
        collector.add(frame([level], samples=100))
    assert levels(collector.finish().reshape(3, 100)) == [0.1, 0.2, 0.3]
    assert collector.length == 300


def test_a_change_of_rate_loses_no_time():
    collector = Collector(16000)
    for rate in (8000, 44100, 16000):
        collector.add(frame([0.5], rate, samples=rate))
    assert collector.finish().shape[1] == pytest.approx(48000, abs=20)


@pytest.mark.parametrize("order", [([0.5], [0.2, 0.4]), ([0.2, 0.4], [0.5])])
def test_one_channel_is_repeated_beside_two_and_two_are_never_mixed(order):
    collector = Collector(8000)
    for channels in order:
        collector.add(frame(channels))
    samples = collector.finish()
    parts = {tuple(levels(samples[:, :800])), tuple(levels(samples[:, 800:]))}
    assert parts == {(0.5, 0.5), (0.2, 0.4)}
    assert collector.channels_heard == {1, 2}


def test_three_channels_become_their_mean():
    collector = Collector(8000)
    collector.add(frame([0.1, 0.2, 0.6]))
    assert levels(collector.finish()) == [0.3]


def test_silence_has_the_channels_around_it():
    collector = Collector(8000)
    collector.add(frame([0.5, -0.5]))
    collector.add_silence(0.5)
    collector.add(frame([0.5, -0.5]))
    samples = collector.finish()
    assert samples.shape == (2, 800 + 4000 + 800)
    assert not samples[:, 800:4800].any()
    assert levels(samples[:, 4800:]) == [0.5, -0.5]


@pytest.mark.parametrize("block", [1, 7, 800, 801, 1600, 5000])
def test_blocks_join_without_a_seam(monkeypatch, block):
    monkeypatch.setattr(collect, "_BLOCK", block)
    sound = np.random.default_rng(block).uniform(-1, 1, (2, 2000)).astype(np.float32)
    collector = Collector(8000)
    for start in range(0, 2000, 800):
        part = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[:, start : start + 800]), format="fltp", layout="stereo"
        )
        part.sample_rate = 8000
        collector.add(part)
    np.testing.assert_array_equal(collector.finish(), sound)
    assert collector.loudest == np.abs(sound).max()


@pytest.mark.parametrize("block", [100, 5000])
def test_what_is_no_number_is_counted_once(monkeypatch, block):
    monkeypatch.setattr(collect, "_BLOCK", block)
    collector = Collector(8000)
    for value in (np.nan, 0.5, -np.inf):
        collector.add(frame([value], samples=150))
    assert np.unique(collector.finish()).tolist() == [0.0, 0.5]
    assert collector.not_finite == 300


MEASURE = """
import resource, sys
from pathlib import Path
from callqa.ingest.audio import decode
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
samples = decode(Path(sys.argv[1])).samples
print((peak() - before) / samples.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_the_sound_is_held_once(tmp_path):
    path = tmp_path / "two_hours.alaw"
    path.write_bytes(b"\xd5\x54" * (8000 * 3600))
    times = subprocess.run([sys.executable, "-c", MEASURE, path], capture_output=True, text=True, check=True)
    assert float(times.stdout) < 1.3
