"""Differences in words that a compliance officer reads."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from callqa.inspect.rulebook import read_rulebook, shipped_rulebook
from callqa.rulebooks.diff import diff
from callqa.rulebooks.diff_words import as_text, in_words

Make = Callable[..., str]
RULE: dict[str, Any] = {
    "title": "服务禁语",
    "name": "banned",
    "version": 1,
    "status": "test",
    "level": "high",
    "scope": {"speaker": "agent"},
    "detection": {
        "phrase": {"terms": ["不归我管", "随便你"], "match": "exact"},
        "quoting": {"regex": ["您说"], "near": {"anchor": "phrase", "within": "4 chars", "where": "before"}},
        "condition": "phrase and not quoting",
    },
    "outcome": {"points": -5, "fatal": False},
    "tests": [{"name": "说了", "turns": [{"agent": "随便你"}], "expect": [{"turn": 0}]}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(yaml.safe_dump(RULE))
    *keys, last = path.split("/")
    at = data
    for key in keys:
        at = at[key]
    at[last] = value
    return data


def lines(before: Mapping[str, Any], after: Mapping[str, Any], language: str) -> tuple[str, ...]:
    sides = ({"a/banned.yaml": yaml.safe_dump(side, allow_unicode=True)} for side in (before, after))
    old, new = (read_rulebook(side) for side in sides)
    (section,) = in_words(diff(old, new), language)  # type: ignore[arg-type]
    return section.lines


@pytest.mark.parametrize(
    ("path", "value", "chinese", "english"),
    [
        ("level", "critical", "严重程度：高→致命", "severity: high → critical"),
        ("outcome/points", -20, "分值：-5→-20", "points: -5 → -20"),
        ("outcome/fatal", True, "一票否决：否→是", "fatal: no → yes"),
        ("outcome/message", "注意", "提示语：设为 注意", "message: set to 注意"),
        ("status", "stable", "状态：测试→正式", "status: test → stable"),
        ("scope/speaker", "customer", "检查对象：坐席→客户", "who is checked: agent → customer"),
        (
            "detection/phrase/terms",
            ["不归我管", "随便你", "你管不着", "关我什么事"],
            "新增检测项“phrase”的词语 2 个：你管不着、关我什么事",
            "2 added to terms of “phrase”: 你管不着, 关我什么事",
        ),
        (
            "detection/phrase/terms",
            ["不归我管", "爱买不买"],
            "新增检测项“phrase”的词语 1 个：爱买不买；删去检测项“phrase”的词语 1 个：随便你",
            "1 added to terms of “phrase”: 爱买不买; 1 taken out of terms of “phrase”: 随便你",
        ),
        (
            "detection/phrase/match",
            "pinyin",
            "检测项“phrase”的匹配方式：精确→同音",
            "match of “phrase”: exact → pinyin",
        ),
        (
            "detection/quoting/near/within",
            "8 chars",
            "检测项“quoting”的距离：4 chars→8 chars",
            "within of “quoting”: 4 chars → 8 chars",
        ),
    ],
)
def test_a_change_in_words(path: str, value: Any, chinese: str, english: str) -> None:
    after = changed(path, value)
    if path == "status":
        after["tests"].append({"name": "没说", "turns": [{"agent": "好"}], "expect": []})
        assert lines(RULE, after, "zh") == (chinese, "新增测试用例 1 个：没说")
        return
    assert lines(RULE, after, "zh") == (chinese,)
    assert lines(RULE, after, "en") == (english,)


def test_new_and_gone_rules_and_lists(make_rule: Make) -> None:
    uses = make_rule("hello", "您好").replace("terms: [您好]", "lists: [greet]")
    old = read_rulebook(
        {"a/hello.yaml": uses, "lists/greet.yaml": "terms: [您好]", "a/bye.yaml": make_rule("bye", "再见")}
    )
    new = read_rulebook(
        {
            "a/hello.yaml": uses,
            "lists/greet.yaml": "terms: [您好, 你好]",
            "a/thanks.yaml": make_rule("thanks", "谢谢"),
        }
    )
    assert as_text(in_words(diff(old, new))).splitlines() == [
        "删除规则【规则】（a.bye）",
        "新增规则【规则】（a.thanks）",
        "词表【greet】（greet）",
        "  新增词语 1 个：你好",
        "  影响 1 条规则：a.hello",
    ]


def test_long_lists_are_counted_and_cut(make_rule: Make) -> None:
    old = read_rulebook({"a/hello.yaml": make_rule("hello", "您好")})
    terms = [f"词{n}" for n in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"]
    new = read_rulebook({"a/hello.yaml": make_rule("hello", "您好", *terms)})
    (section,) = in_words(diff(old, new))
    assert section.lines[0].startswith("新增检测项“phrase”的词语 15 个：词甲、")
    assert section.lines[0].endswith("词丑等，另有 3 个")


def test_equal_rulebooks_differ_in_nothing() -> None:
    assert diff(shipped_rulebook(), shipped_rulebook()) == ()


def test_every_key_of_the_shipped_rules_has_a_word() -> None:
    known = yaml.safe_load((Path(__file__).parents[2] / "rulebooks" / "words.yaml").read_text("utf-8"))
    words = {part for key in known["zh"]["fields"] for part in key.split(".")}
    used: set[str] = set()
    for rule in shipped_rulebook().source["rules"].values():
        used |= set(rule) | set(rule.get("scope", {}))
        for name, detection in rule["detection"].items():
            used |= set(detection) if name != "condition" else set()
    assert used - {"scope", "detection", "outcome", "calls", "tests"} <= words
    assert known["zh"]["phrases"].keys() == known["en"]["phrases"].keys()
