"""Word boundaries by jieba, only where a term was found."""

from functools import cache
from typing import Any

LONGEST_WORD = 16
"""Hardly any word has more characters; a longer stretch is not even cut."""
CONTEXT = 8
"""Characters on either side of a hit that are cut into words."""


@cache
def _jieba() -> Any:
    import rjieba  # its dictionary takes a while to load, and only terms with boundaries need it

    return rjieba


def cuts_word(line: str, start: int, end: int) -> bool:
    """Whether ``line[start:end]`` begins or ends in the middle of a word: 和服 in 产品和服务."""
    first, last = max(0, start - CONTEXT), min(len(line), end + CONTEXT)
    for _, a, b in _jieba().tokenize(line[first:last]):
        if a < start - first < b or a < end - first < b:
            return True
    return False


def count_words(text: str) -> int:
    """How many words ``text`` has; the ends of lines are none."""
    return sum(1 for word, _, _ in _jieba().tokenize(text) if word.strip()) if text else 0
