"""Personal data in the words of a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callqa.dashboard.hiding import Hidden, hidden_parts, visible

PLAIN = st.text("您好谢谢，。abc12", max_size=6)


@pytest.mark.parametrize(
    ("text", "redacted", "expected"),
    [
        ("您好", "您好", []),
        ("12345", "[号码]", [Hidden(0, 5, "[号码]")]),
        ("我12，34吧", "我[号码]，[…]吧", [Hidden(1, 3, "[号码]"), Hidden(4, 6, "[…]")]),
        ("a(1)*b", "a[号码]b", [Hidden(1, 5, "[号码]")]),
        ("您好", "再见", None),
        ("您好", "您好[号码]", None),
    ],
)
def test_hidden_parts_are_found(text: str, redacted: str, expected: list[Hidden] | None) -> None:
    assert hidden_parts(text, redacted) == expected


@given(st.lists(st.tuples(PLAIN, st.text("0123456789", min_size=1, max_size=5)), max_size=4), PLAIN)
def test_the_visible_text_is_the_redacted_text(parts: list[tuple[str, str]], tail: str) -> None:
    text = "".join(kept + number for kept, number in parts) + tail
    redacted = "".join(f"{kept}[号码]" for kept, _ in parts) + tail
    hidden = hidden_parts(text, redacted)
    assert hidden is not None
    assert visible(text, 0, len(text), hidden) == redacted


@given(st.integers(0, 12), st.integers(0, 12))
def test_cutting_anywhere_shows_no_hidden_character_and_each_label_once(one: int, two: int) -> None:
    text, hidden = "电话12345谢谢678", [Hidden(2, 7, "[甲]"), Hidden(9, 12, "[乙]")]
    first, second = sorted((one, two))
    cuts = [(0, first), (first, second), (second, 12)]
    assert "".join(visible(text, a, b, hidden) for a, b in cuts) == "电话[甲]谢谢[乙]"
