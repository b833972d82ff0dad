import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.privacy.redact import redact_text, redact_utterances
from callqa.transcribe.types import Role, Utterance

CUSTOMER, AGENT = Role.CUSTOMER, Role.AGENT


def said(*turns):
    """Utterances from (role, start, text), each two seconds long."""
    return [
        Utterance(i, start, start + 2, str(role), role, text) for i, (role, start, text) in enumerate(turns)
    ]


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("手机幺三七，六四零二，八八幺五。", "手机[手机号]。"),
        ("身份证三三零幺九九，幺九八八零七幺二，零四二六。", "身份证[身份证号]。"),
        ("卡号六二五九，八八三零，幺二七四，五五六二，快点", "卡号[银行卡号]，快点"),
        ("邮箱六五八三零七二艾特幺六三点康姆。", "邮箱[邮箱]。"),
        ("单号二零八四四六九幺七五，谢谢", "单号[号码]，谢谢"),
        ("幺三八零零零零幺幺幺幺和幺三九零零零零幺幺幺幺", "[手机号]和[手机号]"),
    ],
)
def test_personal_numbers_are_replaced(text, redacted):
    assert redact_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    ["工号八零二三", "请打12315", "客服400-820-8820", "扣了八十六块四", "二零二六年三月五号", "尾号三零八八"],
)
def test_what_names_nobody_stays(text):
    assert redact_text(text) == text


def test_a_number_over_two_utterances_is_one_number():
    utterances = said((CUSTOMER, 0, "幺三七，六四零二"), (AGENT, 3, "嗯"), (CUSTOMER, 5, "八八幺五，对"))
    assert redact_utterances(utterances) == ("[手机号]", "嗯", "[…]，对")


@pytest.mark.parametrize(
    "turns",
    [
        [(CUSTOMER, 0, "幺三七，六四零"), (AGENT, 3, "二八八幺五")],
        [(CUSTOMER, 0, "幺三七，六四零"), (CUSTOMER, 60, "二八八幺五")],
    ],
)
def test_digits_of_others_or_much_later_do_not_join(turns):
    assert redact_utterances(said(*turns)) == tuple(text for *_, text in turns)


def test_utterances_keep_their_order():
    utterances = said((CUSTOMER, 9, "幺三八零零零零幺幺幺幺"), (CUSTOMER, 0, "喂"))
    assert redact_utterances(utterances) == ("[手机号]", "喂")


def test_no_utterances():
    assert redact_utterances([]) == ()


@given(st.integers(3, 9), st.integers(10**8, 10**9 - 1), st.text("，。 嗯", max_size=3), st.integers(0, 10))
def test_no_mobile_number_survives(second, rest, pause, cut):
    digits = f"1{second}{rest}"
    spoken = digits.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
    text = spoken[:cut] + (pause if cut else "") + spoken[cut:]
    assert redact_text(f"电话{text}吧") == "电话[手机号]吧"
