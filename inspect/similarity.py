"""How alike two sentences are, without a model: the share of character pairs they have in common."""

from collections import Counter, defaultdict
from collections.abc import Sequence


def pairs(text: str) -> Counter[str]:
    """Adjacent character pairs, the edges of the text included.

    >>> sorted(pairs("投诉"))
    ['^投', '投诉', '诉$']
    """
    framed = f"^{text}$"
    return Counter(framed[i : i + 2] for i in range(len(framed) - 1)) if text else Counter()


def overlap(a: Counter[str], b: Counter[str]) -> float:
    """Sørensen–Dice coefficient of two bags of pairs, 0 to 1."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


class Samples:
    """Sentences with which many others are compared."""

    def __init__(self, texts: Sequence[str]) -> None:
        bags = [pairs(text) for text in texts]
        self._sizes = [bag.total() for bag in bags]
        self._holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, bag in enumerate(bags):
            for pair, count in bag.items():
                self._holders[pair].append((number, count))

    def best(self, text: str, threshold: float) -> int | None:
        """The first of the samples that are most like ``text``, when that is at least ``threshold``."""
        bag = pairs(text)
        shared: dict[int, int] = defaultdict(int)
        for pair, count in bag.items():
            for number, times in self._holders.get(pair, ()):
                shared[number] += min(count, times)
        size = bag.total()
        alike = {n: 2 * both / (size + self._sizes[n]) for n, both in shared.items()}
        best = min(alike, key=lambda n: (-alike[n], n), default=None)
        return best if best is not None and alike[best] >= threshold else None
