import pytest

from callqa.evaluate.confusion import characters_heard, most_common, words_heard


@pytest.mark.parametrize(
    ("said", "heard", "pairs"),
    [
        ("工号八", "公号八", {("工", "公"): 1}),
        ("再见再见", "在见在见", {("再", "在"): 2}),
        ("我要退款", "我退款", {("要", ""): 1}),
        ("我退款", "我要退款", {}),
        ("一样的", "一样的", {}),
    ],
)
def test_characters(said, heard, pairs):
    assert dict(characters_heard(said, heard)) == pairs


def test_words_are_shown_whole():
    found = words_heard("我买的洗衣机坏了", "我买的喜衣机坏了")
    assert dict(found) == {("洗衣机", "喜衣机"): 1}


def test_a_word_that_was_left_out():
    assert ("洗衣机", "") in words_heard("我买的洗衣机坏了", "我买的坏了")


def test_the_frequent_ones_first_and_whether_they_sound_alike():
    found = most_common(characters_heard("工工不", "公公布") + characters_heard("天", "地"), 2)
    assert [(c.said, c.heard, c.count, c.alike) for c in found] == [
        ("工", "公", 2, True),
        ("不", "布", 1, True),
    ]
    assert not most_common(characters_heard("天", "地"), 1)[0].alike
