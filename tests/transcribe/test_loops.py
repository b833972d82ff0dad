"""What Whisper repeats in a loop is cut; what people repeat stays."""

import pytest

from callqa.transcribe.loops import cut_loops


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请点击订阅" * 6, "请点击订阅"),
        ("好的" * 20 + "再见", "好的再见"),
        ("嗯" * 40, "嗯"),
        ("前面正常" + "谢谢观看" * 4 + "后面也正常", "前面正常谢谢观看后面也正常"),
    ],
)
def test_loops_are_cut(text, expected):
    kept, cut = cut_loops(list(text), list(text))
    assert ("".join(kept), cut) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "对对对对",
        "好的好的好的",
        "不是不是",
        "平的平的师傅",
        "我要退款我要退款",
        "一三八八八八八八八八八",
        "",
        "幺幺幺幺幺幺幺",
    ],
)
def test_what_people_repeat_stays(text):
    assert cut_loops(list(text), list(text)) == (list(text), False)


def test_punctuation_between_repetitions_does_not_hide_a_loop():
    words = ["谢谢", "观看。"] * 5
    kept, cut = cut_loops(words, ["谢谢", "观看"] * 5)
    assert cut
    assert kept == ["谢谢", "观看。"]
