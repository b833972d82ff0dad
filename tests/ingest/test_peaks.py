import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.ingest.peaks import from_bytes, peaks, to_bytes


def test_each_bucket_holds_its_lowest_and_highest_sample():
    samples = np.zeros((2, 16000), np.float32)
    samples[0, 320] = 0.5
    samples[1, 639] = -1.0
    outline = peaks(samples, 16000)
    assert outline.shape == (2, 50, 2)
    assert outline[0, 1].tolist() == [0, 64]
    assert outline[1, 1].tolist() == [-127, 0]
    assert np.count_nonzero(outline) == 2


@pytest.mark.parametrize(
    ("samples", "rate", "per_second", "buckets"),
    [(0, 8000, 50, 0), (1, 8000, 50, 1), (160, 8000, 50, 1), (161, 8000, 50, 2), (11025, 11025, 50, 50)],
)
def test_number_of_buckets(samples, rate, per_second, buckets):
    outline = peaks(np.zeros((1, samples), np.float32), rate, per_second)
    assert outline.shape == (1, buckets, 2)


@pytest.mark.parametrize(
    ("value", "expected"), [(3.0, 127), (-3.0, -127), (np.nan, 0), (np.inf, 127), (-np.inf, -127)]
)
def test_out_of_range_is_held_at_the_edge(value, expected):
    outline = peaks(np.full((1, 160), value, np.float32), 8000)
    assert outline.tolist() == [[[expected, expected]]]


@pytest.mark.parametrize("per_second", [0, -1, 8001])
def test_impossible_resolution(per_second):
    with pytest.raises(ValueError, match="per_second"):
        peaks(np.zeros((1, 10), np.float32), 8000, per_second)


@given(st.integers(1, 2), st.integers(1, 3000), st.sampled_from([8000, 11025, 16000]), st.integers(1, 200))
@settings(max_examples=50, deadline=None)
def test_same_as_bucket_by_bucket(channels, length, rate, per_second):
    samples = np.random.default_rng(length).uniform(-1, 1, (channels, length)).astype(np.float32)
    outline = peaks(samples, rate, per_second)
    for bucket in range(outline.shape[1]):
        part = samples[:, bucket * rate // per_second : (bucket + 1) * rate // per_second]
        assert outline[:, bucket, 0].tolist() == np.rint(part.min(axis=1) * 127).astype(int).tolist()
        assert outline[:, bucket, 1].tolist() == np.rint(part.max(axis=1) * 127).astype(int).tolist()


@pytest.mark.parametrize("shape", [(1, 0, 2), (1, 1, 2), (2, 5000, 2)])
def test_bytes_and_back(shape):
    outline = np.random.default_rng(1).integers(-127, 128, shape).astype(np.int8)
    back = from_bytes(to_bytes(outline))
    assert back.dtype == np.int8
    np.testing.assert_array_equal(back, outline)


def test_an_hour_of_speech_like_sound_stays_small():
    rng = np.random.default_rng(3)
    envelope = np.abs(np.sin(np.arange(180_000) / 40)) * 60
    outline = np.stack([-envelope, envelope], axis=-1)[None] + rng.integers(-3, 4, (1, 180_000, 2))
    assert len(to_bytes(outline.astype(np.int8))) < 250_000


@pytest.mark.parametrize(
    "data",
    [b"", b"P1", b"XX\1\0\1\0\0\0", b"P1\1\0\1\0\0\0nonsense", to_bytes(np.zeros((1, 9, 2), np.int8))[:-1]],
)
def test_other_bytes_are_refused(data):
    with pytest.raises(ValueError, match="peaks"):
        from_bytes(data)


def test_a_lying_size_does_not_fill_the_memory():
    data = bytearray(to_bytes(np.zeros((1, 1000, 2), np.int8)))
    data[4:8] = (10).to_bytes(4, "little")
    with pytest.raises(ValueError, match="peaks"):
        from_bytes(bytes(data))
