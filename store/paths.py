"""File paths as text that every database takes.

A file name on Linux is bytes; names that are not UTF-8 (recorders on Windows write GBK) reach Python
with lone surrogates, which no database stores. They are moved to private-use characters and back.
"""

import os
from pathlib import Path

_TO_PRIVATE = {0xDC00 + byte: 0xF700 + byte for byte in range(0x80, 0x100)}
_FROM_PRIVATE = {private: surrogate for surrogate, private in _TO_PRIVATE.items()}


def to_text(path: Path | str) -> str:
    return str(path).translate(_TO_PRIVATE)


def to_path(text: str) -> Path:
    return Path(text.translate(_FROM_PRIVATE))


def readable(name: str) -> str:
    """A file name for people: read as GB18030 when it is no UTF-8.

    >>> readable("dev-001.wav")
    'dev-001.wav'
    """
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
