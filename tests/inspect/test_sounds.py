import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.inspect.sounds import Precision, sound_text, syllables


@pytest.mark.parametrize(
    ("said", "heard", "precision"),
    [
        ("工号", "公号", Precision.PINYIN),
        ("投诉", "投宿", Precision.PINYIN),
        ("再见", "在建", Precision.PINYIN),
        ("滚筒", "滚通", Precision.PINYIN),
        ("知道", "资道", Precision.FUZZY),
        ("领导", "宁导", Precision.FUZZY),
        ("生气", "森气", Precision.FUZZY),
    ],
)
def test_homophones_sound_alike(said, heard, precision):
    assert sound_text(said, precision) == sound_text(heard, precision)


@pytest.mark.parametrize(
    ("a", "b", "precision"),
    [
        ("工号", "公号", Precision.EXACT),
        ("知道", "资道", Precision.PINYIN),
        ("律师", "历史", Precision.PINYIN),
        ("投诉", "投标", Precision.FUZZY),
    ],
)
def test_other_words_do_not(a, b, precision):
    assert sound_text(a, precision) != sound_text(b, precision)


@pytest.mark.parametrize(("char", "syllable"), [("投", "tou"), ("女", "nv"), ("绿", "lv"), ("儿", "er")])
def test_syllables_are_toneless(char, syllable):
    assert syllables()[char] == syllable


@given(st.text(max_size=30), st.sampled_from(list(Precision)))
def test_length_and_latin_are_kept(text, precision):
    heard = sound_text(text, precision)
    assert len(heard) == len(text)
    assert all(h == t for h, t in zip(heard, text, strict=True) if t.isascii())
