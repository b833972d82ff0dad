"""Tokens to words with times: what Whisper's attention says about when each token was heard.

faster-whisper's own splitting waits for the bytes of a character to become whole; when the model writes
bytes that never do, all that follows is lost. Here such bytes are dropped alone.
"""

import codecs
import math
import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .types import Word

FRAME_SECONDS = 0.02
"""Whisper's encoder gives fifty frames a second."""
_LATIN = set(string.ascii_letters + string.digits)
_PUNCTUATION = re.compile(r"^[\W_]+$")
_WIDE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Token:
    """Whole characters that the recogniser wrote at once, heard from ``start`` to ``end`` seconds."""

    text: str
    start: float
    end: float
    confidence: float


def timed_tokens(
    pieces: Sequence[bytes],
    probabilities: Sequence[float],
    path: Sequence[tuple[int, int]],
) -> list[Token]:
    """Tokens of whole characters, with times.

    ``pieces`` are the bytes of each text token, ``probabilities`` theirs, and ``path`` pairs each of them,
    and the end of the text after them, with encoder frames, as dynamic time warping found them.
    """
    jumps = _first_frames(path, len(pieces) + 1) * FRAME_SECONDS
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    found: list[Token] = []
    first, text = 0, ""
    for i, piece in enumerate(pieces):
        text += decoder.decode(piece)
        if decoder.getstate()[0]:
            continue
        if text:
            confidence = float(np.mean(probabilities[first : i + 1]))
            found.append(Token(text, float(jumps[first]), float(jumps[i + 1]), confidence))
        first, text = i + 1, ""
    return found


def words_of(tokens: Iterable[Token]) -> list[Word]:
    """Words: punctuation joins the one before, Latin letters and digits each other; Chinese stands alone."""
    words: list[Word] = []
    for token in (part for whole in tokens for part in _characters(whole)):
        if words and _joins(words[-1].text, token.text):
            words[-1] = _joined(words[-1], token)
        elif token.text.strip():
            words.append(Word(token.start, token.end, token.text, token.confidence))
    return words


@cache
def bytes_of(token: str) -> bytes:
    """The bytes behind a token as byte-level BPE writes it (GPT-2's table of printable stand-ins)."""
    return bytes(_stand_ins()[c] for c in token)


@cache
def _stand_ins() -> dict[str, int]:
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in set(printable)]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(hidden)}


def _first_frames(path: Sequence[tuple[int, int]], count: int) -> np.ndarray:
    """The first frame of each token; a token the path never reaches takes the frame of the next one."""
    frames = np.full(count, -1)
    for token, frame in path:
        if token < count and frames[token] < 0:
            frames[token] = frame
    last = max((frame for _, frame in path), default=0)
    for i in range(count - 1, -1, -1):
        last = frames[i] = frames[i] if frames[i] >= 0 else last
    return frames


def _characters(token: Token) -> Iterable[Token]:
    """A token of several Chinese characters as one token a character, its time shared out evenly."""
    wide = len(_WIDE.findall(token.text))
    if wide < 2:
        return [token]
    share = (token.end - token.start) / wide
    parts: list[Token] = []
    for char in token.text:
        if _WIDE.match(char):
            start = token.start + share * len(parts)
            parts.append(Token(char, start, start + share, token.confidence))
        elif parts:
            last = parts[-1]
            parts[-1] = Token(last.text + char, last.start, last.end, last.confidence)
        else:
            return [token]
    return parts


def _joins(before: str, text: str) -> bool:
    if _PUNCTUATION.match(text):
        return True
    return before[-1:] in _LATIN and text[:1] in _LATIN


def _joined(word: Word, token: Token) -> Word:
    if _PUNCTUATION.match(token.text):
        return Word(word.start, word.end, word.text + token.text, word.confidence)
    confidence = math.sqrt(word.confidence * token.confidence)
    return Word(word.start, token.end, word.text + token.text, confidence)
