"""Telephone numbers as people may see them in lists and headers."""

import re

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)(\d{4})(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0(?:10|2\d|[3-9]\d\d)-?)(\d{4,5})(\d{3})(?!\d)")
_DIGITS = re.compile(r"\d{7,}")


def mask_number(value: str) -> str:
    """A customer's number or other identifier with its middle hidden; short ones stay.

    >>> mask_number("13812345678")
    '138****5678'
    >>> mask_number("张先生")
    '张先生'
    """
    return _DIGITS.sub(lambda m: _middle(m[0]), mask_phones(value))


def mask_phones(text: str) -> str:
    """Hide telephone numbers inside other text such as a file name; dates and serials stay.

    >>> mask_phones("20261121-093000_13812345678.wav")
    '20261121-093000_138****5678.wav'
    """
    return _LANDLINE.sub(r"\1****\3", _PHONE.sub(r"\1****\3", text))


def _middle(digits: str) -> str:
    return digits[:3] + "****" + digits[-4:] if len(digits) > 8 else digits[:2] + "****" + digits[-2:]
