"""The right sound in the wrong characters is put right; what is right, stays."""

import pytest

from callqa.transcribe.homophones import Homophones, corrected
from callqa.transcribe.lexicon import Lexicon
from callqa.transcribe.types import Word


@pytest.fixture(scope="module")
def homophones():
    return Homophones.load(Lexicon.load().terms)


def better(homophones, text, confidence=0.6):
    return homophones.corrected(text, [confidence] * len(text))


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("您好公号八零二三", "您好工号八零二三"),
        ("我帮您和实一下身分", "我帮您核实一下身份"),
        ("收获地址填错了", "收货地址填错了"),
        ("我要头诉你们", "我要投诉你们"),
        ("请问您遇到什么问提", "请问您遇到什么问题"),
        ("师父明天连系您", "师傅明天联系您"),
        ("你们什么时候能解绝", "你们什么时候能解决"),
        ("电话三三要六公号", "电话三三幺六工号"),
    ],
)
def test_the_likelier_words_of_the_same_sound_are_written(homophones, heard, said):
    assert better(homophones, heard) == said


@pytest.mark.parametrize(
    "said",
    [
        "您好，请问有什么可以帮您？",
        "工号八零二三，尾号七八零四。",
        "我在你们平台买了一台洗衣机，",
        "王玲玲的身份证号码",
        "一百二十九还不多花钱",
        "VIP客户，OK",
        "3.5折",
        "",
        "好",
    ],
)
def test_what_is_right_stays(homophones, said):
    assert better(homophones, said, 0.9) == said


def test_length_and_everything_but_chinese_stay(homophones):
    heard = "您的ABC订但号，12 3。和对一下"
    written = better(homophones, heard)
    assert len(written) == len(heard)
    assert [c for c in written if c.isascii()] == [c for c in heard if c.isascii()]


def test_a_sure_recogniser_is_believed_longer(homophones):
    heard = "请您核时一下"
    assert better(homophones, heard, 0.3) == "请您核实一下"
    table = [better(homophones, "他在何时发货", c) for c in (0.5, 0.99)]
    assert table[-1] == "他在何时发货"


def test_a_term_of_the_lexicon_wins_where_it_sounds_right():
    plain, site = Homophones.load([]), Homophones.load(["云杉优选"])
    heard = "欢迎致电云山优选"
    assert better(plain, heard) != "欢迎致电云杉优选"
    assert better(site, heard) == "欢迎致电云杉优选"


def test_words_keep_times_marks_and_confidence(homophones):
    heard = [Word(0.0, 0.2, "公", 0.4), Word(0.2, 0.4, "号，", 0.5), Word(0.4, 0.6, "OK", 0.9)]
    written = corrected(heard, homophones)
    assert [w.text for w in written] == ["工", "号，", "OK"]
    assert [(w.start, w.end, w.confidence) for w in written] == [
        (w.start, w.end, w.confidence) for w in heard
    ]


def test_no_words_no_correction(homophones):
    assert corrected([], homophones) == []
