"""Characters and pairs of characters of many calls, as sorted numbers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint32]
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


def postings(texts: Sequence[str]) -> tuple[Numbers, Numbers, npt.NDArray[np.uint16]]:
    """Keys in order, where the calls of each begin (one more than keys), and the numbers of the calls.

    Lines of a call are separated by newlines, which belong to no pair. At most 65,536 calls. Characters
    beyond the basic plane share keys with others, which only adds candidates.
    """
    lengths = np.array([len(text) + 1 for text in texts])
    joined = np.frombuffer("".join(f"{text}\n" for text in texts).encode("utf-32-le"), dtype=np.uint32)
    codes = (joined & 0xFFFF).astype(np.uint64)
    calls = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)
    inner = codes != _BREAK
    pairs = inner[:-1] & inner[1:]
    ones = codes[inner] << np.uint64(16) | calls[inner]
    twos = (codes[:-1] << np.uint64(32) | codes[1:] << np.uint64(16) | calls[:-1])[pairs]
    found = np.unique(np.concatenate([ones, twos]))
    keys, starts = np.unique((found >> np.uint64(16)).astype(np.uint32), return_index=True)
    ends = np.append(starts, len(found)).astype(np.uint32)
    return keys, ends, (found & np.uint64(0xFFFF)).astype(np.uint16)
