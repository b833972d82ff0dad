"""Reads the numbers of a CTranslate2 model, so that PyTorch can run parts of it where PyTorch is faster.

The layout is the one that CTranslate2's converters write (``ctranslate2.specs.model_spec``): a header, then
each variable with its name, shape, type and bytes, then aliases.
"""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

BINARY_VERSION = 6
_FLOATS: dict[int, np.dtype[Any]] = {0: np.dtype(np.float32), 4: np.dtype(np.float16)}
"""CTranslate2's numbers of the types that are read."""


def read_weights(path: Path, prefix: str) -> Mapping[str, np.ndarray] | None:
    """Float variables whose names start with ``prefix``, by the rest of the name.

    None when the file is of another version, or when one that is no scalar is stored as int8 or bfloat16.
    """
    with path.open("rb") as file:
        if _number(file, "I") != BINARY_VERSION:
            return None
        _text(file)
        _number(file, "I")
        found: dict[str, np.ndarray] = {}
        for name, shape, kind, size in _variables(file):
            if not name.startswith(prefix) or not shape:
                file.seek(size, 1)
            elif kind not in _FLOATS:
                return None
            else:
                values = np.frombuffer(file.read(size), _FLOATS[kind])
                found[name.removeprefix(prefix)] = values.reshape(shape)
    return found


def _variables(file: BinaryIO) -> Iterator[tuple[str, tuple[int, ...], int, int]]:
    """Name, shape, type and size in bytes of each variable; whoever iterates moves past the bytes."""
    for _ in range(_number(file, "I")):
        name = _text(file)
        shape = tuple(_number(file, "I") for _ in range(_number(file, "B")))
        yield name, shape, _number(file, "B"), _number(file, "I")


def _number(file: BinaryIO, code: str) -> int:
    size = struct.calcsize("=" + code)
    return int(struct.unpack("=" + code, file.read(size))[0])


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "H"))[:-1].decode("utf-8")
