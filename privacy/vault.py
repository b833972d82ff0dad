"""Files encrypted at rest: AES-256-GCM in pieces, so that a part is read without the whole.

Layout: 8 bytes of name and version, 4 random bytes that begin every nonce, the length of the content,
then the pieces of 64 KiB, each with its 16 bytes of tag. The place of a piece goes into its nonce, and
header and length into what is authenticated: pieces cannot be changed, swapped, left out or cut off.
"""

import secrets
import stat
import struct
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import StoreError, UsageError

MAGIC = b"CALLQA\x00\x01"
PIECE = 64 * 1024
_TAG = 16
_HEADER = struct.Struct(">8s4sQ")
KEY_BYTES = 32


def load_key(path: Path) -> bytes:
    """The key in ``path``; raises UsageError when others may read it or it is no key.

    ``head -c 32 /dev/urandom`` makes one.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UsageError(f"{path} may be read by others: chmod 600 {path}")
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the key {path} cannot be read: {error}") from error
    if len(key) != KEY_BYTES:
        raise UsageError(f"{path} is no key: it must hold {KEY_BYTES} random bytes")
    return key


def seal(path: Path, content: bytes, key: bytes) -> None:
    """Write ``content`` encrypted."""
    header = _HEADER.pack(MAGIC, secrets.token_bytes(4), len(content))
    cipher = AESGCM(key)
    with path.open("wb") as out:
        out.write(header)
        for number, at in enumerate(range(0, len(content), PIECE)):
            out.write(cipher.encrypt(_nonce(header, number), content[at : at + PIECE], header))


class Sealed:
    """A sealed file, open for reading parts. Raises StoreError for what was changed or another key's."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._cipher = path, AESGCM(key)
        with path.open("rb") as file:
            self._header = file.read(_HEADER.size)
        if len(self._header) < _HEADER.size or self._header[:8] != MAGIC:
            raise StoreError(f"{path} is no sealed file")
        self.size: int = _HEADER.unpack(self._header)[2]
        pieces = -(-self.size // PIECE)
        if path.stat().st_size != _HEADER.size + self.size + pieces * _TAG:
            raise StoreError(f"{path} was cut or grew")

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from ``start`` to before ``end``."""
        stop = self.size if end is None else min(end, self.size)
        if start >= stop:
            return b""
        first, last = start // PIECE, (stop - 1) // PIECE
        with self._path.open("rb") as file:
            file.seek(_HEADER.size + first * (PIECE + _TAG))
            plain = b"".join(self._piece(file.read(PIECE + _TAG), n) for n in range(first, last + 1))
        return plain[start - first * PIECE : stop - first * PIECE]

    def _piece(self, sealed: bytes, number: int) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(self._header, number), sealed, self._header)
        except InvalidTag:
            raise StoreError(f"{self._path} was changed, or another key sealed it") from None


def _nonce(header: bytes, number: int) -> bytes:
    return header[8:12] + number.to_bytes(8, "big")
