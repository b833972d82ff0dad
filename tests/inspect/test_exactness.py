"""All occurrences, overlaps included, back to the original characters and words; where flashtext misses."""

import random

import pytest
from flashtext import KeywordProcessor
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.inspect.document import Document
from callqa.inspect.engine import inspect_call
from callqa.inspect.fold import fold, fold_lines
from callqa.inspect.terms import Term, TermMatcher
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word

from .conftest import rulebook_of

ALPHABET = "投诉诉退款款客服abAB12１２一二，。 ｖip「」訴"
TEXT = st.text(alphabet=ALPHABET, max_size=60)
TERM = st.text(alphabet=ALPHABET, min_size=1, max_size=5)


def everywhere(terms, folded):
    """Number, start and end of each occurrence, by looking at every place."""
    wanted = [fold(term) for term in terms]
    return {
        (number, at, at + len(term))
        for number, term in enumerate(wanted)
        for at in range(len(folded) if term else 0)
        if folded.startswith(term, at)
    }


def found(terms, folded):
    hits = list(TermMatcher(map(Term, terms)).find(folded))
    assert len(hits) == len(set(hits))
    return {(hit.term, hit.start, hit.end) for hit in hits}


@settings(max_examples=400, deadline=None)
@given(st.lists(TERM, max_size=12, unique=True), TEXT)
def test_every_occurrence_is_found_and_nothing_else(terms, text):
    assert found(terms, fold(text)) == everywhere(terms, fold(text))


@pytest.mark.parametrize("seed", range(5))
def test_terms_that_share_beginnings_and_ends(seed):
    dice = random.Random(seed)
    stems = ["".join(dice.choices("退款投", k=dice.randint(1, 3))) for _ in range(30)]
    terms = sorted({a + b for a in stems for b in stems} | set(stems))
    folded = "".join(dice.choices("退款投a", k=400))
    assert found(terms, folded) == everywhere(terms, folded)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_folding_all_lines_at_once_is_folding_each(texts):
    assert fold_lines(texts) == "\n".join(map(fold, texts))


@pytest.mark.parametrize(
    "texts",
    [["ß", "好"], ["", ""], ["㍿退款", "①②"], ["😀退", "\U00020000"], ["a\nb", "c\r\nd"], ["\ud800投"], []],
)
def test_odd_characters_fold_alike_both_ways(texts):
    assert fold_lines(texts) == "\n".join(map(fold, texts))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXT.filter(fold), st.lists(TERM, max_size=4)), min_size=1, max_size=4))
def test_every_hit_leads_back_to_its_characters_and_words(said):
    utterances = tuple(spoken(i, text) for i, (text, _) in enumerate(said))
    doc = Document(Transcript(99.0, 2, "zh", utterances, measure(utterances, 99.0)))
    for number, start, end in found([t for _, terms in said for t in terms], doc.text):
        line, first, last = doc.original(start, end)
        utterance, quote = doc.utterances[line], doc.quote(start, end)
        assert fold(quote.text) == doc.text[start:end]
        assert (quote.start, quote.end) == (utterance.words[first].start, utterance.words[last - 1].end)
        assert number >= 0


def spoken(index, text):
    at = index * 30.0
    words = tuple(Word(at + k / 3, at + k / 3 + 0.3, char, 0.9) for k, char in enumerate(text))
    return Utterance(index, at, words[-1].end, "S", Role.AGENT, text, words=words)


MISSED = [
    ("投诉退款", ["投诉", "退款"]),
    ("8工号", ["工号"]),
    ("QQ微信", ["微信"]),
    ("VIP客服电话", ["客服电话"]),
    ("「验证码123」", ["验证码"]),
    ("人民法院", ["人民法院", "法院"]),
]


@pytest.mark.parametrize(("text", "terms"), MISSED)
def test_what_flashtext_misses_is_found(text, terms):
    plain = KeywordProcessor()
    plain.add_keywords_from_list(terms)
    assert len(plain.extract_keywords(text)) < len(terms)  # else this is no regression test
    assert {terms[number] for number, _, _ in found(terms, fold(text))} == set(terms)


@pytest.mark.parametrize(("text", "terms"), MISSED)
def test_and_becomes_a_flag(text, terms):
    utterance = spoken(0, text)
    transcript = Transcript(9.0, 2, "zh", (utterance,), measure((utterance,), 9.0))
    for term in terms:
        book = rulebook_of({"t": {"terms": [term]}, "condition": "t"})
        assert len(inspect_call(transcript, book).flags) == 1
