import hashlib

import pytest

from callqa.ingest.identity import sha256_of


@pytest.mark.parametrize("content", [b"", b"abc", b"x" * 3_000_001])
def test_hash_of_the_content(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert sha256_of(path) == hashlib.sha256(content).hexdigest()


def test_the_name_does_not_count(tmp_path):
    for name in ("a.wav", "b.mp3"):
        (tmp_path / name).write_bytes(b"same")
    assert sha256_of(tmp_path / "a.wav") == sha256_of(tmp_path / "b.mp3")


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "gone")
