"""Characters and pairs of characters of many calls, and which calls hold each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint32]
Words = npt.NDArray[np.uint16]
Mask = npt.NDArray[np.bool_]
_BREAK = ord("\n")


def gram_keys(text: str) -> list[int]:
    """The numbers a text is looked up by: its pairs, or its one character.

    >>> [hex(key) for key in gram_keys("ab")]
    ['0x610062']
    """
    codes = [ord(char) & 0xFFFF for char in text]
    if len(codes) == 1:
        return codes
    return sorted({a << 16 | b for a, b in pairwise(codes)})


@dataclass(frozen=True)
class Postings:
    """For each key the calls that hold it: a list of their places or a bit for every call, the shorter."""

    keys: Numbers
    """In order."""
    starts: Numbers
    """Where in ``words`` those of each key begin; one more than keys."""
    words: Words
    calls: int
    """How many calls there are, at most 65,536."""

    @property
    def _bits(self) -> int:
        """Words of a key that has a bit for every call; a list is always shorter."""
        return (self.calls + 15) // 16

    def holding(self, texts: Sequence[str]) -> Mask:
        """Calls that hold every pair of one of the texts: all that hold the text, and perhaps others."""
        mask = np.zeros(self.calls, dtype=np.bool_)
        if not len(self.keys):
            return mask
        wanted = [gram_keys(text) for text in texts]
        flat = np.array([key for keys in wanted for key in keys], dtype=np.uint32)
        places = np.minimum(np.searchsorted(self.keys, flat), len(self.keys) - 1)
        found = (self.keys[places] == flat).tolist()
        begun, ended = self.starts[places].tolist(), self.starts[places + 1].tolist()
        at = 0
        for keys in wanted:
            here = range(at, at + len(keys))
            at += len(keys)
            if all(found[i] for i in here):
                mask[self._common([self.words[begun[i] : ended[i]] for i in here])] = True
        return mask

    def _common(self, found: list[Words]) -> npt.NDArray[Any]:
        """The calls that all of these hold, begun from the shortest."""
        found.sort(key=len)
        calls = self._listed(found[0])
        for words in found[1:]:
            if not len(calls):
                break
            calls = calls[self._among(calls, words)]
        return calls

    def _listed(self, words: Words) -> npt.NDArray[Any]:
        if len(words) != self._bits:
            return words
        bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), bitorder="little")
        return np.flatnonzero(bits)

    def _among(self, calls: npt.NDArray[Any], words: Words) -> Mask:
        """Which of ``calls`` a key holds."""
        if len(words) == self._bits:
            held: Mask = (words[calls >> 4] >> (calls & 15).astype(np.uint16) & 1).astype(np.bool_)
            return held
        places = np.minimum(np.searchsorted(words, calls), len(words) - 1)
        same: Mask = words[places] == calls
        return same


def postings(texts: Sequence[str]) -> Postings:
    """Look-up for the texts of calls, in which newlines stand between utterances and belong to no pair.

    Characters beyond the basic plane share keys with others, which only adds candidates.
    """
    found = np.sort(np.concatenate([*_keys(texts), np.empty(0, dtype=np.uint64)]))
    calls = (found & np.uint64(0xFFFF)).astype(np.uint16)
    keys, first = _runs((found >> np.uint64(16)).astype(np.uint32))
    counts = np.diff(np.append(first, len(found)))
    bits = (len(texts) + 15) // 16
    dense = counts >= bits
    sizes = np.where(dense, bits, counts)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    words = np.empty(starts[-1], dtype=np.uint16)
    listed = np.repeat(~dense, counts)
    shift = np.repeat(starts[:-1] - first, counts)
    words[(np.arange(len(found)) + shift)[listed]] = calls[listed]
    for key in np.flatnonzero(dense).tolist():
        mask = np.zeros(bits * 16, dtype=np.bool_)
        mask[calls[first[key] : first[key] + counts[key]]] = True
        words[starts[key] : starts[key] + bits] = np.packbits(mask, bitorder="little").view(np.uint16)
    return Postings(keys, starts.astype(np.uint32), words, len(texts))


def _keys(texts: Sequence[str]) -> Iterator[npt.NDArray[np.uint64]]:
    """Of each call its keys, each once, with the call's number below: sorted call by call, which is quick."""
    for call, text in enumerate(texts):
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32) & 0xFFFF
        inner = codes != _BREAK
        pairs = (codes[:-1] << 16 | codes[1:])[inner[:-1] & inner[1:]]
        own, _ = _runs(np.sort(np.concatenate([codes[inner], pairs])))
        yield own.astype(np.uint64) << np.uint64(16) | np.uint64(call)


def _runs(ordered: Numbers) -> tuple[Numbers, npt.NDArray[np.intp]]:
    """The different numbers of an ordered array, and where each begins."""
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    first = np.flatnonzero(new)
    return ordered[first], first
