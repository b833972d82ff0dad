"""Which Chinese words follow each other: a pruned bigram model, leaned towards how calls sound.

The table in ``data/words.xz`` was derived by ``tools/make_word_model.py`` from libime's general model of
Chinese; ``data/phrases.txt`` holds sentences of service calls. Both are mixed, the second with Witten-Bell
smoothing (Witten and Bell, "The Zero-Frequency Problem", IEEE Trans. Information Theory 37(4), 1991).
"""

import io
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np

UNKNOWN = -7.0
"""log10 probability of a character that no word of the table holds."""
TERM = -4.5
"""The same of a term of the lexicon that the table does not know."""
NEW_WORD = -5.5
"""The same, before mixing, of a word that only the phrases have."""
CALLS_SHARE = 0.5
"""Weight of the phrases in the mixture."""
UNIGRAM_STEP, BIGRAM_STEP = 0.04, 0.1
"""log10 units a level of the table stands for."""
_SHIFT = 20
_HAN = re.compile(r"[\u4e00-\u9fff]+")


class WordModel:
    """log10 probabilities of words and of pairs of words; words are numbered."""

    def __init__(
        self,
        words: Sequence[str],
        unigrams: np.ndarray,
        backoffs: np.ndarray,
        pairs: np.ndarray,
        pair_scores: np.ndarray,
        sounds: Mapping[int, str] | None = None,
    ) -> None:
        """``pairs`` are sorted keys, first word's number shifted by 20 bits plus the second's.

        ``sounds`` are the syllables, between spaces, of words that do not sound like their characters do.
        """
        self.words = list(words)
        self.sounds = dict(sounds or {})
        self.number = {word: i for i, word in enumerate(self.words)}
        self._unigrams, self._backoffs = unigrams, backoffs
        self._pairs = _Lookup(pairs, pair_scores)
        self._calls = _Calls.of([], len(self.words))
        self._mixed = unigrams

    @classmethod
    def load(cls, terms: Iterable[str] = ()) -> "WordModel":
        """The shipped table and phrases, and further ``terms`` as words."""
        data = resources.files(__package__).joinpath("data")
        model = _shipped_table(data.joinpath("words.xz").read_bytes())
        model.add(terms, TERM)
        model.learn(_sentences(data.joinpath("phrases.txt").read_text(encoding="utf-8")))
        return model

    def add(self, words: Iterable[str], score: float) -> None:
        """Make new ``words`` known, each with log10 probability ``score``."""
        new = [w for w in dict.fromkeys(words) if w not in self.number]
        self.number.update((w, len(self.words) + i) for i, w in enumerate(new))
        self.words.extend(new)
        self._unigrams = np.append(self._unigrams, np.full(len(new), score))
        self._backoffs = np.append(self._backoffs, np.zeros(len(new)))
        self._mix()

    def learn(self, sentences: Iterable[Sequence[str]]) -> None:
        """Lean towards ``sentences``, cut into words."""
        sentences = [s for s in sentences if s]
        self.add((w for s in sentences for w in s), NEW_WORD)
        self._calls = _Calls.of([[self.number[w] for w in s] for s in sentences], len(self.words))
        self._mix()

    def alone(self, words: np.ndarray) -> np.ndarray:
        """log10 probability (n,) of each of ``words`` (n,); -1 stands for an unknown character."""
        return np.where(words >= 0, self._mixed[words], UNKNOWN)

    def following(self, before: np.ndarray, words: np.ndarray) -> np.ndarray:
        """log10 probability (m, n) of each of ``words`` (n,) after each of ``before`` (m,)."""
        keys = (before[:, None].astype(np.int64) << _SHIFT) + words[None, :]
        alone = np.where(words >= 0, self._unigrams[words], UNKNOWN)
        backoff = np.where(before >= 0, self._backoffs[before], 0.0)
        general = self._pairs.get(keys, backoff[:, None] + alone[None, :])
        if not self._calls.known:
            return general
        calls = self._calls.following(before, words, keys)
        return np.asarray(np.log10((1 - CALLS_SHARE) * 10**general + CALLS_SHARE * calls))

    def _mix(self) -> None:
        self._calls = self._calls.widened(len(self.words))
        if self._calls.known:
            general = (1 - CALLS_SHARE) * 10**self._unigrams
            self._mixed = np.log10(general + CALLS_SHARE * self._calls.alone)
        else:
            self._mixed = self._unigrams


