"""How alike two sentences are, without a model: the share of character pairs they have in common."""

from collections import Counter


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
