"""Numbers read out aloud, also when some of their digits were misheard.

A recogniser writes some digits as words of the same sound (要 for 幺, 就 for 九). Such characters are weak
evidence: a run of digits may hold them, and a character that fits nothing, but must have enough true
digits. Runs are the stretches of the highest score, found by one pass over the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..inspect.entities import kind_of_number

_STRONG = dict(zip("0123456789零〇幺一二两三四五六七八九", "01234567890011223456789", strict=True))
_SOUNDS = {
    "0": "洞灵领另铃凌龄栋",
    "1": "妖邀腰夭要药雅亚压丫咬摇遥耀",
    "2": "贰而儿耳尔爱",
    "3": "叁散伞仨山仙",
    "4": "肆寺似死司思丝私斯",
    "5": "伍午舞武误雾物无吴屋悟务",
    "6": "陆流留刘溜柳遛",
    "7": "柒期齐其起气器奇骑漆欺启几",
    "8": "捌巴把爸吧罢扒白",
    "9": "玖久酒就旧救究舅",
}
_WEAK = {char: digit for digit, chars in _SOUNDS.items() for char in chars}
_FULL_WIDTH = {chr(0xFF10 + n): str(n) for n in range(10)}
_PAUSES = frozenset(" \n\t,，、。.;；…·-—~:：嗯呃额啊哦哎")
_LAST = frozenset("Xx叉")
_GAIN, _SMALL_GAIN, _LOSS, _DROP = 1.0, 0.5, -1.5, 2.0
_PUBLIC = re.compile(r"(?:95|96|10)[0-9]{3,4}|12[0-9]{3}|1[12][0-9]|[48]00[0-9]{7}")
"""Numbers of services, which are nobody's."""
_WEAKS = "".join(_WEAK)
_APART = r"[\s,，、。.;；…·\-—~:：嗯呃额啊哦哎]"
_LOOSE_LEAD = re.compile(rf"(?:[{_WEAKS}]{{1,2}}{_APART}+)+")
_LOOSE_TAIL = re.compile(rf"(?:{_APART}+[{_WEAKS}]{{0,2}})+$")
_UNITS = frozenset("年月日号点分块元毛角千万亿十岁楼层折倍%％")
_SLIP = re.compile(r"不对|不是|错了|说错|应该是|重新|再说一遍|不好意思|更正")
_BETWEEN = re.compile(rf"{_APART}|{_SLIP.pattern}|是|我|你|您|了|来")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits from ``start`` to ``end``; ``strong`` of the ``count`` are written as digits."""

    start: int
    end: int
    digits: str
    strong: int

    @property
    def count(self) -> int:
        return len(self.digits)

    @property
    def kind(self) -> str:
        """What the number is by its length and beginning, since its check digit cannot be trusted."""
        known = kind_of_number(self.digits)
        if known:
            return known[0]
        if self.count in (17, 18, 19) and self.digits[0] in "123456" and self.digits[6:8] in ("19", "20"):
            return "id_card"
        if 15 <= self.count <= 20 and self.digits[0] in "3456":
            return "bank_card"
        return "mobile" if self.count in (10, 11, 12) and self.digits[0] == "1" else "number"


def runs_in(text: str) -> Iterator[Run]:
    """Stretches that sound like digits, at least three of them; most are no personal numbers."""
    at = 0
    while at < len(text):
        if _digit(text[at]) is None:
            at += 1
            continue
        run = _run_from(text, at)
        if run is None:
            at += 1
            continue
        yield run
        at = run.end


def is_public(digits: str) -> bool:
    """Whether the number is that of a service.

    >>> is_public("95588"), is_public("12315"), is_public("13800001111")
    (True, True, False)
    """
    return _PUBLIC.fullmatch(digits) is not None


def corrects(between: str) -> bool:
    """Whether what stands between two runs takes the first one back, and does nothing else."""
    return bool(_SLIP.search(between)) and not _BETWEEN.sub("", between)


def counts_something(text: str, run: Run) -> bool:
    """Whether a unit follows or precedes, so that the digits are an amount, a date or the like."""
    after = text[run.end : run.end + 1]
    return after in _UNITS and after != "" and run.count < 7


def is_digit(char: str) -> bool:
    """Whether it is a digit, or a word that sounds like one."""
    return _digit(char) is not None


def _digit(char: str) -> tuple[str, float] | None:
    plain = _FULL_WIDTH.get(char, char)
    strong = _STRONG.get(plain)
    if strong is not None:
        return strong, _GAIN
    weak = _WEAK.get(plain)
    return (weak, _SMALL_GAIN) if weak is not None else None


def _run_from(text: str, start: int) -> Run | None:
    score = peak = 0.0
    end, pauses, strong = start, 0, 0
    digits: list[str] = []
    best: tuple[int, int] = (0, 0)
    for at in range(start, len(text)):
        found = _digit(text[at])
        if found is None and text[at] in _PAUSES:
            pauses += 1
            if pauses > 3:
                break
            continue
        if found is None:
            if text[at] in _LAST and len(digits) == 17:
                return Run(start, at + 1, "".join(digits) + "X", strong)
            score += _LOSS
        else:
            pauses = 0
            digits.append(found[0])
            score += found[1]
            strong += found[1] == _GAIN
            if score > peak:
                peak, end, best = score, at + 1, (len(digits), strong)
        if score < 0 or score <= peak - _DROP:
            break
    count, sure = best
    run = _trimmed(text, Run(start, end, "".join(digits[:count]), sure)) if sure >= 3 else None
    return run if run and run.strong >= 3 else None


def _trimmed(text: str, run: Run) -> Run:
    """Without edges that belong to other sentences: words that only sound like digits and stand apart by
    a pause, and a digit or two of a line that says something else.
    """
    first, last = run.start, run.end
    if lead := _LOOSE_LEAD.match(text, first, last):
        first = lead.end()
    if tail := _LOOSE_TAIL.search(text, first, last):
        last = tail.start()
    while (cut := text.find("\n", first, last)) >= 0 and _other_line(text, first, cut):
        first = cut + 1
    while (cut := text.rfind("\n", first, last)) >= 0 and _other_line(text, cut + 1, last):
        last = cut
    return run_of(text, first, last)


def run_of(text: str, start: int, end: int) -> Run:
    """The digits between two places, which become the run's own first and last one."""
    places = [i for i in range(start, end) if is_digit(text[i])]
    found = [one for one in (_digit(text[i]) for i in places) if one]
    strong = sum(gain == _GAIN for _, gain in found)
    first, last = (places[0], places[-1] + 1) if places else (start, start)
    return Run(first, last, "".join(digit for digit, _ in found), strong)


def _other_line(text: str, start: int, end: int) -> bool:
    """Whether the line that holds these few digits is about something else."""
    begin, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    rest = text[begin:start] + text[end : stop if stop >= 0 else len(text)]
    others = sum(char not in _PAUSES for char in rest)
    return sum(map(is_digit, text[start:end])) <= 2 and others >= 2
