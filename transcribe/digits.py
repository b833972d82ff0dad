"""Numbers read out digit by digit, misheard as words of the same sound: 三三要六 becomes 三三幺六.

Account, employee and telephone numbers come as long runs of digits. Where most of a run are digits, or where
so many syllables in a row sound like digits that no sentence would, all of it is a number.
"""

import re
from collections.abc import Iterator

from .syllables import syllables_of

_DIGIT_OF = {
    "ling": "零",
    "lin": "零",
    "yi": "一",
    "yao": "幺",
    "er": "二",
    "san": "三",
    "si": "四",
    "wu": "五",
    "liu": "六",
    "qi": "七",
    "ba": "八",
    "jiu": "九",
}
DIGITS = frozenset("0123456789零〇一二三四五六七八九幺")
_LOOSE_ENDS = frozenset("吧把爸就要起其有又而儿以已无四是")
"""Words that stand before and after numbers in their own right."""
SHORTEST = 3
"""A run needs this many syllables, at least half of them digits."""
UNMISTAKABLE = 7
"""So many in a row are a number even when hardly one was written as a digit."""
TELEPHONE = 11
_NUMERAL = "[0-9零〇一二三四五六七八九幺十百千万亿]"
_NUMBER = re.compile(rf"{_NUMERAL}(?:\W*{_NUMERAL})+")
_SPOKEN = re.compile(r"[0-9\u3400-\u9fff]")


def read_out(text: str) -> str:
    """``text`` with the misheard digits of its numbers written as digits, one character for one.

    >>> read_out("工号三三要六，您要六个")
    '工号三三幺六，您要六个'
    """
    characters = list(text)
    for run in _runs(text):
        for at, digit in _trimmed(text, run):
            if text[at] not in DIGITS:
                characters[at] = digit
    return "".join(characters)


def number_spans(text: str) -> list[tuple[int, int]]:
    """Where ``text`` says numbers, digit by digit or as 一百二十九: (start, end), marks between included."""
    return [(m.start(), m.end()) for m in _NUMBER.finditer(text)]


def _runs(text: str) -> Iterator[list[tuple[int, str]]]:
    """Stretches of characters that are digits or sound like one; marks between them do not count."""
    run: list[tuple[int, str]] = []
    sounds = syllables_of(text)
    for at, character in enumerate(text):
        if character in DIGITS:
            run.append((at, character))
        elif sounds[at] in _DIGIT_OF:
            run.append((at, _DIGIT_OF[sounds[at]]))
        elif _SPOKEN.match(character) or character.isalpha():
            yield run
            run = []
    yield run


def _trimmed(text: str, run: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """What of ``run`` is a number; nothing when it is none."""
    if len(run) != TELEPHONE:
        while run and text[run[0][0]] in _LOOSE_ENDS and not _opens_telephone(text, run):
            run = run[1:]
        while run and text[run[-1][0]] in _LOOSE_ENDS and not _closes(text, run):
            run = run[:-1]
    known = sum(text[at] in DIGITS for at, _ in run)
    if len(run) < SHORTEST or (2 * known < len(run) and len(run) < UNMISTAKABLE):
        return []
    return run


def _opens_telephone(text: str, run: list[tuple[int, str]]) -> bool:
    return text[run[0][0]] == "要" and len(run) >= UNMISTAKABLE


def _closes(text: str, run: list[tuple[int, str]]) -> bool:
    """Whether the last 要 of a number is its last digit: nothing is said right after it."""
    after = text[run[-1][0] + 1 : run[-1][0] + 2]
    return text[run[-1][0]] == "要" and len(run) > SHORTEST and not _SPOKEN.match(after)
