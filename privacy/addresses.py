"""Addresses in Mandarin speech: a street or estate with numbers of house, building and flat.

A town, a street or a date alone is no address. Source of the order of the parts: GB/T 23705.
"""

import re
from collections.abc import Iterator

_NUM = r"[0-9０-９零〇幺一二两三四五六七八九十百千甲乙丙丁A-Za-z]{1,7}"
_STREET = r"(?:大街|大道|街道|路|街|巷|弄|胡同|道)"
_ESTATE = (
    r"(?:小区|花园|家园|公寓|大厦|广场|新村|新城|社区|山庄|佳苑|嘉园|苑|府|湾|庭|郡|里|村|屯|镇|院|城|坊)"
)
_NAME = r"[\u4e00-\u9fff]{1,8}?"
_UNIT = r"(?:号院|号楼|号|栋|幢|座|单元|楼|层|室|户|门|排|组|弄)"
_HOUSE = r"(?:号院|号楼|栋|幢|座|单元|楼|层|室|户|弄)"
_SIDE = r"[东西南北中]?(?:段|路|侧)?第?"
_REST = rf"(?:[，,、的\s]?{_NUM}{_UNIT})*(?:[，,、\s]?{_NUM}(?:室|户|房)?)?"
_AT_STREET = re.compile(rf"{_NAME}{_STREET}{_SIDE}[，,]?{_NUM}{_UNIT}{_REST}")
_AT_ESTATE = re.compile(
    rf"{_NAME}{_ESTATE}[东西南北中]?(?:区|园|院|门)?第?[，,]?{_NUM}(?:期|区)?{_HOUSE}{_REST}"
)
_PARTS = re.compile(
    rf"{_NUM}(?:号楼|号院|栋|幢|座|单元)[，,、的\s]?(?:{_NUM}{_UNIT}[，,、\s]?)*{_NUM}(?:室|户|房|楼)?"
)
_LEAD = re.compile(
    r".*(?:地址就?是|地址|住址是?|住在|家在|家住|寄到|寄往|送到|送往|发到|位于|现在在|就在|搬到|还是|改成|改到|就是"
    r"|我是|住|是|在|到|叫|个|啊|嗯|呃)"
)
_NO_PLACE = re.compile(
    r"(?:这|那|哪|家|手|心|店|嘴|夜|话|群|卡|包|车|屋|线|半|网|一)里|(?:知|味|通|频|报|轨|渠|想)道"
    r"|路上|线路|思路|一路|半路|网路|电路|套路|门路"
)


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each address."""
    for pattern in (_AT_STREET, _AT_ESTATE, _PARTS):
        for match in pattern.finditer(text):
            start = _begin(match)
            said = text[start : match.end()]
            if _NO_PLACE.search(said) or not _is_enough(pattern, said):
                continue
            yield start, match.end()


def _begin(match: re.Match[str]) -> int:
    """Without what leads up to the address."""
    lead = _LEAD.match(match[0][:10])
    kept = match[0][lead.end() :] if lead else match[0]
    return match.end() - len(kept) if len(kept) >= 4 else match.start()


def _is_enough(pattern: re.Pattern[str], said: str) -> bool:
    if pattern is not _PARTS:
        return len(said) >= 5
    # Two parts, or a building and a flat of three digits: less may be anything.
    parts = len(re.findall(_HOUSE, said))
    flat = re.search(r"[0-9零〇幺一二两三四五六七八九]{3,4}(?:室|户|房)?$", said)
    return parts >= 2 or (parts >= 1 and flat is not None)
