"""Which expressions can match which lines: one pass over the text, before any expression is run.

Every expression has an alternative or more, each with a few clauses (literals.py). A clause becomes
characters and pairs of neighbouring characters, at least one of which a line must hold. Each of them is a
row of bits, one bit for each clause that it satisfies; the rows of a line's characters and pairs are or-ed,
and an alternative is left where the bits of all its clauses are set. A line that is left may still not
match; no other one does.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .literals import Clause, requirements
from .sounds import Precision, sound_text

CLAUSES = 3
"""Clauses of an alternative that are looked at, the rarest; more cost more than they save."""
ALTERNATIVES = 64
"""Alternatives of one expression that are told apart."""
PART = 1024
"""Alternatives whose bits lie in one table."""
LINES = 256
"""Lines that are read at a time: what they need stays in the processor's cache."""
PAIRS = 1 << 20
"""Slots for pairs; with more characters than fit, some pairs share one, and let a line more through."""
_BMP = 0x10000
_COMMON = (
    "的我是您你不了这一那个就有好们在到说要没吗可以看么什请过下对为会来给他还吧时上电话样知道多能用"
    "点号呢款后啊钱家名天再大月人出想都得自己然办理信问题帮谢打行里开怎发回些但也年去系现客服生先1234567890"
    "稍等嗯哦哪儿种方面收卡账单定里边直接跟和把被让叫老真太很非常小心关于因如果查询反映情况退订公司机票"
)
"""Characters of speech on the telephone, the commonest first, for guessing which literals are rare."""
_TOGETHER = 4.0
"""Neighbours are no accident: a pair is met more often than its characters would by chance."""
_Bits = npt.NDArray[np.uint64]


class Sieve:
    """The sieve of the expressions ``sources``, written for text of this precision, with ``(?i)``."""

    def __init__(self, sources: Sequence[str], precision: Precision = Precision.EXACT) -> None:
        self._rarity = _Rarity(precision)
        alternatives = [
            (number, self._chosen(clauses))
            for number, source in enumerate(sources)
            for clauses in self._few(requirements(source, self._rarity.of_clause))
        ]
        self._parts = [_Part(alternatives[i : i + PART]) for i in range(0, len(alternatives), PART)]

    def _few(self, alternatives: list[tuple[Clause, ...]]) -> list[tuple[Clause, ...]]:
        """Very many alternatives become one, whose clause is any of theirs."""
        if len(alternatives) <= ALTERNATIVES:
            return alternatives
        if () in alternatives:
            return [()]
        either = frozenset[str]().union(*(min(c, key=self._rarity.of_clause) for c in alternatives))
        return [(either,)]

    def _chosen(self, clauses: tuple[Clause, ...]) -> list[Clause]:
        """The rarest clauses, each as the characters and pairs of which a line must hold one."""
        grams = dict.fromkeys(g for clause in clauses for g in self._rarity.in_grams(clause))
        return sorted(grams, key=self._rarity.of_grams)[:CLAUSES]

    def candidates(self, lines: Sequence[str]) -> Mapping[int, Sequence[int]]:
        """For each expression that can match one, the places in ``lines`` of those it can match, in order.

        Lines must be folded (small letters) and not empty.
        """
        left = [
            part.left(codes, starts) + np.array([[0], [first]])
            for first in range(0, len(lines), LINES)
            for codes, starts in [_coded(lines[first : first + LINES])]
            for part in self._parts
        ]
        number, place = np.hstack(left) if left else np.zeros((2, 0), dtype=np.int64)
        if not len(number):
            return {}
        once = np.unique(number * len(lines) + place)  # two alternatives may let the same line through
        number, place = np.divmod(once, len(lines))
        owners, first = np.unique(number, return_index=True)
        parts = np.split(place, first[1:])
        return {owner: part.tolist() for owner, part in zip(owners.tolist(), parts, strict=True)}


