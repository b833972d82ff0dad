"""The kinds of personal data, what stands in their place, and which of them a site hides."""

from functools import cache

from ..errors import UsageError

LABELS = {
    "mobile": "手机号", "landline": "电话号码", "id_card": "身份证号", "bank_card": "银行卡号",
    "email": "邮箱", "wechat": "微信号", "qq": "QQ号", "plate": "车牌号", "number": "号码",
    "order": "单号", "name": "姓名", "address": "地址",
}  # fmt: skip
KINDS = frozenset(LABELS)
"""``number`` is any other run of digits that is long, or that was asked for."""


@cache
def chosen_kinds(setting: str) -> frozenset[str]:
    """The kinds that a list such as ``all,-number`` or ``mobile,id_card`` names, read from the left.

    >>> sorted(KINDS - chosen_kinds("all,-number,-order"))
    ['number', 'order']
    """
    chosen: frozenset[str] = frozenset()
    for word in filter(None, (part.strip() for part in setting.split(","))):
        name = word.removeprefix("-")
        named = KINDS if name == "all" else frozenset({name})
        if not named <= KINDS:
            raise UsageError(f"no such kind of personal data: {name}; use all, {', '.join(sorted(KINDS))}")
        chosen = chosen - named if word.startswith("-") else chosen | named
    return chosen
