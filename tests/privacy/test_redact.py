import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.errors import UsageError
from callqa.privacy.kinds import chosen_kinds
from callqa.privacy.redact import redact_text, redact_utterances
from callqa.privacy.spans import spans_of
from callqa.settings import get_settings
from callqa.store import NewFile, add_recordings, get_call
from callqa.store.records import call_record, call_row
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
        ("单号二零八四四六九幺七五，谢谢", "单号[单号]，谢谢"),
        ("微信是wang_fang88，加我", "微信是[微信号]，加我"),
        ("车牌粤B12345，白色", "车牌[车牌号]，白色"),
        ("零二一五五五五六六六六，打座机", "[电话号码]，打座机"),
        ("运单SF1402938475610", "运单[单号]"),
        ("验证码是三八二九幺零", "验证码是[号码]"),
        ("幺三八零零零零幺幺幺，不对，是幺三八零零零零幺幺幺幺", "[号码]，不对，是[手机号]"),
        ("手机幺三八零零，说错了，幺三九零零零零幺幺幺幺", "手机[号码]，说错了，[手机号]"),
        ("手机要三期六次零二八八要五", "手机[手机号]"),
        ("卡号六二三零误八七要四四零二就要六三七五九", "卡号[银行卡号]"),
        ("身份证是４４０１０６１９９００１０１２３４Ｘ", "身份证是[身份证号]"),
        ("幺三八零零零零幺幺幺幺和幺三九零零零零幺幺幺幺", "[手机号]和[手机号]"),
    ],
)
def test_personal_numbers_are_replaced(text, redacted):
    assert redact_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "工号八零二三",
        "请打12315",
        "客服400-820-8820",
        "客服电话是九五五八八",
        "扣了八十六块四",
        "二零二六年三月五号",
        "尾号三零八八",
        "手机尾号八八一五",
        "四百五，行吧，四百五就四百五",
        "电话我打了三四次，七八个人都没人管",
    ],
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


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("我叫周海燕。", "我叫[姓名]。"),
        ("请问是何文斌先生吗？", "请问是[姓名]先生吗？"),
        ("您是方晓梅的同事吗？", "您是[姓名]的同事吗？"),
        ("喂，吴建军是吧？", "喂，[姓名]是吧？"),
        ("收件人阮青禾。", "收件人[姓名]。"),
        ("机主叫杜文浩。", "机主叫[姓名]。"),
        ("昨天有个叫葛春生的，也来问", "昨天有个叫[姓名]的，也来问"),
        ("程志远，四幺零三九九幺九七九零五二三幺幺七七。", "[姓名]，[身份证号]。"),
        ("我叫欧阳建国，住这儿", "我叫[姓名]，住这儿"),
    ],
)
def test_names_are_replaced_where_something_says_that_they_are(text, redacted):
    assert redact_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "我姓王",
        "王女士您好",
        "谢谢阿姨",
        "请问方便先生接电话吗",
        "您报一下姓名和手机号",
        "您的姓名和联系电话",
        "马上，我看一下",
        "于是，安全，高兴",
        "我叫你别打了",
        "名字是什么",
        "他叫我去营业厅",
    ],
)
def test_what_only_looks_like_a_name_stays(text):
    assert redact_text(text) == text


def test_a_name_that_was_asked_for_is_one_and_is_hidden_everywhere():
    turns = said(
        (AGENT, 0, "请问您贵姓，全名怎么称呼"),
        (CUSTOMER, 3, "周海燕"),
        (AGENT, 6, "周海燕女士，周海燕，稍等"),
    )
    assert redact_utterances(turns)[1:] == ("[姓名]", "[姓名]女士，[姓名]，稍等")


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("青松路二十八号院三栋五零幺。", "[地址]。"),
        ("我住临江街九号六栋二零三", "我住[地址]"),
        ("她的住址是幸福小区八号楼三零二。", "她的住址是[地址]。"),
        ("寄到人民大道1024号", "寄到[地址]"),
        ("三栋二单元五零幺", "[地址]"),
    ],
)
def test_addresses_are_replaced(text, redacted):
    assert redact_text(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "我在上海市",
        "家里十二号停的电",
        "这里八号就修好了",
        "路上堵了两个小时",
        "你知道三号几点吗",
        "坐三路车到人民路",
        "二十八号之前还清",
        "住在三楼",
    ],
)
def test_a_place_without_a_house_is_no_address(text):
    assert redact_text(text) == text


def test_a_number_asked_for_and_given_in_groups_with_echoes_is_hidden_on_both_sides():
    turns = said(
        (AGENT, 0, "您手机号多少"),
        (CUSTOMER, 2, "幺三八"),
        (AGENT, 4, "幺三八"),
        (CUSTOMER, 6, "零零零零"),
        (AGENT, 8, "零零零零"),
        (CUSTOMER, 10, "幺幺幺幺"),
        (AGENT, 12, "幺幺幺幺，对吧"),
    )
    text = "".join(redact_utterances(turns)[1:])
    assert not set(text) & set("幺三八零")


def test_what_was_asked_for_is_hidden_though_it_is_short():
    asked = said((AGENT, 0, "验证码报一下"), (CUSTOMER, 3, "三八二九幺零"))
    assert redact_utterances(asked)[1] == "[号码]"
    assert redact_utterances(said((CUSTOMER, 3, "三八二九幺零")))[0] == "三八二九幺零"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("all", "[姓名]，[手机号]"),
        ("all,-name", "周海燕，[手机号]"),
        ("name", "[姓名]，幺三八零零零零幺幺幺幺"),
        ("", "周海燕，幺三八零零零零幺幺幺幺"),
    ],
)
def test_each_kind_can_be_switched(kinds, expected):
    assert redact_text("周海燕，幺三八零零零零幺幺幺幺", chosen_kinds(kinds)) == expected


def test_the_settings_say_which_kinds(monkeypatch):
    monkeypatch.setenv("CALLQA_REDACT", "all,-mobile,-number")
    get_settings.cache_clear()
    assert redact_text("幺三八零零零零幺幺幺幺") == "幺三八零零零零幺幺幺幺"


def test_a_kind_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="no such kind"):
        chosen_kinds("all,-phone")


@given(st.text("零幺二三四五六七八九要就五，。\n不对是周海燕路号楼", max_size=60))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    (spans,) = spans_of(said((CUSTOMER, 0, text)))
    edges = [edge for s in spans for edge in (s.start, s.end)]
    assert edges == sorted(edges)
    assert all(0 <= s.start < s.end <= len(text) for s in spans)


@pytest.mark.parametrize("text", ["一" * 20_000, "周" * 20_000, "路号" * 10_000, "不对，是一二三" * 3_000])
def test_long_odd_text_takes_no_long_time(text):
    started = time.process_time()
    redact_text(text)
    assert time.process_time() - started < 5


def test_a_redacted_export_gives_no_number_away_in_names_or_call_data(store, tmp_path):
    data = {"customer": "13812345678", "agent": "王芳", "备注": "回电幺三八零零零零幺幺幺幺"}
    add_recordings(store, [NewFile(tmp_path / "x", "20261121-093000_13812345678.wav", "ff", 1, 1, data)])
    call = get_call(store, 1)
    assert "13812345678" in str(call_record(call))
    for shown in (call_record(call, redact_text), call_row(call, redact_text)):
        text = str(shown)
        assert "13812345678" not in text
        assert "幺三八零零零零" not in text
        assert "王芳" in text
        assert "20261121-093000_[手机号].wav" in text
