"""Numbers read out digit by digit, and sentences that only sound a little like them."""

import pytest

from callqa.transcribe.digits import number_spans, read_out


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("工号三三要六很高兴为您服务", "工号三三幺六很高兴为您服务"),
        ("工号八菱二三", "工号八零二三"),
        ("尾号七八零领", "尾号七八零零"),
        ("电话是要三八五物二零七死六要", "电话是幺三八五五二零七四六幺"),
        ("要爸爸散散而凌旗死流咬", "幺八八三三二零七四六幺"),
        ("六六要八请讲", "六六幺八请讲"),
        ("一三八，零二要七，六五四三", "一三八，零二幺七，六五四三"),
        ("零二八要，对吧", "零二八幺，对吧"),
    ],
)
def test_what_sounds_like_a_digit_among_digits_is_one(heard, said):
    assert read_out(heard) == said


@pytest.mark.parametrize(
    "said",
    [
        "我要三个",
        "一共三百二十块",
        "工号是八零二三吧",
        "尾号四五六七就可以",
        "尾号五五二零要改吗",
        "把这五件起诉",
        "爸爸要七点起",
        "他又要起诉你们",
        "拨打一二三一五，就要投诉",
        "您好，请问有什么可以帮您？",
        "",
    ],
)
def test_ordinary_words_stay(said):
    assert read_out(said) == said


def test_numbers_are_found_across_the_marks_inside_them():
    text = "号码一三八，零零，对，一百二十九还不多，五"
    assert [text[a:b] for a, b in number_spans(text)] == ["一三八，零零", "一百二十九"]
