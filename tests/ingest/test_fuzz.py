"""Whatever the bytes: a recording, or a reason; never another error, never an endless run."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callqa.errors import RecordingError
from callqa.ingest.audio import decode

FORMATS = [
    ("a.wav", "pcm_s16le"),
    ("a.wav", "adpcm_ms"),
    ("a.mp3", "mp3"),
    ("a.flac", "flac"),
    ("a.m4a", "aac"),
    ("a.au", "pcm_mulaw"),
    ("a.caf", "pcm_s16le"),
    ("a.mka", "pcm_s16le"),
]
POSITIONS = st.integers(0, 400)
DAMAGE = st.lists(
    st.tuples(POSITIONS, st.sampled_from([b"\0", b"\xff", b"\x7f", b"\xff" * 4, b"\0" * 4, b"\x80\0\0\0"])),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize(("name", "codec"), FORMATS)
@given(damage=DAMAGE, cut=st.one_of(st.none(), st.integers(1, 3000)))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_damaged_headers(encode, name, codec, damage, cut):
    path = encode(name, codec, [np.sin(np.arange(8000) / 3).astype(np.float32) / 2] * 2)
    content = bytearray(path.read_bytes())
    for position, value in damage:
        content[position : position + len(value)] = value
    path.write_bytes(content[:cut])
    try:
        decoded = decode(path, max_seconds=600)
    except RecordingError as error:
        assert error.reason
    else:
        assert decoded.samples.dtype == np.float32
        assert decoded.samples.shape[0] in (1, 2)
        assert np.isfinite(decoded.samples).all()
        assert decoded.seconds <= 600


@given(
    content=st.binary(min_size=1, max_size=4000),
    suffix=st.sampled_from([".wav", ".mp3", ".gsm", ".g722", ".xyz"]),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
def test_random_bytes(tmp_path, content, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    try:
        assert np.isfinite(decode(path, max_seconds=600).samples).all()
    except RecordingError as error:
        assert error.reason
