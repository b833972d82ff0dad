"""Toneless pinyin as text: every Chinese character becomes the first character of its syllable.

Two texts sound alike when their sound texts are equal. Because the mapping is one character for one,
term automata and regular expressions work on sound text as they do on folded text, at the same positions.
"""

import unicodedata
from enum import StrEnum
from functools import cache

import numpy as np
import numpy.typing as npt


class Precision(StrEnum):
    """How exactly a term must be heard."""

    EXACT = "exact"
    PINYIN = "pinyin"
    """The same syllables in any tone: 公号 for 工号."""
    FUZZY = "fuzzy"
    """Also z/zh, c/ch, s/sh, n/l and -n/-ng taken for one another."""


_SHORT = 60
"""Shorter texts are looked up character by character, which is faster there."""
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))


def _toneless(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    plain = "".join(c for c in letters if not unicodedata.combining(c) or c == "\u0308")
    return plain.replace("u\u0308", "v")


def _blurred(syllable: str) -> str:
    for sharp, blunt in _INITIALS:
        if syllable.startswith(sharp):
            syllable = blunt + syllable[len(sharp) :]
            break
    return syllable[:-1] if syllable.endswith("ng") and len(syllable) > 3 else syllable


@cache
def syllables() -> dict[str, str]:
    """Character → its most usual toneless syllable (pypinyin's character table, first reading)."""
    from pypinyin.pinyin_dict import pinyin_dict  # 0.3 s, and only needed once something sounds

    return {
        chr(code): _toneless(readings.split(",", 1)[0])
        for code, readings in pinyin_dict.items()
        if 0x3400 <= code < 0xA000
    }


@cache
def _table(precision: Precision) -> dict[int, str]:
    blur = precision is Precision.FUZZY
    first: dict[str, str] = {}
    table: dict[int, str] = {}
    for char, syllable in sorted(syllables().items(), key=lambda item: (ord(item[0]) < 0x4E00, item[0])):
        table[ord(char)] = first.setdefault(_blurred(syllable) if blur else syllable, char)
    return table


@cache
def _codes(precision: Precision) -> npt.NDArray[np.uint32]:
    codes = np.arange(0x110000, dtype=np.uint32)
    table = _table(precision)
    codes[list(table)] = [ord(char) for char in table.values()]
    return codes


def sound_text(folded: str, precision: Precision) -> str:
    """``folded`` as it sounds; as it is for EXACT. The length never changes.

    >>> sound_text("公号8023", Precision.PINYIN) == sound_text("工号8023", Precision.PINYIN)
    True
    """
    if precision is Precision.EXACT:
        return folded
    if len(folded) < _SHORT:
        return folded.translate(_table(precision))
    heard = _codes(precision)[np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)]
    return heard.tobytes().decode("utf-32-le", "surrogatepass")