class _Lookup:
    """Sorted int64 keys and a value each."""

    def __init__(self, keys: np.ndarray, values: np.ndarray) -> None:
        self._keys, self._values = keys, values

    def get(self, keys: np.ndarray, default: np.ndarray) -> np.ndarray:
        if not len(self._keys):
            return default
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.asarray(np.where(self._keys[at] == keys, self._values[at], default))


class _Calls:
    """Probabilities, not logarithms, counted in the phrases of calls."""

    def __init__(self, alone: np.ndarray, unseen: np.ndarray, pairs: _Lookup, known: bool) -> None:
        self.alone, self._unseen, self._pairs, self.known = alone, unseen, pairs, known

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]], size: int) -> "_Calls":
        words = Counter(w for s in sentences for w in s)
        pairs = Counter(pair for s in sentences for pair in pairwise(s))
        followed = Counter[int]()
        for (before, _), count in pairs.items():
            followed[before] += count
        kinds = Counter(before for before, _ in pairs)
        alone, unseen = np.zeros(size), np.ones(size)
        for word, count in words.items():
            alone[word] = count / (words.total() + len(words))
        for before, kind in kinds.items():
            unseen[before] = kind / (followed[before] + kind)
        ordered = sorted(pairs)
        keys = np.array([(a << _SHIFT) + b for a, b in ordered], dtype=np.int64)
        shares = [pairs[a, b] / (followed[a] + kinds[a]) for a, b in ordered]
        return cls(alone, unseen, _Lookup(keys, np.array(shares)), bool(words))

    def widened(self, size: int) -> "_Calls":
        missing = size - len(self.alone)
        alone, unseen = np.append(self.alone, np.zeros(missing)), np.append(self._unseen, np.ones(missing))
        return _Calls(alone, unseen, self._pairs, self.known)

    def following(self, before: np.ndarray, words: np.ndarray, keys: np.ndarray) -> np.ndarray:
        seen = self._pairs.get(keys, np.zeros(keys.shape))
        unseen = np.where(before >= 0, self._unseen[before], 1.0)
        alone = np.where(words >= 0, self.alone[words], 0.0)
        return np.asarray(seen + unseen[:, None] * alone[None, :])


@cache
def _table(
    packed: bytes,
) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[int, str]]:
    stored = np.load(io.BytesIO(lzma.decompress(packed)))
    words = bytes(stored["words"]).decode("utf-8").split("\n")
    followers = stored["followers"].astype(np.int64)
    steps = (
        stored["step0"] + (stored["step1"].astype(np.int64) << 8) + (stored["step2"].astype(np.int64) << 16)
    )
    # The second word's number is a running sum that begins anew with each first word.
    running = np.concatenate(([0], np.cumsum(steps)))
    second = running[1:] - np.repeat(running[:-1][np.cumsum(followers) - followers], followers)
    keys = (np.repeat(np.arange(len(words)), followers) << _SHIFT) + second
    sounds = bytes(stored["odd_sounds"]).decode("ascii").split("\n")
    return (
        words,
        -UNIGRAM_STEP * stored["unigrams"],
        -UNIGRAM_STEP * stored["backoffs"],
        keys,
        -BIGRAM_STEP * stored["scores"],
        dict(zip(stored["odd"].tolist(), sounds, strict=True)),
    )


def _shipped_table(packed: bytes) -> WordModel:
    return WordModel(*_table(packed))


def _sentences(text: str) -> list[list[str]]:
    import jieba

    jieba.setLogLevel("WARNING")
    lines = [line.split("#", 1)[0] for line in text.splitlines()]
    return [list(jieba.cut(m.group())) for line in lines for m in _HAN.finditer(line)]
