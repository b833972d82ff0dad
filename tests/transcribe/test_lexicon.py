"""The correction lexicon: right sounds get the right characters, words that exist are left alone."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.transcribe.lexicon import Lexicon, correct, read_terms
from callqa.transcribe.types import Word

SHIPPED = Lexicon.load()


def corrected(text, lexicon=SHIPPED):
    words = [Word(i * 0.1, i * 0.1 + 0.1, c, 0.9) for i, c in enumerate(text)]
    return "".join(w.text for w in correct(words, lexicon))


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("您好公号八零二三", "您好工号八零二三"),
        ("请报一下收获人姓名", "请报一下收货人姓名"),
        ("你们必须给我退前", "你们必须给我退钱"),
        ("有三天的宽线期", "有三天的宽限期"),
        ("何对一致", "核对一致"),
        ("我要去引宝间会", "我要去银保监会"),
        ("公号，公号。公号", "工号，工号。工号"),
    ],
)
def test_right_sounds_get_the_right_characters(heard, said):
    assert corrected(heard) == said


@pytest.mark.parametrize(
    "text",
    [
        "今天有收获",  # 收获 is a word and 收货人 is not what sounds here
        "我在酒店投宿",  # sounds like 投诉, and is a word
        "我又想问一下",  # sounds like 邮箱, and is grammar
        "VIP客户 ABC 123",
        "工号",
        "",
        "预期收益",  # a term that sounds like another term (逾期)
    ],
)
def test_words_that_exist_are_left_alone(text):
    assert corrected(text) == text


def test_times_and_lengths_stay():
    words = [Word(1.0, 1.2, "公", 0.4), Word(1.2, 1.5, "号，", 0.6), Word(1.6, 1.7, "好", 0.9)]
    done = correct(words, SHIPPED)
    assert [w.text for w in done] == ["工", "号，", "好"]
    assert [(w.start, w.end, w.confidence) for w in done] == [(w.start, w.end, w.confidence) for w in words]


def test_a_term_right_behind_another_is_found():
    """flashtext as it comes skips the character after each match."""
    assert corrected("公号退前", Lexicon(["工号", "退钱"])) == "工号退钱"


def test_a_term_next_to_latin_letters_and_digits_is_found():
    """flashtext as it comes takes 8 and Q for parts of the word."""
    assert corrected("8公号QQ", Lexicon(["工号"])) == "8工号QQ"


def test_the_longest_term_wins():
    assert corrected("收获人", Lexicon(["收货", "收货人"])) == "收货人"


def test_a_site_adds_its_own_words(tmp_path):
    site = tmp_path / "site.txt"
    site.write_text("# products\n江陵银行 优选商城\n", encoding="utf-8")
    assert corrected("您好将领银行") == "您好将领银行"
    assert corrected("您好江零银行", Lexicon.load(site)) == "您好江陵银行"


def test_terms_are_read_between_white_space():
    assert read_terms("# all\n一 二三\n四五 # six\n") == ["一", "二三", "四五"]


@given(st.text(alphabet="公号工退前钱收货获人VIP8，。 我", max_size=40))
@settings(max_examples=200, deadline=None)
def test_corrections_keep_length_and_never_overlap(text):
    found = SHIPPED.corrections(text)
    assert all(end - start == len(term) for start, end, term in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert len(corrected(text)) == len(text)


@given(st.lists(st.sampled_from("工号退钱收货人核对"), max_size=12).map("".join))
@settings(max_examples=200, deadline=None)
def test_search_by_sound_equals_brute_force_leftmost_longest(text):
    terms = ["工号", "退钱", "收货人", "收货", "核对"]
    assert Lexicon(terms)._processor.extract_keywords("\0".join(_sounds(text))) == _brute_force(text, terms)


def _sounds(text):
    from callqa.transcribe import lexicon

    return lexicon._codes(text)


def _brute_force(text, terms):
    found, at = [], 0
    while at < len(text):
        matching = [t for t in terms if text.startswith(t, at)]
        best = max(matching, key=len, default=None)
        found.extend([best] if best else [])
        at += len(best) if best else 1
    return found
