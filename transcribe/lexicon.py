"""Writes what sounds like a call centre's word as that word: 公号 becomes 工号, 收获人 becomes 收货人.

Whisper's typical error in Mandarin is the right sound in the wrong characters. A term of the lexicon is
put in where the syllables agree (tones aside) and the characters that stand there are no word of their
own. Search is flashtext's leftmost-longest, on syllables instead of characters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from .types import Word

_FUNCTION_CHARACTERS = frozenset(
    "我你他她它您们的地得了着过是不没有在又也都还就才再很太想要"
    "会能可去来到给跟和对把被让说看这那哪个么吗呢吧啊哦嗯"
)
"""Two of these side by side are grammar, not a misheard term."""
_NUL = "\0"
"""flashtext skips the character after each match and stops at letters; between NULs it is exact."""
_FIRST_CODE = 0xE000
SURE_CHARACTERS = 3
"""From this length on the same sound is the same term, whatever words stand there."""


class Lexicon:
    """Terms of at least two characters, found by sound."""

    def __init__(self, terms: Iterable[str]) -> None:
        from flashtext import KeywordProcessor

        self._processor: Any = KeywordProcessor(case_sensitive=True)
        self._processor.non_word_boundaries = set()
        self._terms = {term for term in terms if len(term) > 1}
        # Of terms that sound alike the first one listed is kept.
        for term in sorted(self._terms, reverse=True):
            if (code := _code(term)) is not None:
                self._processor.add_keyword(_NUL.join(code), term)

    @property
    def terms(self) -> tuple[str, ...]:
        """All terms, in a fixed order."""
        return tuple(sorted(self._terms))

    @classmethod
    def load(cls, site: Path | None = None) -> "Lexicon":
        """The shipped lexicon, and a site's own: a text file with terms between spaces or lines."""
        shipped = resources.files(__package__).joinpath("data/lexicon.txt").read_text(encoding="utf-8")
        own = site.read_text(encoding="utf-8") if site else ""
        return cls(read_terms(shipped + "\n" + own))

    def corrections(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, term) of each stretch of ``text`` to be written as ``term``, of equal length."""
        coded = _NUL.join(_codes(text))
        found = self._processor.extract_keywords(coded, span_info=True)
        spans = [(start // 2, (end + 1) // 2, term) for term, start, end in found]
        return [(s, e, term) for s, e, term in spans if self._better(text, s, e, term)]

    def _better(self, text: str, start: int, end: int, term: str) -> bool:
        written = text[start:end]
        if written == term or written in self._terms or _FUNCTION_CHARACTERS.issuperset(written):
            return False
        # Somebody who wrote a word that exists may well have heard it.
        return not _is_word(written) and (len(term) >= SURE_CHARACTERS or _cuts_no_word(text, start, end))


def correct(words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """``words`` with the lexicon's corrections; times, confidence and lengths stay."""
    text = "".join(w.text for w in words)
    found = lexicon.corrections(text)
    if not found:
        return list(words)
    characters = list(text)
    for start, end, term in found:
        characters[start:end] = term
    corrected, at = [], 0
    for word in words:
        corrected.append(replace(word, text="".join(characters[at : at + len(word.text)])))
        at += len(word.text)
    return corrected


def read_terms(text: str) -> list[str]:
    """Terms between white space; what follows a # is a comment."""
    lines = (line.split("#", 1)[0] for line in text.splitlines())
    return [term for line in lines for term in line.split()]


def _code(term: str) -> str | None:
    """One character a syllable; None when the term has characters without a sound."""
    code = _codes(term)
    return None if any(c == t for c, t in zip(code, term, strict=True)) else code


def _codes(text: str) -> str:
    """Each Chinese character as a private character that stands for its syllable; others as they are."""
    return "".join(_code_of(c) for c in text)


@cache
def _code_of(character: str) -> str:
    if not "\u3400" <= character <= "\u9fff":
        return character
    from pypinyin import Style, lazy_pinyin

    syllable = lazy_pinyin(character, style=Style.NORMAL, errors="ignore")
    return chr(_FIRST_CODE + _number(syllable[0])) if syllable else character


_numbers: dict[str, int] = {}


def _number(syllable: str) -> int:
    return _numbers.setdefault(syllable, len(_numbers))


def _dictionary() -> dict[str, int]:
    import jieba

    jieba.setLogLevel("WARNING")
    jieba.initialize()
    frequencies: dict[str, int] = jieba.dt.FREQ
    return frequencies


def _is_word(text: str) -> bool:
    return _dictionary().get(text, 0) > 0


def _cuts_no_word(text: str, start: int, end: int) -> bool:
    """Whether the stretch stands between words, as jieba cuts them."""
    import jieba

    low, high = max(0, start - 8), min(len(text), end + 8)
    edges = {low}
    for token in jieba.cut(text[low:high]):
        edges.add(max(edges) + len(token))
    return start in edges and end in edges
