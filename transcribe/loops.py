"""Finds and cuts the phrases that Whisper repeats when it has lost the thread."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

LONGEST_PHRASE = 30
"""Words (characters in Chinese) of the longest phrase looked for."""
_ALLOWED_SHORT = 4
"""People do say 对对对对; a single character may stand this often in a row."""
_ALLOWED_LONG = 2
_ALLOWED_DIGITS = 18
"""Numbers repeat themselves: 8888, 121212."""
_SHORT_PHRASE = 2
_DIGITS = frozenset("0123456789零〇一二三四五六七八九幺两")


def cut_loops(words: Sequence[T], key: Sequence[str]) -> tuple[list[T], bool]:
    """``words`` without repetitions beyond what people say, and whether any were cut.

    ``key`` holds what is compared for each word (its text without punctuation).

    >>> cut_loops(list("你好你好你好你好吗"), list("你好你好你好你好吗"))
    (['你', '好', '你', '好', '你', '好', '你', '好', '吗'], False)
    >>> "".join(cut_loops(list("请点击订阅" * 5), list("请点击订阅" * 5))[0])
    '请点击订阅'
    """
    kept: list[T] = []
    position, cut = 0, False
    while position < len(words):
        size, times = _repeated(key, position)
        if times > _allowed(key[position : position + size]):
            kept.extend(words[position : position + size])
            position += size * times
            cut = True
        else:
            kept.append(words[position])
            position += 1
    return kept, cut


def _allowed(phrase: Sequence[str]) -> int:
    if all(set(word) <= _DIGITS for word in phrase):
        return _ALLOWED_DIGITS // len(phrase)
    return _ALLOWED_SHORT if len(phrase) <= _SHORT_PHRASE else _ALLOWED_LONG


def _repeated(key: Sequence[str], start: int) -> tuple[int, int]:
    """Size and count of the phrase at ``start`` that covers most by repeating itself."""
    best = (1, 1)
    for size in range(1, min(LONGEST_PHRASE, (len(key) - start) // 2) + 1):
        times = 1
        phrase = key[start : start + size]
        while key[start + times * size : start + (times + 1) * size] == phrase:
            times += 1
        if times > 1 and size * times > best[0] * best[1]:
            best = (size, times)
    return best
