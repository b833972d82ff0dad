import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.inspect.fold import fold
from callqa.inspect.sounds import Precision, sound_text
from callqa.inspect.terms import Term, TermHit, TermMatcher

ALPHABET = "投透诉宿退款腿a1一 ，Q"


def brute(terms, folded):
    """Every occurrence, found by looking everywhere."""
    found = set()
    for number, term in enumerate(terms):
        wanted = fold(term.text)
        for start in range(len(folded) - len(wanted) + 1 if wanted else 0):
            written = folded[start : start + len(wanted)]
            if written == wanted:
                found.add(TermHit(number, start, start + len(wanted), True))
            elif sound_text(written, term.precision) == sound_text(wanted, term.precision):
                alike = sum(a == b for a, b in zip(wanted, written, strict=True))
                if len(wanted) >= 3 or term.short_sounds or (2 * alike >= len(wanted) > 1):
                    found.add(TermHit(number, start, start + len(wanted), False))
    return found


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.builds(
            Term,
            st.text(alphabet=ALPHABET, max_size=5),
            st.sampled_from(list(Precision)),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.text(alphabet=ALPHABET, max_size=40),
)
def test_finds_what_looking_everywhere_finds(terms, text):
    folded = fold(text)
    hits = list(TermMatcher(terms).find(folded))
    assert len(hits) == len(set(hits))
    assert set(hits) == brute(terms, folded)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(0, 30))
def test_shared_prefixes_are_all_found(depth, length):
    terms = [Term("退" * n) for n in range(1, depth + 1)]
    folded = "退" * length
    assert set(TermMatcher(terms).find(folded)) == brute(terms, folded)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("投诉退款", ["投诉", "退款"]),
        ("8工号", ["工号"]),
        ("QQ微信", ["qq", "微信"]),
        ("VIP客服电话", ["客服电话", "客服"]),
        ("「验证码123」", ["验证码", "123"]),
        ("人民法院", ["法院", "人民法院", "人民"]),
    ],
)
def test_the_misses_of_word_bound_matching_are_found(text, terms):
    hits = TermMatcher([Term(t) for t in terms]).find(fold(text))
    assert {h.term for h in hits} == set(range(len(terms)))


@pytest.mark.parametrize(
    ("term", "text", "hit"),
    [
        (Term("公众号", Precision.PINYIN), "工种号", True),
        (Term("工号", Precision.PINYIN), "公号", True),
        (Term("工号", Precision.PINYIN), "共耗", False),
        (Term("工号", Precision.PINYIN, short_sounds=True), "共耗", True),
        (Term("公众号"), "工种号", False),
    ],
)
def test_short_terms_need_more_than_the_sound(term, text, hit):
    assert bool(list(TermMatcher([term]).find(text))) is hit


def test_sound_hits_are_labelled():
    (hit,) = TermMatcher([Term("消费者协会", Precision.PINYIN)]).find("消费者鞋会")
    assert not hit.exact


@pytest.mark.parametrize("empty", ["", "，。", " "])
def test_terms_without_characters_never_match(empty):
    assert list(TermMatcher([Term(empty), Term("投诉")]).find("投诉")) == [TermHit(1, 0, 2, True)]


def test_lines_never_mix():
    assert list(TermMatcher([Term("投诉")]).find("投\n诉")) == []
