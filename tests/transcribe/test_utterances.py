"""From recognised words to utterances: nothing invented gets through, doubts are named."""

import pytest

from callqa.transcribe.chinese import chinese_marks, simplify
from callqa.transcribe.recogniser import Heard
from callqa.transcribe.types import Doubt, Role, Span, Word
from callqa.transcribe.utterances import finish, utterance, words_by_piece
from callqa.transcribe.windows import Piece, pack

PIECE = Piece(Span(10.0, 12.0), 0, 0)


def words(text, confidence=0.9, start=10.0):
    return [Word(start + 0.1 * i, start + 0.1 * (i + 1), c, confidence) for i, c in enumerate(text)]


def test_text_is_the_joined_words():
    made = utterance(PIECE, words("您好，请讲。"), 0, False)
    assert made is not None
    assert made.text == "".join(w.text for w in made.words) == "您好，请讲。"


@pytest.mark.parametrize("text", ["", "。", " ，… "])
def test_punctuation_alone_is_no_utterance(text):
    assert utterance(PIECE, words(text), 0, False) is None


@pytest.mark.parametrize("text", ["字幕由Amara.org社区提供", "请不吝点赞订阅转发", "感谢观看"])
def test_film_credits_of_low_confidence_are_invented(text):
    assert utterance(PIECE, words(text, 0.4), 0, False) is None


@pytest.mark.parametrize("text", ["感谢您的来电", "我在电视上看到字幕了", "感谢观看"])
def test_what_was_clearly_said_stays(text):
    assert utterance(PIECE, words(text, 0.95), 0, False) is not None


@pytest.mark.parametrize(
    ("text", "confidence", "overlapped", "doubt"),
    [
        ("你说什么呢我没听清", 0.3, False, Doubt.LOW_CONFIDENCE),
        ("谢谢大家观看" * 5, 0.9, False, Doubt.REPETITION),
        ("我" + "要退款现在马上立刻全部退给我一分钱都不能少听到没有呢", 0.9, True, Doubt.OVERLAP),
        ("一二三四五六七八九十百千万亿甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳", 0.9, False, Doubt.ODD_RATE),
    ],
)
def test_doubts_are_named(text, confidence, overlapped, doubt):
    made = utterance(PIECE, words(text, confidence), 0, overlapped)
    assert made is not None
    assert doubt in made.doubts


def test_clear_speech_has_no_doubts():
    made = utterance(PIECE, words("请问有什么可以帮您"), 0, False)
    assert made is not None
    assert made.doubts == ()


def test_finish_orders_names_and_gives_roles():
    early = utterance(Piece(Span(0, 1), 1, 1), words("我要退款", start=0), 1, False)
    late = utterance(PIECE, words("您好"), 0, False)
    assert early is not None
    assert late is not None
    done = finish([late, early], {"0": Role.AGENT, "1": Role.CUSTOMER})
    assert [(u.index, u.speaker, u.role) for u in done] == [
        (0, "S1", Role.CUSTOMER),
        (1, "S2", Role.AGENT),
    ]


def test_words_go_to_the_piece_they_were_said_in():
    pieces = [Piece(Span(5, 6), 0, 0), Piece(Span(50, 51), 0, 0)]
    (window,) = pack(pieces, 60)
    second = window.placed[1].offset
    heard = Heard((Word(0.3, 0.5, "請", 0.9), Word(second + 0.3, second + 0.5, "問", 0.9)), "zh", False)
    found = words_by_piece([(window, heard)])
    assert [[w.text for w in found[p]] for p in pieces] == [["请"], ["问"]]
    assert found[pieces[1]][0].start == pytest.approx(50.2)


@pytest.mark.parametrize(
    ("language", "kept"), [("zh", ["请，", "问"]), ("ja", ["請,", "問"]), ("en", ["請,", "問"])]
)
def test_only_chinese_becomes_simplified_with_its_own_marks(language, kept):
    piece = Piece(Span(5, 6), 0, 0)
    (window,) = pack([piece], 60)
    heard = Heard((Word(0.3, 0.5, "請,", 0.9), Word(0.5, 0.7, "問", 0.9)), language, False)
    assert [w.text for w in words_by_piece([(window, heard)])[piece]] == kept


@pytest.mark.parametrize(
    ("written", "marked"),
    [("您好,", "您好，"), ("好吗?", "好吗？"), ("3.5", "3.5"), ("OK,好.", "OK,好。"), ("v1,2", "v1,2")],
)
def test_marks_after_chinese_are_full_width(written, marked):
    assert chinese_marks(written) == marked


@pytest.mark.parametrize(
    ("written", "simplified"),
    [
        ("請問您的電話號碼", "请问您的电话号码"),
        ("已经简体", "已经简体"),
        ("VIP 客戶", "VIP 客户"),
        ("乾淨", "干净"),
    ],
)
def test_simplified_out_one_for_one(written, simplified):
    assert simplify(written) == simplified


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        ("你哪里啊４", "你哪里啊"),
        ("没人管Ｇ我要退款Ｇ", "没人管我要退款"),
        ("我是ＶＩＰ客户", "我是ＶＩＰ客户"),
        ("尾号4吗", "尾号4吗"),
    ],
)
def test_lone_full_width_letters_and_digits_are_stray_marks(heard, kept):
    made = utterance(PIECE, words(heard), 0, False)
    assert made is not None
    assert made.text == kept
