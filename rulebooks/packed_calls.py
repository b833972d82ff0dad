"""Slim calls as small blobs: compressed one by one, with a dictionary of what is said again and again."""

import json
from collections.abc import Sequence

import zstandard

from ..store.slim import SlimCall

_DICTIONARY_BYTES = 65536
_ENOUGH = 64
"""Calls from which on a dictionary is worth its bytes."""
_SAMPLES = 300
_LEVEL = 3


def pack_calls(calls: Sequence[SlimCall]) -> tuple[bytes, list[bytes]]:
    """A dictionary, which may be empty, and a blob for each call."""
    raw = [_raw(call) for call in calls]
    dictionary = _dictionary(raw[:_SAMPLES]) if len(raw) >= _ENOUGH else b""
    packer = zstandard.ZstdCompressor(_LEVEL, dict_data=_loaded(dictionary), write_checksum=True)
    return dictionary, [packer.compress(one) for one in raw]


class Unpacker:
    """Reads blobs made with one dictionary. Raises ValueError for what is damaged."""

    def __init__(self, dictionary: bytes) -> None:
        self._reader = zstandard.ZstdDecompressor(dict_data=_loaded(dictionary))

    def call(self, packed: bytes) -> SlimCall:
        try:
            number, duration, positions, starts, lengths, roles, names, text = json.loads(
                self._reader.decompress(packed)
            )
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
        begun, ended = _times(starts, lengths)
        return SlimCall(
            number,
            duration,
            tuple(range(len(starts)) if positions is None else positions),
            begun,
            ended,
            tuple(names[index] for index in roles),
            tuple(text),
        )


def _dictionary(raw: Sequence[bytes]) -> bytes:
    try:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, list(raw)).as_bytes()
    except zstandard.ZstdError:  # too little, or too much alike
        return b""


def _loaded(dictionary: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(dictionary) if dictionary else None


def _raw(call: SlimCall) -> bytes:
    names = list(dict.fromkeys(call.roles))
    roles = [names.index(role) for role in call.roles]
    positions = None if call.positions == tuple(range(len(call.positions))) else call.positions
    starts, lengths = _steps(call)
    columns = (call.recording_id, call.duration, positions, starts, lengths, roles, names, call.texts)
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _steps(call: SlimCall) -> tuple[list[int] | list[float], list[int] | list[float]]:
    """Times as milliseconds since the line before and as durations, where that loses nothing."""
    begun, ended = ([round(1000 * second) for second in side] for side in (call.starts, call.ends))
    starts = [b - a for a, b in zip([0, *begun], begun, strict=False)]
    lengths = [b - a for a, b in zip(begun, ended, strict=True)]
    if _times(starts, lengths) == (call.starts, call.ends):
        return starts, lengths
    return [float(second) for second in call.starts], [float(second) for second in call.ends]


def _times(
    starts: Sequence[int] | Sequence[float], lengths: Sequence[int] | Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if any(isinstance(step, float) for step in (*starts, *lengths)):
        return tuple(starts), tuple(lengths)
    begun, ended, at = [], [], 0
    for step, length in zip(starts, lengths, strict=True):
        at += int(step)
        begun.append(at / 1000)
        ended.append((at + int(length)) / 1000)
    return tuple(begun), tuple(ended)
