"""Clips: clear, to the point, different, and whole lines."""

from typing import Any

import pytest

from callqa.transcribe.types import Doubt, Role, Utterance
from callqa.voice.clips import LONGEST, Clip, Evidence, alike, choose, clip_around

A, C = Role.AGENT, Role.CUSTOMER


def talk(*lines: tuple[Role, float, float, str], **more: Any) -> list[Utterance]:
    return [
        Utterance(
            i, start, end, role.value, role, text, more.get("confidence", 0.9), (), more.get("doubts", ())
        )
        for i, (role, start, end, text) in enumerate(lines)
    ]


def around(utterances: list[Utterance], first: int = 0) -> Clip | None:
    return clip_around(1, utterances, [u.text for u in utterances], Evidence(first, 0.8))


def test_a_clip_follows_the_talk_until_it_is_long_enough() -> None:
    lines = talk((C, 1, 6, "包装破了"), (A, 6, 8, "我看看"), (C, 8, 14, "每次都这样"), (C, 14, 20, "算了"))
    clip = around(lines)
    assert clip is not None
    assert clip.start == pytest.approx(0.6)
    assert clip.end == pytest.approx(14.4)
    assert clip.text == "包装破了 每次都这样"


def test_a_pause_ends_a_clip() -> None:
    clip = around(talk((C, 1, 6, "包装破了"), (C, 9, 14, "喂")))
    assert clip is not None
    assert clip.end == pytest.approx(6.4)


@pytest.mark.parametrize("line", [(C, 1, 2, "嗯"), (C, 1, 40, "很长")])
def test_a_line_that_is_too_short_or_too_long_makes_no_clip(line: tuple[Role, float, float, str]) -> None:
    assert around(talk(line)) is None


def test_no_clip_is_longer_than_it_may_be() -> None:
    clip = around(talk((C, 0, 11, "一"), (C, 11, 30, "二")))
    assert clip is not None
    assert clip.seconds <= LONGEST


def test_doubtful_lines_make_a_clip_less_clear() -> None:
    lines = ((C, 1.0, 8.0, "包装破了"),)
    clear, doubtful = around(talk(*lines)), around(talk(*lines, doubts=(Doubt.LOW_CONFIDENCE,)))
    assert clear and doubtful
    assert doubtful.clarity == pytest.approx(clear.clarity / 2)


def clip(n: int, text: str = "", **more: Any) -> Clip:
    usual = {"clarity": 0.9, "telling": 0.8, "start": 0.0, "end": 12.0} | more
    return Clip(n, text=text or f"独特内容{n}号包裹{n}", **usual)


def test_the_best_come_first() -> None:
    found = choose([clip(1, clarity=0.1), clip(2, telling=0.1), clip(3)])
    assert [c.recording_id for c in found] == [3, 2, 1]


def test_the_same_story_is_told_once() -> None:
    found = choose(
        [clip(1, "快递员把包裹扔在门口就走了"), clip(2, "快递员把包裹扔在门口就走"), clip(3, "退款一直没到")]
    )
    assert [c.recording_id for c in found] == [1, 3]


def test_a_customer_and_a_call_come_once() -> None:
    found = choose(
        [clip(1, customer="a"), clip(2, customer="a"), clip(3), clip(3, "另外一段", start=60.0, end=70.0)]
    )
    assert [c.recording_id for c in found] == [1, 3]


def test_agents_take_turns_where_clips_are_as_good() -> None:
    found = choose([clip(1, agent="7"), clip(2, agent="7"), clip(3, agent="8")], most=2)
    assert [c.recording_id for c in found] == [1, 3]


def test_no_more_than_wanted() -> None:
    texts = "甲乙丙丁戊己庚辛壬癸"
    assert len(choose([clip(n, texts[n : n + 3] * 3) for n in range(8)], most=4)) == 4


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("退款", "退款", 1), ("退款", "物流", 0), ("要退款", "退款", 0.5), ("", "", 1)],
)
def test_alike(one: str, other: str, expected: float) -> None:
    assert alike(one, other) == expected
