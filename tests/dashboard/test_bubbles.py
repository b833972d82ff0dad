"""Words, quotes and doubt of a line."""

import pytest

from callqa.dashboard import bubbles
from callqa.dashboard.bubbles import bubble, concerns, quoted
from callqa.dashboard.texts import texts_in
from callqa.inspect.types import Flag, Level
from callqa.store.call import StoredFlag
from callqa.transcribe.types import Doubt, Role, Utterance, Word

ZH = texts_in("zh")


def line(
    text: str, *, index: int = 0, start: float = 10.0, unsure: str = "", words: bool = True
) -> Utterance:
    """One character each 0.2 s."""
    spoken = tuple(
        Word(start + i * 0.2, start + (i + 1) * 0.2, c, 0.2 if c in unsure else 0.9)
        for i, c in enumerate(text)
    )
    end = start + len(text) * 0.2
    return Utterance(index, start, end, "S0", Role.AGENT, text, 0.9, spoken if words else ())


def pieces(u: Utterance, flags: list[StoredFlag], redacted: str | None = None) -> list[bubbles.Piece]:
    return bubbles.pieces(u, flags, u.text if redacted is None else redacted)


def hit(
    quote: str, start: float, end: float, *, utterance: int | None = 0, id: int = 1, match: str = "exact"
) -> StoredFlag:
    flag = Flag("a.b", 1, Level.HIGH, start, end, "agent", utterance, quote, 0, match, "")
    return StoredFlag(id, flag, None)


@pytest.mark.parametrize(
    ("text", "quote", "start", "expected"),
    [
        ("这个不归我管", "不归我管", 10.4, (2, 6)),
        ("投诉投诉投诉", "投诉", 10.4, (2, 4)),
        ("投诉投诉投诉", "投诉", 10.8, (4, 6)),
        ("投诉投诉投诉", "投诉", 10.0, (0, 2)),
    ],
)
def test_the_quote_is_found_where_it_was_heard(
    text: str, quote: str, start: float, expected: tuple[int, int]
) -> None:
    assert quoted(line(text), hit(quote, start, start + 0.4)) == expected


def test_a_quote_of_another_line_marks_nothing_here() -> None:
    assert quoted(line("不归我管", index=1), hit("不归我管", 10, 11, utterance=0)) is None


def test_a_quote_that_is_not_in_the_text_is_marked_by_its_time() -> None:
    assert quoted(line("您好请讲"), hit("完全不同", 10.2, 10.6)) == (1, 3)


def test_a_flag_without_a_quote_marks_nothing() -> None:
    assert quoted(line("您好"), hit("", 10, 11)) is None


def test_a_flag_about_a_stretch_of_sound_underlines_nothing() -> None:
    assert quoted(line("您好请讲"), hit("您好请讲", 10, 10.8, utterance=None)) is None


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (hit("您好", 10, 11, utterance=0), True),
        (hit("您好", 10, 11, utterance=1), False),
        (hit("", 9, 10.1, utterance=None), True),
        (hit("", 9, 10.0, utterance=None), False),
        (hit("", 10.8, 12, utterance=None), False),
        (hit("", 0, 99, utterance=None, match="absence"), False),
    ],
)
def test_a_line_names_the_flags_that_are_about_it(stored: StoredFlag, expected: bool) -> None:
    assert concerns(stored, line("您好请讲")) is expected


@pytest.mark.parametrize("words", [True, False])
def test_pieces_join_to_the_text(words: bool) -> None:
    u = line("这个不归我管，你自己去找。", words=words)
    assert "".join(p[0] for p in pieces(u, [hit("不归我管", 10.4, 11.2)])) == u.text


def test_pieces_carry_the_start_of_each_word() -> None:
    assert [p[1] for p in pieces(line("您好"), [])] == [10.0, 10.2]


def test_a_doubtful_word_is_marked() -> None:
    assert [p[2] for p in pieces(line("找厂家", unsure="厂"), [])] == [0, 1, 0]


def test_overlapping_quotes_mark_their_common_words_twice() -> None:
    found = pieces(line("去消协投诉"), [hit("去消协", 10, 10.6, id=1), hit("消协投诉", 10.2, 11, id=2)])
    assert [p[3] for p in found] == [[1], [1, 2], [1, 2], [2], [2]]


def test_without_words_the_text_is_cut_at_the_quote() -> None:
    found = pieces(line("这个不归我管吧", words=False), [hit("不归我管", 10.4, 11.2, id=7)])
    assert [(p[0], p[3]) for p in found] == [("这个", []), ("不归我管", [7]), ("吧", [])]


def test_words_that_do_not_make_up_the_text_are_not_trusted() -> None:
    u = line("您好")
    other = Utterance(0, u.start, u.end, "S0", Role.AGENT, "您好呀", 0.9, u.words)
    assert [p[0] for p in pieces(other, [])] == ["您好呀"]


def test_an_empty_line_has_no_pieces() -> None:
    assert pieces(line(""), []) == []


def test_doubts_are_named() -> None:
    u = line("您好")
    doubtful = Utterance(0, u.start, u.end, "S0", Role.AGENT, "您好", 0.9, u.words, (Doubt.OVERLAP,))
    assert bubble(doubtful, [], "您好", ZH)["doubts"] == ["两人同时说话"]


@pytest.mark.parametrize("words", [True, False])
def test_a_number_is_shown_as_what_it_is(words: bool) -> None:
    u = line("电话是幺三八零零零零幺幺幺幺，谢谢", words=words)
    found = pieces(u, [], "电话是[手机号]，谢谢")
    assert "".join(p[0] for p in found) == "电话是[手机号]，谢谢"


def test_a_hidden_number_keeps_the_time_of_its_first_word_and_its_flag() -> None:
    u = line("电话12345谢谢")
    found = pieces(u, [hit("12345", 10.4, 11.4, id=9)], "电话[号码]谢谢")
    assert found[2] == ["[号码]", 10.4, 0, [9], 2, 7, bubbles.HIDDEN]
    assert [p[0] for p in found] == ["电", "话", "[号码]", "谢", "谢"]


def test_a_redacted_text_that_does_not_fit_is_shown_as_it_is() -> None:
    assert pieces(line("电话12345"), [], "别的[号码]") == [["别的[号码]", 10.0, 0, [], 0, 7, bubbles.HIDDEN]]
