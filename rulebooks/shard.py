"""One file of the candidate index: some thousand calls, slim, and what they hold, looked up by pairs."""

import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..inspect.fold import fold
from ..store.slim import SlimCall
from .grams import Postings, postings
from .need import All, Need, Text
from .needs import sounding
from .packed_calls import Unpacker, pack_calls

FORMAT = 2
_MAGIC = b"callqa index\n"
Mask = npt.NDArray[np.bool_]


class Damaged(Exception):
    """The file is not what was written; it must be made anew."""


def write_shard(file: Path, stamp: int, calls: Iterable[SlimCall]) -> None:
    """Write the calls to ``file``; it appears whole or not at all."""
    arrays = _arrays(list(calls))
    header: dict[str, Any] = {"format": FORMAT, "stamp": stamp, "arrays": {}}
    at = 0
    for name, array in arrays.items():
        size = array.nbytes + (-array.nbytes) % 8
        raw = array.tobytes() + bytes(size - array.nbytes)
        header["arrays"][name] = [array.dtype.str, at, array.nbytes, _checksum(np.frombuffer(raw, np.uint8))]
        at += size
    written = json.dumps(header).encode()
    written += b" " * (-(len(written) + len(_MAGIC) + 17) % 8)  # arrays begin where numpy likes them
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as out:
        out.write(_MAGIC + b"%08x%08x\n" % (len(written), zlib.crc32(written)) + written)
        for array in arrays.values():
            out.write(array.tobytes())
            out.write(bytes((-array.nbytes) % 8))
        out.flush()
        os.fsync(out.fileno())
    Path(out.name).replace(file)


def _arrays(calls: Sequence[SlimCall]) -> dict[str, npt.NDArray[Any]]:
    dictionary, blobs = pack_calls(calls)
    arrays: dict[str, npt.NDArray[Any]] = {
        "numbers": np.array([call.recording_id for call in calls], dtype=np.uint32),
        "dictionary": np.frombuffer(dictionary, dtype=np.uint8),
        "offsets": np.cumsum([0, *map(len, blobs)], dtype=np.uint64),
        "blobs": np.frombuffer(b"".join(blobs), dtype=np.uint8),
    }
    texts = ["\n".join(map(fold, call.texts)) for call in calls]
    heard = sounding("\0".join(texts)).split("\0") if texts else []
    for space, spoken in (("text", texts), ("sound", heard)):
        found = postings(spoken)
        arrays |= {
            f"{space}.keys": found.keys,
            f"{space}.starts": found.starts,
            f"{space}.words": found.words,
        }
    return arrays


class Shard:
    """An index file, mapped into memory. Raises Damaged when it is not as it was written."""

    def __init__(self, file: Path, *, verify: bool = True) -> None:
        try:
            raw = np.memmap(file, dtype=np.uint8, mode="r")
            header, at = _header(raw)
        except (OSError, ValueError) as error:
            raise Damaged(f"{file}: {error}") from error
        if header["format"] != FORMAT:
            raise Damaged(f"{file}: of another version")
        self.stamp: int = header["stamp"]
        self._arrays = {
            name: _array(file, raw, at, entry, verify) for name, entry in header["arrays"].items()
        }
        self.numbers: npt.NDArray[np.uint32] = self._arrays["numbers"]
        self._postings = {sound: self._look_up("sound" if sound else "text") for sound in (False, True)}

    def _look_up(self, space: str) -> Postings:
        keys, starts, words = (self._arrays[f"{space}.{part}"] for part in ("keys", "starts", "words"))
        return Postings(keys, starts, words, len(self.numbers))

    def candidates(self, need: Need) -> npt.NDArray[np.uint32]:
        """The recordings that may satisfy the need; none that does is left out."""
        return self.numbers[self._mask(need)]

    @cached_property
    def _unpacker(self) -> Unpacker:
        return Unpacker(self._arrays["dictionary"].tobytes())

    def call(self, place: int) -> SlimCall:
        """The call at that place of ``numbers``."""
        offsets, blobs = self._arrays["offsets"], self._arrays["blobs"]
        packed = blobs[int(offsets[place]) : int(offsets[place + 1])].tobytes()
        try:
            return self._unpacker.call(packed)
        except ValueError as error:
            raise Damaged(str(error)) from error

    def place(self, number: int) -> int:
        """Where a recording stands in ``numbers``; -1 when it is not here."""
        at = int(np.searchsorted(self.numbers, number))
        return at if at < len(self.numbers) and self.numbers[at] == number else -1

    def _mask(self, need: Need) -> Mask:
        if isinstance(need, Text):
            return self._postings[need.sound].holding([need.text])
        if isinstance(need, All):
            mask = np.ones(len(self.numbers), dtype=np.bool_)
            for part in need.parts:
                mask &= self._mask(part)
                if not mask.any():
                    break
            return mask
        mask = np.zeros(len(self.numbers), dtype=np.bool_)
        for sound, look_up in self._postings.items():  # texts of one kind are looked up together
            mask |= look_up.holding([p.text for p in need.parts if isinstance(p, Text) and p.sound is sound])
        for part in need.parts:
            if not isinstance(part, Text):
                mask |= self._mask(part)
        return mask


def _header(raw: npt.NDArray[np.uint8]) -> tuple[dict[str, Any], int]:
    head = raw[: len(_MAGIC) + 17].tobytes()
    if not head.startswith(_MAGIC):
        raise ValueError("not an index file")
    length, checksum = int(head[-17:-9], 16), int(head[-9:-1], 16)
    written = raw[len(head) : len(head) + length].tobytes()
    if zlib.crc32(written) != checksum:
        raise ValueError("its head is damaged")
    header: dict[str, Any] = json.loads(written)
    return header, len(head) + length


def _array(
    file: Path, raw: npt.NDArray[np.uint8], base: int, entry: Sequence[Any], verify: bool
) -> npt.NDArray[Any]:
    dtype, at, length, checksum = entry
    padded = raw[base + at : base + at + length + (-length) % 8]
    if len(padded) < length or len(padded) % 8 or (verify and _checksum(padded) != checksum):
        raise Damaged(f"{file}: damaged")
    return np.frombuffer(padded[:length], dtype=np.dtype(dtype))


def _checksum(padded: npt.NDArray[np.uint8]) -> int:
    """The sum of all eight bytes at a time: no single change goes unseen, and it reads as fast as memory."""
    return int(np.add.reduce(padded.view(np.uint64), dtype=np.uint64))
