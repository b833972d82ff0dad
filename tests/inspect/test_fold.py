import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.inspect.fold import fold, fold_positions


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("您好，工號：八零二三！", "您好工号8023"),
        ("幺三八 0013", "1380013"),
        ("ＶＩＰ客户", "vip客户"),
        ("投訴、退費…", "投诉退费"),
        ("两遍，俩人", "2遍俩人"),
        ("壹贰叁", "123"),
        ("百分之百 100%", "百分之百100%"),
        ("①②", "12"),
        ("a@b.com", "a@bcom"),
        ("", ""),
        ("，。！ \t\n", ""),
    ],
)
def test_writing_is_folded_away(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize("same", [("工号", "公号"), ("再见", "在见"), ("12315", "12345")])
def test_different_words_stay_different(same):
    assert fold(same[0]) != fold(same[1])


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_every_folded_character_knows_where_it_came_from(text):
    positions = fold_positions(text)
    assert len(positions) == len(fold(text))
    assert positions == sorted(positions)
    assert all(fold(text[p]) for p in positions)


@given(st.text(max_size=20), st.text(max_size=20))
def test_folding_has_no_context(a, b):
    assert fold(a + b) == fold(a) + fold(b)


@given(st.text(alphabet="投訴退錢一二三ABCｖ，。 壹①", max_size=20))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
