import pytest

from callqa.inspect.entities import find_entities, id_card_valid, kind_of_number, luhn_valid


def found(text, *kinds):
    entities = find_entities(text, kinds) if kinds else find_entities(text)
    return [(e.kind, text[e.start : e.end]) for e in entities]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("手机幺三七，六四零二，八八幺五。", "mobile", "幺三七，六四零二，八八幺五"),
        ("电话是幺五九二幺七四六零三八", "mobile", "幺五九二幺七四六零三八"),
        ("打138-0000-1111", "mobile", "138-0000-1111"),
        ("１３８００００１１１１", "mobile", "１３８００００１１１１"),
        ("幺三八，嗯，零零零零，呃，幺幺幺幺", "mobile", "幺三八，嗯，零零零零，呃，幺幺幺幺"),
        ("座机零幺零，八八八八，六六六六", "landline", "零幺零，八八八八，六六六六"),
        ("0755 2345 6789", "landline", "0755 2345 6789"),
        ("客服400-820-8820", "hotline", "400-820-8820"),
        (
            "身份证三三零幺九九，幺九八八零七幺二，零四二六",
            "id_card",
            "三三零幺九九，幺九八八零七幺二，零四二六",
        ),
        ("五幺零幺九九，幺九五二零八零三，零七幺叉", "id_card", "五幺零幺九九，幺九五二零八零三，零七幺叉"),
        (
            "卡号六二三零，五八七幺，四四零二，九幺六三，七五九",
            "bank_card",
            "六二三零，五八七幺，四四零二，九幺六三，七五九",
        ),
        ("邮箱六五八三零七二艾特幺六三点康姆", "email", "六五八三零七二艾特幺六三点康姆"),
        ("发到li.lei@example.com", "email", "li.lei@example.com"),
        ("微信号是wxid_abc123", "wechat", "wxid_abc123"),
        ("微信号是安泰小韩七七幺九，我教您", "wechat", "安泰小韩七七幺九"),
        ("QQ号是三四五六七八九", "qq", "三四五六七八九"),
        ("车牌京A12345", "plate", "京A12345"),
        ("单号六六零八，幺二三，五九四", "number", "六六零八，幺二三，五九四"),
        ("一共三百二十七块六", "amount", "三百二十七块六"),
        ("扣了86.4元", "amount", "86.4元"),
        ("二零二六年三月五号", "date", "二零二六年三月五号"),
    ],
)
def test_found_as_spoken_or_written(text, kind, said):
    assert (kind, said) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "工号八零二三",
        "打12315",
        "一二三四",
        "第三回",
        "十点到十一点",
        "万一",
        "一样一样的",
        "加我微信吧",
        "我问一下",
    ],
)
def test_ordinary_speech_holds_nothing(text):
    assert found(text) == []


def test_numbers_next_to_one_another_are_told_apart():
    text = "六六零八幺二三五九四，幺五九二幺七四六零三八"
    assert found(text, "mobile", "number") == [
        ("number", "六六零八幺二三五九四"),
        ("mobile", "幺五九二幺七四六零三八"),
    ]


@pytest.mark.parametrize(
    ("number", "valid"),
    [("11010519491231002X", True), ("110105194912310021", False), ("440308199001010012", False), ("", False)],
)
def test_id_card_check_digit(number, valid):
    assert id_card_valid(number) is valid


@pytest.mark.parametrize(("number", "valid"), [("4111111111111111", True), ("4111111111111112", False)])
def test_luhn(number, valid):
    assert luhn_valid(number) is valid


@pytest.mark.parametrize(
    ("digits", "kind"),
    [
        ("13800001111", ("mobile", True)),
        ("12800001111", None),
        ("8613800001111", ("mobile", True)),
        ("138000011112", None),
        ("11010519491231002X", ("id_card", True)),
        ("110105194913310021", None),
        ("6222020000000000", ("bank_card", False)),
        ("4111111111111111", ("bank_card", True)),
        ("01088886666", ("landline", True)),
        ("4008208820", ("hotline", True)),
    ],
)
def test_kind_of_number(digits, kind):
    assert kind_of_number(digits) == kind


def test_misheard_check_digits_are_kept_but_marked():
    (card,) = find_entities("身份证三三零幺九九，幺九八八零七幺二，零四二六", ["id_card"])
    assert card.value == "330199198807120426"
    assert card.valid is id_card_valid(card.value)
