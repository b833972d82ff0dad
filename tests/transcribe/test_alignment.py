"""Tokens of bytes become words with times; bytes that are no character cost nothing else."""

import pytest

from callqa.transcribe.alignment import Token, bytes_of, timed_tokens, words_of


def steps(count, frames=10):
    """An alignment path on which every token, and the end after them, lasts ``frames`` frames."""
    return [(token, frame) for token in range(count) for frame in range(token * frames, (token + 1) * frames)]


def tokens(*pieces, confidence=0.5):
    return timed_tokens(pieces, [confidence] * len(pieces), steps(len(pieces) + 1))


def test_each_token_lasts_from_its_own_first_frame_to_the_next_ones():
    found = tokens("您".encode(), "好".encode())
    assert [(t.text, t.start, t.end) for t in found] == [("您", 0.0, 0.2), ("好", 0.2, 0.4)]


def test_a_character_over_several_tokens_is_one_with_their_mean_confidence():
    first, rest = "滚".encode()[:1], "滚".encode()[1:]
    (found,) = timed_tokens([first, rest], [0.2, 0.6], steps(3))
    assert found.text == "滚" and (found.start, found.end) == (0.0, 0.4)
    assert found.confidence == pytest.approx(0.4)


@pytest.mark.parametrize("broken", [b"\xe6", b"\xe6\xbb", b"\xff", b"\x9a\x9a"])
def test_bytes_that_never_become_a_character_lose_nothing_that_follows(broken):
    found = tokens("您".encode(), broken, "好".encode(), "吗".encode())
    assert "".join(t.text for t in found) == "您好吗"


def test_broken_bytes_at_the_end_are_dropped():
    assert [t.text for t in tokens("您".encode(), b"\xe6")] == ["您"]


def test_a_token_that_the_path_skips_has_no_length():
    path = [(0, 0), (0, 1), (2, 2), (3, 3)]
    found = timed_tokens(["您".encode(), "好".encode(), "吗".encode()], [1, 1, 1], path)
    assert [(t.start, t.end) for t in found] == [(0.0, 0.04), (0.04, 0.04), (0.04, 0.06)]


def test_no_tokens_no_words():
    assert timed_tokens([], [], []) == []


def test_tokens_of_several_characters_become_one_word_each():
    words = words_of([Token("什么", 1.0, 1.4, 0.8), Token("，", 1.4, 1.5, 0.1), Token("呢", 1.5, 1.7, 0.9)])
    assert [(w.text, w.start, w.end) for w in words] == [
        ("什", 1.0, 1.2),
        ("么，", 1.2, 1.4),
        ("呢", 1.5, 1.7),
    ]


def test_latin_letters_and_digits_are_one_word():
    words = words_of([Token("VI", 0, 1, 0.9), Token("P", 1, 2, 0.4), Token("客", 2, 3, 1.0)])
    assert [(w.text, w.start, w.end) for w in words] == [("VIP", 0, 2), ("客", 2, 3)]
    assert words[0].confidence == pytest.approx(0.6)


@pytest.mark.parametrize(("token", "wanted"), [("Ġhi", b" hi"), ("æĤ¨", "您".encode()), ("!", b"!")])
def test_byte_level_tokens_lead_back_to_their_bytes(token, wanted):
    assert bytes_of(token) == wanted


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["您", "好", "，", "请"], ["您", "好，", "请"]),
        (["工", "号", "80", "23"], ["工", "号", "8023"]),
        ([" V", "IP", "客"], [" VIP", "客"]),
        ([" iPhone", " is"], [" iPhone", " is"]),
        (["，", "好"], ["，", "好"]),
    ],
)
def test_tokens_become_words(tokens, expected):
    assert [w.text for w in words_of(Token(t, 0.0, 0.1, 0.9) for t in tokens)] == expected
