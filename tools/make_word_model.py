"""Derives ``transcribe/data/words.xz`` from libime's language model of Chinese.

    apt-get download libime-data-language-model && dpkg -x libime-data-language-model_*.deb libime
    python tools/make_word_model.py libime/usr/lib/*/libime/zh_CN.lm transcribe/data/words.xz

The model (Debian's libime-data-language-model 1.0.16-1, LGPL-2.1+, by CSSlayer) is a word trigram in
KenLM's trie format, quantised to 8 bits: unigrams whole, the predecessors of each word as packed bits. Of it
are kept all words of Chinese characters, their probabilities, and the pairs that say most beyond them.
"""

import argparse
import io
import lzma
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
from pypinyin import lazy_pinyin

MAGIC = b"mmap lm http://kheafield.com/code format version 5\n"
PAIRS = 500_000
SHARPNESS = 0.4
"""How much a pair's frequency counts when pairs are chosen; 1 is entropy pruning, 0 only surprise."""
LONGEST = 5
STEPS = (0.04, 0.1)
"""log10 units a level: unigrams and back-offs, pairs (as in transcribe/word_model.py)."""
_SHIFT = 20
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_HEADER = 108
_INLINE = 4
"""What KenLM chose for this model; another one needs another number."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    packed = pack(*read(arguments.model.read_bytes()))
    arguments.out.write_bytes(packed)
    print(f"{arguments.out}: {len(packed):,} bytes")


def read(raw: bytes) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Words, unigram and back-off scores, keys of pairs and their scores, all log10."""
    if not raw.startswith(MAGIC):
        raise SystemExit("not a KenLM binary of format 5")
    unigrams, bigrams, trigrams = struct.unpack_from("<3Q", raw, _HEADER)
    strings = raw.index(b"<unk>\0")
    words = raw[strings:].decode("utf-8").split("\0")[:unigrams]
    codebook = _HEADER + 3 * 8 + 4 + 8 + 8 * unigrams + 8
    nodes = np.frombuffer(
        raw,
        dtype=[("score", "<f4"), ("backoff", "<f4"), ("children", "<u8")],
        offset=codebook + 4 * 256 * 3,
        count=unigrams + 1,
    )
    codes = np.frombuffer(raw, dtype="<f4", offset=codebook, count=256)
    bits = int(unigrams).bit_length()
    longest = ((1 + trigrams) * (bits + 8) + 7) // 8 + 8
    # Of each pair: the word before, 8 bits of back-off, 8 of score, the low bits of where its children are.
    width = bits + 16 + _INLINE
    start = strings - longest - (((1 + bigrams) * width + 7) // 8 + 8)
    before = _field(raw, start, bigrams, width, 0, bits)
    score = codes[_field(raw, start, bigrams, width, bits + 8, 8)]
    word = np.repeat(np.arange(unigrams), np.diff(nodes["children"].astype(np.int64)).astype(np.int64))
    if before.max() >= unigrams:
        raise SystemExit("the pairs do not lie where they should: another layout than version 1.0.16's")
    return _chosen(words, nodes["score"][:-1], nodes["backoff"][:-1], before, word, score)


def _field(raw: bytes, start: int, count: int, width: int, skip: int, bits: int) -> np.ndarray:
    """``bits`` of each of ``count`` records of ``width`` bits that begin at byte ``start``."""
    octets = np.frombuffer(raw, dtype=np.uint8)
    at = np.arange(count, dtype=np.int64) * width + skip
    value = np.zeros(count, dtype=np.uint64)
    for i in range(5):
        value |= octets[start + (at >> 3) + i].astype(np.uint64) << np.uint64(8 * i)
    return np.asarray((value >> (at & 7).astype(np.uint64)) & np.uint64((1 << bits) - 1)).astype(np.int64)


def _chosen(
    words: list[str],
    unigrams: np.ndarray,
    backoffs: np.ndarray,
    before: np.ndarray,
    word: np.ndarray,
    score: np.ndarray,
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Words of Chinese characters, the likeliest first, and the pairs worth keeping."""
    chinese = np.array([bool(_HAN.fullmatch(w)) and len(w) <= LONGEST for w in words])
    order = np.argsort(-np.where(chinese, unigrams, -99), kind="stable")[: chinese.sum()]
    number = np.full(len(words), -1)
    number[order] = np.arange(len(order))
    gain = score - (backoffs[before] + unigrams[word])
    worth = 10 ** (SHARPNESS * (unigrams[before] + score)) * gain
    worth[~(chinese[before] & chinese[word]) | (gain <= 0)] = -1
    kept = np.argsort(-worth, kind="stable")[:PAIRS]
    keys = (number[before[kept]] << _SHIFT) + number[word[kept]]
    sorting = np.argsort(keys)
    return (
        [words[i] for i in order],
        unigrams[order],
        backoffs[order],
        keys[sorting],
        score[kept][sorting],
    )


def pack(
    words: list[str], unigrams: np.ndarray, backoffs: np.ndarray, keys: np.ndarray, scores: np.ndarray
) -> bytes:
    """The table as ``word_model`` unpacks it: numbers as planes of bytes, which compress well."""
    first, second = keys >> _SHIFT, keys & ((1 << _SHIFT) - 1)
    # Within the pairs of one word the second one's number only grows.
    fresh = np.diff(first, prepend=-1) != 0
    steps = np.where(fresh, second, np.diff(second, prepend=0))
    odd, sounds = _unusual(words)
    table: dict[str, Any] = {
        "odd": odd.astype(np.uint32),
        "odd_sounds": np.frombuffer(sounds.encode(), dtype=np.uint8),
        "words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        "unigrams": _levels(unigrams, STEPS[0]),
        "backoffs": _levels(backoffs, STEPS[0]),
        "followers": np.bincount(first, minlength=len(words)).astype(np.uint16),
        "scores": _levels(scores, STEPS[1]),
        **{f"step{i}": ((steps >> (8 * i)) & 255).astype(np.uint8) for i in range(3)},
    }
    out = io.BytesIO()
    np.savez(out, **table)
    return lzma.compress(out.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def _unusual(words: list[str]) -> tuple[np.ndarray, str]:
    """Words that do not sound like their characters one by one, and how they sound."""
    plain = {c: lazy_pinyin(c)[0] for c in set("".join(words))}
    sounds = [" ".join(lazy_pinyin(w)) for w in words]
    odd = [i for i, w in enumerate(words) if sounds[i] != " ".join(plain[c] for c in w)]
    return np.array(odd), "\n".join(sounds[i] for i in odd)


def _levels(scores: np.ndarray, step: float) -> np.ndarray:
    return np.clip(np.round(-scores / step), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
