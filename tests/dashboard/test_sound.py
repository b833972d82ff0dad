"""The cache of playable sound."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callqa.dashboard.sound import SoundCache
from callqa.store.call import get_call
from callqa.store.calls import CallRow
from callqa.tests.dashboard.sample_store import Filled


def row(filled: Filled, index: int = 0) -> CallRow:
    return get_call(filled.store, filled.calls[index]).row


def test_a_copy_is_made_once(filled: Filled, tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    first = cache.playable(filled.store, row(filled))
    assert first is not None
    made = first.stat().st_ino
    assert cache.playable(filled.store, row(filled)) == first
    assert first.stat().st_ino == made


def test_the_copy_outlives_the_source(filled: Filled, tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    cache.playable(filled.store, row(filled))
    (filled.sound / "call-000.wav").unlink()
    assert cache.playable(filled.store, row(filled)) is not None


def test_what_was_heard_longest_ago_is_dropped_first(filled: Filled, tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    paths = [cache.playable(filled.store, row(filled, i)) for i in range(3)]
    assert all(paths)
    size = sum(p.stat().st_size for p in paths if p)
    for age, path in zip((30, 10, 20), paths, strict=True):
        moment = path.stat().st_mtime - age if path else 0
        os.utime(str(path), (moment, moment))
    small = SoundCache(tmp_path / "cache", limit=size)
    small.playable(filled.store, row(filled, 3))
    assert [path.exists() for path in paths if path] == [False, True, True]


def test_hearing_a_call_keeps_it(filled: Filled, tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    first, second = (cache.playable(filled.store, row(filled, i)) for i in range(2))
    assert first and second
    for path in (first, second):
        os.utime(path, (1000, 1000))
    cache.playable(filled.store, row(filled, 0))
    SoundCache(tmp_path / "cache", limit=2 * first.stat().st_size + 100).playable(
        filled.store, row(filled, 2)
    )
    assert first.exists()
    assert not second.exists()


def test_the_newest_stays_even_when_it_alone_is_too_big(filled: Filled, tmp_path: Path) -> None:
    path = SoundCache(tmp_path / "cache", limit=10).playable(filled.store, row(filled))
    assert path is not None
    assert path.exists()


def test_many_asking_at_once_get_one_whole_copy(filled: Filled, tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: cache.playable(filled.store, row(filled)), range(16)))
    assert len(paths) == 1
    assert [p.suffix for p in (tmp_path / "cache").iterdir()] == [".wav"]


def test_a_source_that_is_gone_gives_nothing(filled: Filled, tmp_path: Path) -> None:
    (filled.sound / "call-000.wav").unlink()
    assert SoundCache(tmp_path / "cache").playable(filled.store, row(filled)) is None
    assert list(tmp_path.rglob("cache/*.wav")) == []


@pytest.mark.parametrize("sample", [0.5, -1.0, 1.0])
def test_loudness_is_kept(sample: float, tmp_path: Path) -> None:
    import wave

    import numpy as np

    from callqa.dashboard.sound import write_wav
    from callqa.ingest.audio import Audio

    audio = Audio(np.full((1, 100), sample, np.float32), 8000, 8000, "pcm", "wav", ())
    write_wav(tmp_path / "x.wav", audio)
    with wave.open(str(tmp_path / "x.wav")) as file:
        values = np.frombuffer(file.readframes(100), "<i2")
    assert set(values) == {round(sample * 32767)}
