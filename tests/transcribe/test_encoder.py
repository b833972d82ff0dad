"""The encoder in PyTorch hears what CTranslate2's does, and leaves alone what it cannot read."""

import struct

import ctranslate2
import numpy as np
import pytest

from callqa.settings import get_settings
from callqa.transcribe.encoder import Encoder
from callqa.transcribe.models import WHISPER_BASE, model_path
from callqa.transcribe.weights import BINARY_VERSION, read_weights

FLOAT32, INT8, FLOAT16 = 0, 1, 4


def named(text):
    return struct.pack("H", len(text) + 1) + text.encode() + b"\0"


def written(path, variables, version=BINARY_VERSION):
    """A model file as CTranslate2 lays it out; ``variables`` are (name, array, type)."""
    parts = [struct.pack("I", version), named("WhisperSpec"), struct.pack("II", 3, len(variables))]
    for name, array, kind in variables:
        shape = struct.pack(f"{array.ndim}I", *array.shape)
        parts += [named(name), struct.pack("B", array.ndim), shape]
        parts += [struct.pack("=BI", kind, array.nbytes), array.tobytes()]
    path.write_bytes(b"".join(parts))
    return path


ODD = np.arange(3, dtype=np.float16)
WIDE = np.arange(6, dtype=np.float32).reshape(2, 3)
COUNT = np.array(8, dtype=np.int8)
BYTES = np.arange(4, dtype=np.int8)


def test_the_weights_below_a_prefix_are_read(tmp_path):
    variables = [
        ("decoder/a", BYTES, INT8),
        ("encoder/heads", COUNT, INT8),
        ("encoder/b", ODD, FLOAT16),
        ("encoder/c", WIDE, FLOAT32),
    ]
    found = read_weights(written(tmp_path / "m", variables), "encoder/") or {}
    assert sorted(found) == ["b", "c"]
    assert np.array_equal(found["b"], ODD)
    assert np.array_equal(found["c"], WIDE)


@pytest.mark.parametrize(
    ("variables", "version"),
    [([("encoder/a", BYTES, INT8)], BINARY_VERSION), ([("encoder/b", ODD, FLOAT16)], BINARY_VERSION + 1)],
    ids=["quantised", "another version"],
)
def test_what_cannot_be_read_is_left_to_ctranslate2(tmp_path, variables, version):
    assert read_weights(written(tmp_path / "m", variables, version), "encoder/") is None


def test_a_folder_without_a_model_has_no_encoder(tmp_path):
    assert Encoder.load(tmp_path) is None


@pytest.mark.models
def test_it_is_nearer_to_the_exact_encoder_than_int8_is():
    folder = model_path(get_settings().model_dir, WHISPER_BASE)
    seconds = np.linspace(0, 30, 3000, dtype=np.float32)
    features = np.sin(np.outer(np.arange(1, 81, dtype=np.float32), seconds))
    stored = ctranslate2.StorageView.from_array(features[None])

    def ctranslated(kind):
        model = ctranslate2.models.Whisper(str(folder), compute_type=kind, intra_threads=1)
        return np.asarray(model.encode(stored))

    exact, encoder = ctranslated("float32"), Encoder.load(folder)
    assert encoder is not None
    error = np.linalg.norm(encoder([features]) - exact)
    assert error < 0.03 * np.linalg.norm(exact)
    assert error < np.linalg.norm(ctranslated("int8") - exact)
