"""A form makes a rule that loads and does what the form says; a rule it cannot hold it does not open."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from callqa.dashboard.rule_forms import SHAPES, RuleForm, form_of, rule_of
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import read_rulebook, shipped_rulebook
from callqa.inspect.testing import transcript_of_turns
from callqa.rulebooks.texts import to_yaml

FORM = RuleForm("测试规则", "tried", description="说明", message="提示", points=-5, status="test")
FORMS = {
    "any": replace(FORM, shape="any", terms=("不归我管", "随便你")),
    "all": replace(FORM, shape="all", terms=("姓名", "身份证")),
    "none": replace(FORM, shape="none", terms=("再见",), part="last", part_amount=2),
    "near": replace(
        FORM,
        shape="near",
        terms=("理财",),
        other_terms=("保本",),
        within=20,
        where="after",
        other_speaker="agent",
    ),
    "without": replace(FORM, shape="without", terms=("理财",), other_terms=("有风险",), within=60),
    "regex": replace(FORM, shape="regex", patterns=("投诉.{0,3}没用",)),
    "silence": replace(FORM, shape="silence", seconds=8),
    "rate": replace(FORM, shape="rate", rate=380),
    "interruption": replace(FORM, shape="interruption", seconds=0.5),
    "entity": replace(FORM, shape="entity", entities=("mobile",)),
}
HITS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "any": ([{"agent": "这个不归我管。"}], [{"agent": "我帮您办。"}]),
    "all": ([{"agent": "请报姓名和身份证。"}], [{"agent": "请报姓名。"}]),
    "none": ([{"agent": "您好。"}, {"agent": "好的。"}], [{"agent": "您好。"}, {"agent": "再见。"}]),
    "near": (
        [{"agent": "推荐一款理财。"}, {"agent": "是保本的。"}],
        [{"agent": "推荐一款理财。"}, {"agent": "有风险。"}],
    ),
    "without": ([{"agent": "推荐一款理财。"}], [{"agent": "推荐一款理财。"}, {"agent": "投资有风险。"}]),
    "regex": ([{"agent": "你投诉也没用。"}], [{"agent": "您可以投诉。"}]),
    "silence": (
        [{"agent": "我看看。"}, {"agent": "好了。", "pause": 12}],
        [{"agent": "我看看。"}, {"agent": "好了。"}],
    ),
    "rate": (
        [{"agent": "合约期二十四个月提前解约要收取违约金请您知晓并且同意", "duration": 2}],
        [{"agent": "合约期二十四个月提前解约要收取违约金请您知晓并且同意", "duration": 8}],
    ),
    "interruption": (
        [{"customer": "我想问一下上个月的账单。"}, {"agent": "报一下号码。", "overlap": 1}],
        [{"customer": "我想问一下上个月的账单。"}, {"agent": "报一下号码。"}],
    ),
    "entity": ([{"agent": "他的电话是幺三六七幺八二零四五九。"}], [{"agent": "工号八零二三。"}]),
}


def hits(form: RuleForm, turns: list[dict[str, Any]]) -> int:
    rulebook = read_rulebook({f"service/{form.name}.yaml": to_yaml(rule_of(form))})
    return len(inspect_call(transcript_of_turns(turns), rulebook, {}).flags)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_form_makes_a_rule_that_hits_what_it_should(shape: str) -> None:
    must, must_not = HITS[shape]
    assert hits(FORMS[shape], must) == 1
    assert hits(FORMS[shape], must_not) == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_form_that_was_saved_is_the_same_when_it_is_opened(shape: str) -> None:
    saved = yaml.safe_load(to_yaml(rule_of(FORMS[shape])))
    opened = form_of(saved)
    assert opened is not None
    assert rule_of(opened) == rule_of(FORMS[shape])


def test_the_speaker_and_the_part_of_the_call_narrow_the_rule() -> None:
    form = replace(FORMS["any"], speaker="customer", part="first", part_amount=1)
    assert hits(form, [{"agent": "不归我管"}]) == 0
    assert hits(form, [{"customer": "随便你"}]) == 1
    assert hits(form, [{"customer": "喂"}, {"customer": "随便你"}]) == 0


def test_what_is_excepted_does_not_count() -> None:
    form = replace(FORMS["any"], except_for=("您说.{0,2}不归我管",))
    assert hits(form, [{"agent": "您说不归我管是吧"}]) == 0


def test_tests_stay_with_the_rule() -> None:
    kept = {"name": "说了", "turns": [{"agent": "随便你"}], "expect": [{"turn": 0}]}
    opened = form_of(rule_of(replace(FORMS["any"], tests=(kept,))))
    assert opened is not None
    assert opened.tests == (kept,)


@pytest.mark.parametrize(
    "change",
    [
        {"flag": ["said"]},
        {"scope": {"speaker": "agent", "calls": {"business": ["bank"]}}},
        {"detection": {"said": {"terms": ["a"], "boundary": True}, "condition": "said"}},
        {"detection": {"said": {"terms": ["a"]}, "b": {"terms": ["c"]}, "condition": "said or b"}},
        {"outcome": {"once": True}},
        {"unknown": 1},
        {"detection": "broken"},
        {"detection": {"condition": "said"}},
    ],
)
def test_a_rule_that_says_more_than_a_form_can_is_not_opened_in_one(change: dict[str, Any]) -> None:
    assert form_of(rule_of(FORMS["any"])) is not None
    assert form_of(rule_of(FORMS["any"]) | change) is None


@pytest.mark.parametrize("data", [None, [], "text", {}, {"title": "x"}])
def test_what_is_no_rule_is_not_opened(data: Any) -> None:
    assert form_of(data) is None


def test_opening_the_shipped_rules_changes_none_of_them() -> None:
    for rule_id, data in shipped_rulebook().source["rules"].items():
        form = form_of(data)
        assert form is None or rule_of(form) == {"tests": [], **data}, rule_id
