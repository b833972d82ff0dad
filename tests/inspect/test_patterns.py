import pytest

from callqa.inspect.expression import Expression
from callqa.inspect.limits import Budget
from callqa.inspect.patterns import PatternError, compile_pattern, expand, fold_pattern
from callqa.inspect.sounds import Precision, sound_text


def found(source, text, precision=Precision.EXACT):
    heard = sound_text(text, precision)
    expression = Expression(source, precision)
    read = expression.read([text.encode()], [heard.encode()])
    return [
        match for _, written, sounds in read for match in expression.graded(text, written, sounds, Budget())
    ]


@pytest.mark.parametrize(
    ("source", "folded"),
    [
        ("打(?:幺二三一五|投訴)", "打(?:12315|投诉)"),
        ("[一二三]遍", "[123]遍"),
        ("[^不]要", r"[^\n不]要"),
        (r"\[^a", r"\[^a"),
        (r"\d{3,6}", r"\d{3,6}"),
    ],
)
def test_patterns_are_folded_like_text(source, folded):
    assert fold_pattern(source) == folded


@pytest.mark.parametrize(
    "source", ["投诉，退款", "您好。", "（a）", "(投诉", "a{2,1}", "(?:投诉)*", "(?=退)"]
)
def test_what_cannot_work_is_refused(source):
    with pytest.raises(PatternError):
        compile_pattern(source)


def test_lists_are_expanded_within_lists():
    lists = {"orgs": ("消协", "{hotline}"), "hotline": ("12315",)}
    assert expand("找{orgs}去", lists) == "找(?:消协|(?:12315))去"


def test_unknown_lists_are_named():
    with pytest.raises(PatternError, match="no list 'orgs'"):
        expand("找{orgs}", {})


def test_repetition_counts_are_no_lists():
    assert expand("a{2,3}", {}) == "a{2,3}"


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("退(?:钱|款)", "我要退钱", [(2, 4, True)]),
        ("我.{0,3}投诉", "我要投诉你\n我投诉", [(0, 4, True), (6, 9, True)]),
        ("我.{0,3}投诉", "我要\n投诉", []),
        ("投诉$", "投诉\n投诉你", [(0, 2, True)]),
    ],
)
def test_matches(source, text, expected):
    assert found(source, text) == expected


@pytest.mark.parametrize(
    ("source", "text", "hit"),
    [
        ("去投诉你们", "去投宿你们", True),
        ("找消协", "找销协", True),
        ("找消协", "招销协", False),
        ("去法院起诉", "去发远起诉", True),
        ("投诉", "投宿", False),
        ("去投诉你们", "去投标你们", False),
    ],
)
def test_misheard_characters_are_forgiven_but_not_all_of_them(source, text, hit):
    assert bool(found(source, text, Precision.PINYIN)) is hit


@pytest.mark.parametrize(
    ("source", "text", "hit"),
    [
        ("你.{0,4}出.{0,6}钱", "你说清楚给个钱", False),
        ("(?:得|要).{0,4}赔款", "我的理赔款", False),
        ("(?:得|要).{0,4}赔款", "得给我陪款", True),
        ("把.{0,4}退掉", "把这个推掉", True),
        ("(?:你|您)借(?:的|了)", "您介的", False),
        ("就是(?:你|您)借(?:的|了)", "就是您介的", True),
        ("您(?:贷|借款)", "您介款", True),
        ("您[借贷]款", "您介款", False),
        ("把.{0,4}注销", "把这个主消", False),
        ("就法院见", "就发远见", True),
        ("去.{0,6}(?:银保监|保监)", "去银报剪", True),
        ("去.{0,6}?(?:银保监|保监)", "去银报剪", True),
        ("去.{0,6}保监", "去银报剪", False),
        ("我.{0,3}担保|拿人格担保", "我拿人格单宝", True),
    ],
)
def test_half_of_each_stretch_between_gaps_is_written_alike(source, text, hit):
    assert bool(found(source, text, Precision.PINYIN)) is hit


def test_what_sounds_so_hides_nothing_that_is_written_so():
    assert found("(?:我|握).{0,8}退款", "卧退款我退款", Precision.PINYIN) == [(3, 6, True)]


def test_gaps_are_those_of_the_author_not_his_groups():
    assert found(r"(我|你)要(投诉|退款)", "我要投宿", Precision.PINYIN) == [(0, 4, False)]


def test_misheard_hits_are_labelled():
    assert [exact for *_, exact in found("去投诉你们", "去投诉你们去投宿你们", Precision.PINYIN)] == [
        True,
        False,
    ]


def test_hostile_patterns_stay_linear():
    assert found("(?:(?:退+)+)+款", "退" * 3000) == []
