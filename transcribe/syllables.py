"""How Chinese characters sound: toneless pinyin, read in context."""

from functools import cache
from typing import Any

_BY_CHARACTER: Any = list
"""What pypinyin does with characters without a sound: each stays by itself (its stubs want a string)."""


def syllables_of(text: str) -> list[str]:
    """One toneless syllable a character of ``text``, read in its place; what has no sound is itself.

    >>> syllables_of("银行，行不行")
    ['yin', 'hang', '，', 'xing', 'bu', 'xing']
    """
    from pypinyin import Style, lazy_pinyin

    found: list[str] = lazy_pinyin(text, style=Style.NORMAL, errors=_BY_CHARACTER)
    return found if len(found) == len(text) else [reading_of(c) for c in text]


@cache
def reading_of(character: str) -> str:
    """The commonest syllable of one character; the character itself when it has none."""
    from pypinyin import Style, lazy_pinyin

    found: list[str] = lazy_pinyin(character, style=Style.NORMAL, errors=_BY_CHARACTER)
    return found[0]


@cache
def readings_of(character: str) -> tuple[str, ...]:
    """Up to two readings of one character, the commonest first."""
    from pypinyin import Style, pinyin

    found: list[str] = pinyin(character, style=Style.NORMAL, heteronym=True, errors=_BY_CHARACTER)[0]
    return tuple(dict.fromkeys(found))[:2]
