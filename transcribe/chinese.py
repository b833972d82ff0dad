"""Simplified Chinese out, whatever the model writes."""

import re
from functools import cache
from typing import Any

CHINESE = ("zh", "yue")
"""Whisper's codes of the languages written in Chinese characters only."""
_WIDE = {",": "，", "?": "？", "!": "！", ":": "：", ";": "；", ".": "。"}
_MARK = re.compile(r"(?<=[\u3400-\u9fff])[,?!:;.]")


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional to simplified, one character for one, so that offsets and word times keep.

    >>> simplify("請問您的電話號碼")
    '请问您的电话号码'
    """
    whole: str = _converter().convert(text)
    if len(whole) == len(text):
        return whole
    return "".join(_one(char) for char in text)


@cache
def _one(char: str) -> str:
    converted: str = _converter().convert(char)
    return converted if len(converted) == 1 else char


def chinese_marks(text: str) -> str:
    """Half-width marks after Chinese characters in full width, one for one.

    >>> chinese_marks("您好,OK,3.5")
    '您好，OK,3.5'
    """
    return _MARK.sub(lambda m: _WIDE[m.group()], text)
