"""Why a flag was raised, in words."""

from collections.abc import Mapping
from typing import Any

import pytest

from callqa.dashboard.texts import texts_in
from callqa.dashboard.why import why_text
from callqa.inspect.types import Flag, Level

ZH, EN = texts_in("zh"), texts_in("en")
SAID = "The agent says it."


def flag(trace: Mapping[str, Any] | None, *, utterance: int | None = 0) -> Flag:
    return Flag("a.b", 1, Level.HIGH, 2.0, 14.5, "agent", utterance, "x", 0, "exact", SAID, trace=trace)


def test_english_readers_get_the_rule_engines_own_sentence() -> None:
    assert why_text(flag({"detection": "phrase", "found": ["不归我管"]}), EN) == SAID


@pytest.mark.parametrize("trace", [None, {}])
def test_without_a_trace_the_sentence_is_all_there_is(trace: Mapping[str, Any] | None) -> None:
    assert why_text(flag(trace), ZH) == SAID


def test_words_that_were_heard_come_first_each_once() -> None:
    trace = {"detection": "post", "found": ["发到短视频", "让大家看", "发到短视频"], "truths": {"post": True}}
    assert why_text(flag(trace), ZH) == "听到“发到短视频”“让大家看”；检测项“post”成立"


def test_what_else_was_true_and_what_was_not_found_is_named() -> None:
    trace = {"detection": "a", "found": ["x"], "truths": {"a": True, "b": True, "c": False, "d": False}}
    assert why_text(flag(trace), ZH) == "听到“x”；检测项“a”成立；同时成立：b；未出现：c、d"


def test_a_long_list_of_names_is_cut() -> None:
    trace = {"detection": "a", "found": [], "truths": {f"n{i}": False for i in range(9)}}
    assert why_text(flag(trace), ZH).endswith("未出现：n0、n1、n2、n3、n4、n5…")


def test_a_stretch_of_sound_tells_how_long_it_lasts() -> None:
    trace = {"detection": "silence", "found": ["12.5 s of silence"], "truths": {"silence": True}}
    assert why_text(flag(trace, utterance=None), ZH) == "持续 12.5 秒；检测项“silence”成立"


def test_something_missing_tells_where_it_was_looked_for() -> None:
    trace = {"missing": "greeting", "searched": [0, 1]}
    assert why_text(flag(trace, utterance=None), ZH) == "在 0:02 至 0:14 的 2 句话里没有找到“greeting”"
