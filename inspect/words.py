"""Word boundaries by jieba, only where a term was found."""

import logging
from functools import cache
from typing import Any

CONTEXT = 8
"""Characters on either side of a hit that are cut into words."""


@cache
def _tokenizer() -> Any:
    import jieba  # a second to load its dictionary, and only rules with boundaries need it

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def cuts_word(line: str, start: int, end: int) -> bool:
    """Whether ``line[start:end]`` begins or ends in the middle of a word: 和服 in 产品和服务."""
    first, last = max(0, start - CONTEXT), min(len(line), end + CONTEXT)
    for _, a, b in _tokenizer().tokenize(line[first:last]):
        a, b = a + first, b + first
        if a < start < b or a < end < b:
            return True
    return False
