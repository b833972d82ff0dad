"""A made-up day of calls, the same for the same seed, for benchmarks of everything that reads transcripts.

    python benchmarks/day.py --calls 2000        # says what is in it

200,000 calls of about 2,250 characters: 450 million characters, 25 million utterances. A fifth of the
utterances are short answers, a third ordinary sentences of calls with other figures, the rest words of
jieba's dictionary by frequency, so that most utterances are said only once. Two utterances a call come from
the tests inside the shipped rules (what must hit and what must not). Words have times, and there are
pauses.
"""

import argparse
import random
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

import yaml

from callqa.inspect.rulebook import shipped_rulebook
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word

ROOT = Path(__file__).resolve().parents[1]
CALLS_A_DAY = 200_000
UTTERANCES = 126
"""Utterances of the middling call."""
SHORT = (
    "嗯",
    "好的",
    "对",
    "是的",
    "哦",
    "喂，您好",
    "嗯嗯，好",
    "行",
    "可以",
    "不是",
    "对对对",
    "好，谢谢",
    "没有了",
    "啊？",
)
_PEOPLE = (Role.AGENT, Role.CUSTOMER)
_SAID = (
    "我想问一下",
    "您这个",
    "就是",
    "然后呢",
    "我们这边",
    "因为",
    "所以说",
    "如果",
    "请问",
    "那个",
    "麻烦您",
    "现在",
    "刚才",
)
_ENDS = ("。", "，", "？", "吧。", "了。", "的。", "啊，", "呢？")
_TOKEN = re.compile(r"[A-Za-z]+[，。？、]*|.[，。？、]*")
_DIGITS = re.compile("[零一二三四五六七八九]")


@cache
def ordinary() -> dict[Role, list[str]]:
    """Sentences of calls in which nothing is wrong."""
    text = (ROOT / "tests/rules/ordinary.yaml").read_text(encoding="utf-8")
    return {Role(role): lines for role, lines in yaml.safe_load(text).items()}


@cache
def telling() -> dict[Role, list[str]]:
    """What the tests of the shipped rules say, hit or not."""
    said: dict[Role, list[str]] = {role: [] for role in _PEOPLE}
    for rule in shipped_rulebook().rules:
        for turn in (turn for test in rule.tests for turn in test["turns"]):
            for role in _PEOPLE:
                said[role] += [turn[role]] if role in turn else []
    return said


@cache
def dictionary() -> tuple[list[str], list[int]]:
    """Words of two or more characters with their summed frequencies (jieba's dictionary)."""
    import jieba

    rows = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    words = [(word, int(count)) for word, count, _ in map(str.split, rows) if len(word) > 1]
    return [w for w, _ in words], list(accumulate(c for _, c in words))


def common_terms(count: int, seed: int = 5) -> list[str]:
    """Different words of two to six characters that are neither rare nor everywhere: said 3 to 300 times."""
    words, sums = dictionary()
    counts = [b - a for a, b in zip([0, *sums], sums, strict=False)]
    fitting = [w for w, n in zip(words, counts, strict=True) if 3 <= n <= 300 and len(w) <= 6]
    return random.Random(seed).sample(fitting, count)


def texts(number: int, seed: int = 1) -> list[tuple[Role, str]]:
    """Who says what in call ``number`` of the day."""
    dice = random.Random(f"{seed}/{number}")
    many = max(4, round(dice.gauss(UTTERANCES, UTTERANCES / 4)))
    odd = {dice.randrange(many) for _ in range(2)}
    return [_said(_PEOPLE[i % 2], i in odd, dice) for i in range(many)]


def _said(role: Role, odd: bool, dice: random.Random) -> tuple[Role, str]:
    if odd:
        return role, dice.choice(telling()[role])
    kind = dice.random()
    if kind < 0.22:
        return role, dice.choice(SHORT)
    return role, _ordinary(role, dice) if kind < 0.55 else _made_up(dice)


def _ordinary(role: Role, dice: random.Random) -> str:
    """A sentence with other figures, and more often than not with something before it."""
    text = _DIGITS.sub(lambda _: dice.choice("一二三四五六七八九"), dice.choice(ordinary()[role])) + "。"
    return text if dice.random() < 0.4 else f"{dice.choice(_SAID)}{_word(dice)}，{text}"


def _word(dice: random.Random) -> str:
    words, sums = dictionary()
    return words[bisect(sums, dice.random() * sums[-1])]


def _made_up(dice: random.Random) -> str:
    said = [dice.choice(_SAID)]
    for _ in range(dice.randrange(1, 5)):
        said += [_word(dice) for _ in range(dice.randrange(1, 7))]
        said.append(dice.choice(_ENDS))
    return "".join(said)


def call(number: int, seed: int = 1) -> Transcript:
    """Call ``number`` of the day as a transcript with word times."""
    dice = random.Random(f"{seed}/{number}/times")
    utterances: list[Utterance] = []
    clock = 0.5
    for index, (role, text) in enumerate(texts(number, seed)):
        start = clock + (dice.choice((12.0, 25.0)) if dice.random() < 0.004 else dice.random())
        a_char = dice.uniform(0.17, 0.25)
        words = tuple(_timed(text, start, a_char))
        clock = words[-1].end
        utterances.append(
            Utterance(index, start, clock, role.value, role, text, 0.9, words, channel=index % 2)
        )
    return Transcript(
        clock + 0.5, 2, "zh", tuple(utterances), measure(utterances, clock + 0.5), {"asr": "made up"}
    )


def _timed(text: str, start: float, a_char: float) -> Iterator[Word]:
    """Every character with the punctuation after it is a word."""
    for i, token in enumerate(_TOKEN.findall(text)):
        yield Word(start + i * a_char, start + (i + 1) * a_char, token, 0.9)


def day(calls: int = CALLS_A_DAY, seed: int = 1, first: int = 0, step: int = 1) -> Iterator[Transcript]:
    """Calls ``first``, ``first + step``, … of a day of ``calls``; one is made when it is asked for."""
    return (call(number, seed) for number in range(first, calls, step))


def described(made: Sequence[Transcript]) -> dict[str, float]:
    said = [u.text for t in made for u in t.utterances]
    characters = sum(map(len, said))
    return {
        "calls": len(made),
        "characters": characters,
        "characters_a_call": characters / len(made),
        "utterances_a_call": len(said) / len(made),
        "characters_an_utterance": characters / len(said),
        "different_utterances": len(set(said)) / len(said),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=2000)
    arguments = parser.parse_args()
    for name, value in described(list(day(arguments.calls))).items():
        print(f"{name:<26}{value:,.2f}")


if __name__ == "__main__":
    main()
