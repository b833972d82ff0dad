"""Sealed files: read back whole or in part with the key, by nobody else, and not after a change."""

from pathlib import Path

import pytest

from callqa.errors import StoreError, UsageError
from callqa.privacy.vault import PIECE, Sealed, load_key, seal

KEY, OTHER = b"k" * 32, b"o" * 32
CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    seal(tmp_path / "a.sealed", CONTENT, KEY)
    return tmp_path / "a.sealed"


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_comes_back(tmp_path: Path, size: int) -> None:
    content = (b"x" * 251 + b"y" * 5) * (size // 256 + 1)
    seal(tmp_path / "a", content[:size], KEY)
    assert Sealed(tmp_path / "a", KEY).read() == content[:size]


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 10), (PIECE - 3, PIECE + 3), (5, 5), (len(CONTENT) - 4, None), (10, 10**9), (10**9, None)],
)
def test_a_part_is_that_part(sealed: Path, start: int, end: int | None) -> None:
    assert Sealed(sealed, KEY).read(start, end) == CONTENT[start:end]


def test_nothing_of_the_content_is_in_the_file(sealed: Path) -> None:
    assert CONTENT[:64] not in sealed.read_bytes()


def test_the_same_content_is_sealed_differently_each_time(tmp_path: Path, sealed: Path) -> None:
    seal(tmp_path / "b", CONTENT, KEY)
    assert sealed.read_bytes()[20:100] != (tmp_path / "b").read_bytes()[20:100]


def test_another_key_reads_nothing(sealed: Path) -> None:
    with pytest.raises(StoreError, match="another key"):
        Sealed(sealed, OTHER).read()


def swapped(raw: bytes) -> bytes:
    piece = PIECE + 16
    return raw[:20] + raw[20 + piece : 20 + 2 * piece] + raw[20 : 20 + piece] + raw[20 + 2 * piece :]


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:1000] + bytes([raw[1000] ^ 1]) + raw[1001:],
        lambda raw: raw[:-1],
        lambda raw: raw + b"x",
        lambda raw: b"RIFF" + raw[4:],
        lambda raw: raw[:19] + b"\x01" + raw[20:],
        lambda raw: raw[:10],
        swapped,
    ],
)
def test_a_changed_file_is_refused(sealed: Path, change: object) -> None:
    sealed.write_bytes(change(sealed.read_bytes()))  # type: ignore[operator]
    with pytest.raises(StoreError):
        Sealed(sealed, KEY).read()


@pytest.mark.parametrize(("content", "mode"), [(b"short", 0o600), (KEY, 0o644)])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes, mode: int) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(UsageError):
        load_key(file)
