"""Personal data and figures in speech: written, or read out digit by digit with pauses in between."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

KINDS = (
    "mobile", "landline", "hotline", "id_card", "bank_card", "email", "wechat", "qq", "plate",
    "number", "amount", "date",
)  # fmt: skip
PERSONAL = frozenset(KINDS) - {"hotline", "amount", "date"}
"""Kinds that tell who or what somebody is; ``number`` is any other run of seven digits or more."""
RUNS = frozenset({"mobile", "landline", "hotline", "id_card", "bank_card", "number"})
"""Kinds that are a run of five digits at least."""

_DIGITS = dict(zip("零〇○一幺二两三四五六七八九", "00011223456789", strict=True))
_PAUSE = r"(?:[\s,，、。.;；…·\-—~:：]|嗯|呃|额|啊|哦|哎|那个|然后|再是){0,3}"
_RUN = re.compile(rf"(?<![0-9])[0-9](?:{_PAUSE}[0-9]){{4,}}(?:{_PAUSE}[Xx叉])?")
_DIGIT = re.compile(r"[0-9]")
_AT = r"(?:@|[艾爱]特|at)"
_DOT = r"(?:\.|点|dot)"
_EMAIL = re.compile(
    rf"[A-Za-z0-9][A-Za-z0-9_.\-下划线]{{1,40}}\s?{_AT}\s?[A-Za-z0-9]{{1,20}}"
    rf"(?:\s?{_DOT}\s?(?:com|cn|net|org|edu|gov|康姆|康母|扣姆|[A-Za-z0-9]{{2,10}})){{1,3}}",
    re.IGNORECASE,
)
_IS = r"(?:就?是|叫|[:：])?\s?"
_WECHAT = re.compile(
    rf"(?:[微威]信|v信|wx)号?码?{_IS}([A-Za-z][A-Za-z0-9_\-]{{5,19}})"
    r"|(?:[微威]信|v信)号码?(?:就?是|叫|[:：])\s?([\u4e00-\u9fff]{0,8}[A-Za-z0-9_\-]{3,20})",
    re.IGNORECASE,
)
_QQ = re.compile(rf"(?:qq|扣扣|球球)号?码?{_IS}([1-9](?:{_PAUSE}[0-9]){{4,10}})", re.IGNORECASE)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?"
    r"[A-HJ-NP-Z]\s?[·.]?\s?(?:[A-HJ-NP-Z0-9]\s?){4,5}[A-HJ-NP-Z0-9学警]"
)
_COUNT = r"[0-9十百千万亿点.]"
_CURRENCY = r"(?:元|块钱?|人民币|万元|美元|毛|分钱|角)"
_AMOUNT = re.compile(rf"(?=[0-9十百千]){_COUNT}{{1,20}}[多来几]?\s?{_CURRENCY}(?:[0-9](?![0-9]))?")
_DATE = re.compile(
    r"(?:[0-9]{2,4}年)?[0-9十]{1,3}月(?:份|[0-9十]{1,3}[日号])?|[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
)
_HOTLINE = re.compile(r"(?:400|800)[0-9]{7}$")
_LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}$")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})$")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Entity:
    """Something of ``kind`` at ``start`` to ``end`` of the original text.

    ``value`` holds it in plain digits and letters; ``valid`` whether its check digit is right, where
    its kind has one: people misread numbers and recognisers mishear them, so wrong ones are kept.
    """

    kind: str
    start: int
    end: int
    value: str
    valid: bool = True


def find_entities(text: str, kinds: Iterable[str] = KINDS) -> tuple[Entity, ...]:
    """All entities of ``kinds`` in ``text``, by start; of two that overlap the longer is kept."""
    wanted = frozenset(kinds)
    shape = _shape(text)
    finders = [_runs] if wanted <= RUNS else [_named, _runs, _figures]
    found = [e for find in finders for e in find(shape) if e.kind in wanted]
    kept: list[Entity] = []
    for entity in sorted(found, key=lambda e: (e.start - e.end, e.start)):
        if all(entity.end <= other.start or entity.start >= other.end for other in kept):
            kept.append(entity)
    return tuple(sorted(kept, key=lambda e: e.start))


@cache
def _plain(char: str) -> str:
    normal = unicodedata.normalize("NFKC", char)
    return _DIGITS.get(char, normal if len(normal) == 1 else char)


def _shape(text: str) -> str:
    """``text`` with digits however spoken as 0–9 and full-width letters plain; same length."""
    return "".join(map(_plain, text))


def _named(shape: str) -> Iterator[Entity]:
    for kind, pattern in (("email", _EMAIL), ("wechat", _WECHAT), ("qq", _QQ), ("plate", _PLATE)):
        for match in pattern.finditer(shape):
            group = match.lastindex or 0
            value = re.sub(r"[\s,，、。]", "", match[group])
            yield Entity(kind, *match.span(group), value)


def _figures(shape: str) -> Iterator[Entity]:
    for kind, pattern in (("amount", _AMOUNT), ("date", _DATE)):
        for match in pattern.finditer(shape):
            yield Entity(kind, *match.span(), match[0])


def _runs(shape: str) -> Iterator[Entity]:
    for match in _RUN.finditer(shape):
        places = [match.start() + m.start() for m in _DIGIT.finditer(match[0])]
        digits = "".join(shape[i] for i in places)
        if match[0][-1] in "Xx叉" and len(digits) == 17:
            digits += "X"
            places.append(match.end() - 1)
        for kind, first, last, valid in _classified(digits):
            yield Entity(kind, places[first], places[last - 1] + 1, digits[first:last], valid)


def _classified(digits: str) -> Iterator[tuple[str, int, int, bool]]:
    """Kinds in a run of digits: the whole of it, else a mobile number within, else just a number."""
    whole = kind_of_number(digits)
    if whole:
        yield whole[0], 0, len(digits), whole[1]
        return
    inner = _inner_mobile(digits)
    if inner is not None:
        yield "mobile", inner, inner + 11, True
        for first, last in ((0, inner), (inner + 11, len(digits))):
            if last - first >= 5:
                yield "number", first, last, True
    elif len(digits) >= 7:
        yield "number", 0, len(digits), True


def _inner_mobile(digits: str) -> int | None:
    if len(digits) < 15 or len(digits) > 30:
        return None
    for at in (len(digits) - 11, 0):
        if _MOBILE.match(digits[at : at + 11]):
            return at
    return None


def kind_of_number(digits: str) -> tuple[str, bool] | None:
    """What a whole run of digits is, and whether its check digit is right.

    >>> kind_of_number("13800001111")
    ('mobile', True)
    """
    for kind, pattern in (("mobile", _MOBILE), ("hotline", _HOTLINE), ("landline", _LANDLINE)):
        if pattern.match(digits):
            return kind, True
    if len(digits) == 18 and _has_birth_date(digits):
        return "id_card", id_card_valid(digits)
    if 15 <= len(digits) <= 19 and digits.isdigit() and digits[0] in "3456":
        return "bank_card", luhn_valid(digits)
    return ("id_card", False) if len(digits) == 18 and digits[-1] == "X" else None


def _has_birth_date(digits: str) -> bool:
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100


def id_card_valid(number: str) -> bool:
    """Whether the last character is the check digit of GB 11643-1999 (ISO 7064 MOD 11-2).

    >>> id_card_valid("11010519491231002X")
    True
    """
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return False
    total = sum(int(d) * w for d, w in zip(number[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()


def luhn_valid(number: str) -> bool:
    """Whether the digits satisfy the Luhn formula (ISO/IEC 7812-1).

    >>> luhn_valid("4111111111111111")
    True
    """
    digits = [int(d) for d in reversed(number)]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
