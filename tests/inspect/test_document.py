import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.inspect.document import Document, char_times
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word


def document(*utterances):
    return Document(Transcript(100.0, 2, "zh", tuple(utterances), measure(utterances, 100.0)))


def said(index, start, end, text, words=(), role=Role.AGENT):
    return Utterance(index, start, end, str(role), role, text, words=tuple(words))


WORDS = [Word(1.0, 1.4, "您", 0.9), Word(1.5, 2.0, "好，", 0.9), Word(3.0, 3.5, "VIP", 0.9)]


@pytest.mark.parametrize(
    ("first", "last", "times"),
    [(0, 1, (1.0, 1.4)), (0, 2, (1.0, 2.0)), (2, 3, (1.5, 2.0)), (4, 5, (3.0, 3.5)), (1, 6, (1.5, 3.5))],
)
def test_times_come_from_words(first, last, times):
    assert char_times(said(0, 1, 4, "您好，VIP", WORDS), first, last) == times


def test_words_that_do_not_spell_the_text_are_not_trusted():
    utterance = said(0, 10.0, 14.0, "另外的话", WORDS)
    assert char_times(utterance, 1, 3) == (11.0, 13.0)


def test_quotes_are_original_characters():
    doc = document(said(0, 0, 4, "啊，工號：八零二三。"))
    at = doc.text.index("工号8023")
    assert doc.quote(at, at + 6).text == "工號：八零二三"


def test_lines_follow_time_not_index():
    doc = document(said(0, 9, 10, "后说"), said(1, 1, 2, "先说"))
    assert doc.text == "先说\n后说"
    assert [doc.line(i) for i in (0, 1, 3, 4)] == [0, 0, 1, 1]


@given(st.lists(st.text(alphabet="投诉，。一AB ", max_size=8), min_size=1, max_size=6))
def test_every_position_leads_back_to_its_utterance(texts):
    doc = document(*(said(i, i * 2, i * 2 + 1, t) for i, t in enumerate(texts)))
    for line in range(len(texts)):
        start, end = doc.span(line)
        for position in range(start, end):
            where, first, last = doc.original(position, position + 1)
            assert where == line
            assert last == first + 1
            assert doc.utterances[line].start <= doc.quote(position, position + 1).start
