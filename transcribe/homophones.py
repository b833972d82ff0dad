"""Puts right what sounds right: the likeliest words with the syllables that were heard.

Whisper's typical error in Mandarin is the right sound in the wrong characters. As a pinyin input method does,
all words that sound like a stretch of the text are laid into a lattice, and the likeliest path through it is
taken by the words that follow each other in ``word_model`` (Viterbi). Every character that differs from
what Whisper wrote costs, the more the surer Whisper was, so that only clear gains are taken. Tones count
for nothing; numbers are read by ``digits`` before.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .digits import number_spans, read_out
from .syllables import reading_of, readings_of, syllables_of
from .types import Word
from .word_model import WordModel

CHANGE = 1.0
"""log10 units that a changed character costs when Whisper gave it a probability of one half."""
CHANGE_BY_ODDS = 0.3
"""How much more for every tenfold odds."""
LEAST_CHANGE = 0.2
TERM_BONUS = 1.0
"""log10 units by which a term of the lexicon is likelier than the model thinks."""
RAREST_ALONE = -5.5
"""Rarer characters are not offered as words of their own."""
_WIDEST = 40
"""Paths kept at each place."""
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")


@dataclass(frozen=True, slots=True)
class _Edges:
    """Words of the lattice that begin at one place: numbers (-1 unknown), lengths, texts and costs."""

    words: np.ndarray
    lengths: list[int]
    texts: list[str]
    costs: np.ndarray


@dataclass(slots=True)
class _Paths:
    """Best paths that end at one place, one a last word: score, and where each came from."""

    words: list[int]
    scores: list[float]
    origins: list[tuple[int, int, str]]
    """Place, row there, and text of the last word."""


class Homophones:
    """Words by their sound, and the model that chooses among them."""

    def __init__(self, model: WordModel, terms: Iterable[str] = ()) -> None:
        """``terms`` are words of the model that this call centre says often."""
        self._model = model
        self._bonus = dict.fromkeys(terms, TERM_BONUS)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for number, word in enumerate(model.words):
            for sound in self._sounds(number, word):
                self._by_sound[sound].append(word)
        self._longest = max((len(w) for w in model.words), default=1)

    @classmethod
    def load(cls, terms: Sequence[str]) -> "Homophones":
        """With the shipped model; ``terms`` of Chinese characters are added to it."""
        known = [t for t in terms if _HAN.fullmatch(t)]
        return cls(WordModel.load(known), known)

    def corrected(self, text: str, confidences: Sequence[float]) -> str:
        """``text`` with its stretches of Chinese written as the likeliest words, one character for one."""
        text = read_out(text)
        numbers = [False] * len(text)
        for start, end in number_spans(text):
            numbers[start:end] = [True] * (end - start)
        # Numbers are no words; what stands before and after them is looked at by itself.
        open_text = "".join("0" if n else c for c, n in zip(text, numbers, strict=True))
        out = list(text)
        for m in _HAN.finditer(open_text):
            stretch = slice(m.start(), m.end())
            out[stretch] = self._best(m.group(), confidences[stretch])
        return "".join(out)

    def _sounds(self, number: int, word: str) -> Iterable[str]:
        if len(word) == 1:
            return readings_of(word) if self._common(number) else ()
        if number in self._model.sounds:
            return (self._model.sounds[number],)
        return (" ".join(map(reading_of, word)),)

    def _common(self, number: int) -> bool:
        return float(self._model.alone(np.array([number]))[0]) > RAREST_ALONE

    def _best(self, text: str, confidences: Sequence[float]) -> str:
        syllables = syllables_of(text)
        prices = [_price(c) for c in confidences]
        places = [_Paths([], [], []) for _ in range(len(text) + 1)]
        for at in range(len(text)):
            edges = self._edges(text, syllables, prices, at)
            scores, rows = self._arrivals(places[at], edges, at)
            for i, length in enumerate(edges.lengths):
                there = places[at + length]
                there.words.append(int(edges.words[i]))
                there.scores.append(float(scores[i] - edges.costs[i]))
                there.origins.append((at, int(rows[i]), edges.texts[i]))
        return _traced(places)

    def _edges(self, text: str, syllables: list[str], prices: list[float], at: int) -> _Edges:
        texts: dict[str, float] = {}
        for length in range(1, min(self._longest, len(text) - at) + 1):
            written = text[at : at + length]
            if length == 1 or written in self._model.number:
                texts[written] = -self._bonus.get(written, 0.0)
            for word in self._by_sound.get(" ".join(syllables[at : at + length]), ()):
                changes = zip(word, written, prices[at : at + length], strict=True)
                cost = sum(price for new, old, price in changes if new != old)
                texts[word] = cost - self._bonus.get(word, 0.0)
        numbers = [self._model.number.get(w, -1) for w in texts]
        return _Edges(np.array(numbers), [len(w) for w in texts], list(texts), np.array(list(texts.values())))

    def _arrivals(self, before: _Paths, edges: _Edges, at: int) -> tuple[np.ndarray, np.ndarray]:
        """Score of the best way to each edge, and the row it comes from."""
        if at == 0:
            return self._model.alone(edges.words), np.full(len(edges.words), -1)
        scores = np.array(before.scores)
        rows = np.argsort(-scores)[:_WIDEST]
        ways = self._model.following(np.array(before.words)[rows], edges.words) + scores[rows, None]
        best = ways.argmax(axis=0)
        return ways[best, np.arange(len(edges.words))], rows[best]


def corrected(words: Sequence[Word], homophones: Homophones) -> list[Word]:
    """``words`` with the likeliest characters of the same sound; times, confidence and lengths stay."""
    text = "".join(w.text for w in words)
    better = homophones.corrected(text, [w.confidence for w in words for _ in w.text])
    out, at = [], 0
    for word in words:
        out.append(replace(word, text=better[at : at + len(word.text)]))
        at += len(word.text)
    return out


def _price(confidence: float) -> float:
    sure = min(max(confidence, 1e-3), 1 - 1e-3)
    return max(LEAST_CHANGE, CHANGE + CHANGE_BY_ODDS * math.log10(sure / (1 - sure)))


def _traced(places: list[_Paths]) -> str:
    at = len(places) - 1
    row = int(np.argmax(places[at].scores))
    texts: list[str] = []
    while at > 0:
        at, row, text = places[at].origins[row]
        texts.append(text)
    return "".join(reversed(texts))