def _coded(lines: Sequence[str]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """The lines' characters in a row, and where each line begins."""
    codes = np.frombuffer("\n".join(lines).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return codes, np.cumsum([0] + [len(line) + 1 for line in lines[:-1]])


class _Part:
    """So many alternatives that the tables stay small: the bits of a line are a few hundred bytes."""

    def __init__(self, alternatives: Sequence[tuple[int, Sequence[Clause]]]) -> None:
        self._owner = np.array([number for number, _ in alternatives], dtype=np.int64)
        self._words = (len(alternatives) + 63) // 64
        grams = sorted({gram for _, clauses in alternatives for clause in clauses for gram in clause})
        self._number(grams)
        rows = self._rows(grams)
        self._fill(rows, [clauses for _, clauses in alternatives])

    def _number(self, grams: Sequence[str]) -> None:
        """A small number for every character that is looked for, 0 for all others."""
        chars = [c for c in sorted({char for gram in grams for char in gram}) if ord(c) < _BMP]
        self._ids = np.zeros(_BMP, dtype=np.int64)
        self._ids[[ord(c) for c in chars]] = range(1, len(chars) + 1)
        self._many = len(chars) + 1
        self._single = np.zeros(self._many, dtype=np.int32)
        self._pair = np.zeros(min(self._many**2, PAIRS), dtype=np.int32)

    def _rows(self, grams: Sequence[str]) -> dict[str, int]:
        """The row of bits of each character or pair; pairs that share a slot share their row."""
        rows: dict[str, int] = {}
        last = 0
        for gram in grams:
            ids = [int(self._ids[ord(c)]) if ord(c) < _BMP else 0 for c in gram]
            table, slot = (self._single, ids[0]) if len(ids) == 1 else (self._pair, self._slot(*ids))
            if not table[slot]:
                last += 1
                table[slot] = last
            rows[gram] = int(table[slot])
        return rows

    def _slot(self, first: int, second: int) -> int:
        return (first * self._many + second) % len(self._pair)

    def _fill(self, rows: Mapping[str, int], alternatives: Sequence[Sequence[Clause]]) -> None:
        layer = self._words
        self._bits: _Bits = np.zeros((max(rows.values(), default=0) + 1, CLAUSES * layer), dtype=np.uint64)
        self._always: _Bits = np.zeros(CLAUSES * layer, dtype=np.uint64)
        for at, clauses in enumerate(alternatives):
            word, bit = at // 64, np.uint64(1 << at % 64)
            for number, clause in enumerate(clauses):
                self._bits[[rows[gram] for gram in clause], number * layer + word] |= bit
            for number in range(len(clauses), CLAUSES):
                self._always[number * layer + word] |= bit

    def left(self, codes: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Numbers (first row) of the expressions that have an alternative left, and their lines."""
        ids = self._ids.take(np.where(codes < _BMP, codes, 0))
        pairs = (ids[:-1] * self._many + ids[1:]) % len(self._pair)
        bits = self._bits.take(self._single.take(ids), axis=0)
        bits[:-1] |= self._bits.take(self._pair.take(pairs), axis=0)
        held = np.bitwise_or.reduceat(bits, starts, axis=0) | self._always
        left = np.bitwise_and.reduce(held.reshape(len(starts), CLAUSES, self._words), axis=1)
        line, at = _set_bits(left)
        return np.stack([self._owner[at], line])


def _set_bits(rows: _Bits) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Row and place of every bit that is set; few are."""
    octets = rows.view(np.uint8)
    row, octet = np.divmod(np.flatnonzero(octets), octets.shape[1])
    which, bit = np.nonzero(np.unpackbits(octets[row, octet][:, None], axis=1, bitorder="little"))
    return row[which], octet[which] * 8 + bit


class _Rarity:
    """How often characters are met in speech of this precision, roughly."""

    def __init__(self, precision: Precision) -> None:
        self._share: dict[str, float] = defaultdict(float)
        for rank, char in enumerate(_COMMON):
            self._share[sound_text(char, precision)] += 0.25 / (rank + 10)
        self._least = 1e-4 if precision is Precision.EXACT else 1.5e-3

    def of_gram(self, gram: str) -> float:
        """Expected share of places at which a character or pair stands."""
        if len(gram) == 1:
            return self._share.get(gram, 0.0) + self._least
        return _TOGETHER * self.of_gram(gram[0]) * self.of_gram(gram[1])

    def _rarest_first(self, text: str) -> list[str]:
        return sorted([a + b for a, b in pairwise(text)] or [text], key=self.of_gram)

    def in_grams(self, clause: Clause) -> tuple[Clause, Clause]:
        """The rarest character or pair of each text, and the rarest but one where there is another."""
        grams = [self._rarest_first(text) for text in clause]
        return frozenset(g[0] for g in grams), frozenset(g[min(1, len(g) - 1)] for g in grams)

    def of_grams(self, clause: Clause) -> float:
        return sum(map(self.of_gram, clause))

    def of_clause(self, clause: Clause) -> float:
        return self.of_grams(self.in_grams(clause)[0])
