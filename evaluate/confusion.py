"""What is heard as what: characters and words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..inspect.sounds import syllables


@dataclass(frozen=True, slots=True)
class Confusion:
    """``said`` was written as ``heard`` (empty: left out) so many times."""

    said: str
    heard: str
    count: int
    alike: bool
    """Whether both sound the same, tones aside: a lexicon entry would mend it."""


def characters_heard(said: str, heard: str) -> Counter[tuple[str, str]]:
    """Pairs of one character each that were taken for one another; plain text of one role."""
    found: Counter[tuple[str, str]] = Counter()
    for tag, a, b, c, d in _steps(said, heard):
        if tag == "replace" and b - a == d - c:
            found.update(zip(said[a:b], heard[c:d], strict=True))
        elif tag == "delete":
            found.update((char, "") for char in said[a:b])
    return found


def words_heard(said: str, heard: str) -> Counter[tuple[str, str]]:
    """Words (jieba's) of what was said that were written otherwise, with what was written in their place."""
    place = _places(said, heard)
    found: Counter[tuple[str, str]] = Counter()
    for word, start, end in _words(said):
        written = heard[place[start] : place[end]]
        if len(word) > 1 and written != word:
            found[word, written] += 1
    return found


def most_common(pairs: Counter[tuple[str, str]], limit: int) -> list[Confusion]:
    """The most frequent confusions, ties in the order of the characters."""
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(said, heard, count, _alike(said, heard)) for (said, heard), count in ordered[:limit]]


def _places(said: str, heard: str) -> list[int]:
    """For each position of ``said``, its end included, where that is in ``heard``."""
    place = [0] * (len(said) + 1)
    for _, a, b, c, d in _steps(said, heard):
        for i in range(a, b):
            place[i] = min(c + i - a, d)
        place[b] = d
    return place


def _steps(said: str, heard: str) -> Iterator[tuple[str, int, int, int, int]]:
    """How ``said`` becomes ``heard``: what is done, and the stretch of each it is done to."""
    from rapidfuzz.distance import Levenshtein

    for step in Levenshtein.opcodes(said, heard):
        yield step.tag, step.src_start, step.src_end, step.dest_start, step.dest_end


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    import rjieba  # its dictionary takes a moment to load

    yield from rjieba.tokenize(text)


def _alike(said: str, heard: str) -> bool:
    sound = syllables()
    return len(said) == len(heard) and all(
        sound.get(a, a) == sound.get(b, b) for a, b in zip(said, heard, strict=True)
    )
