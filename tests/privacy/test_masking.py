"""Numbers are hidden, and what only looks like one is not."""

import pytest

from callqa.privacy.masking import mask_number, mask_phones


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("13812345678", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("8613812345678", "138****5678"),
        ("010-87654321", "010-****321"),
        ("02187654321", "021****321"),
        ("6222021234567890123", "622****0123"),
        ("1234567", "12****67"),
        ("800321", "800321"),
        ("张先生", "张先生"),
        ("", ""),
        ("张三 13912345678 转 801", "张三 139****5678 转 801"),
    ],
)
def test_a_customer_is_masked(given: str, expected: str) -> None:
    assert mask_number(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("20261121-093000_13812345678.wav", "20261121-093000_138****5678.wav"),
        ("13812345678-13987654321.mp3", "138****5678-139****4321.mp3"),
        ("call-20261121093000.wav", "call-20261121093000.wav"),
        ("138123456789.wav", "138123456789.wav"),
        ("dev-001.wav", "dev-001.wav"),
    ],
)
def test_a_file_name_keeps_all_but_telephone_numbers(given: str, expected: str) -> None:
    assert mask_phones(given) == expected
