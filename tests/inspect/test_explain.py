from pathlib import Path

import pytest

import callqa
from callqa.inspect.engine import inspect_call
from callqa.inspect.explain import explain, lint
from callqa.inspect.rulebook import read_rulebook, shipped_rulebook
from callqa.inspect.testing import transcript_of_turns

BOOK = shipped_rulebook()
GOOD = """
title: t
name: r
version: 1
status: stable
level: low
detection: {t: {terms: [退钱]}, condition: t}
tests:
  - {name: hit, turns: [{customer: 退钱}], expect: [{turn: 0}]}
  - {name: miss, turns: [{customer: 好}], expect: []}
"""


def linted(tmp_path, text):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "r.yaml").write_text(text, encoding="utf-8")
    return lint(tmp_path)


def test_the_shipped_rulebook_has_no_problem():
    assert lint(Path(callqa.__file__).parent / "rules") == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("", "", None),
        ("[{turn: 0}]", "[]", "a/r.yaml:1: test 'hit': not expected"),
        (
            "turns: [{customer: 好}], expect: []",
            "turns: [{customer: 退钱}], expect: [{turn: 0}]",
            "must not hit",
        ),
        ("version: 1", "version: one", "a/r.yaml:4: 'version' must be a number"),
        ("status: stable\n", "status: experimental\n", None),
    ],
)
def test_lint(tmp_path, old, new, problem):
    problems = linted(tmp_path, GOOD.replace(old, new))
    assert bool(problems) is bool(problem)
    assert not problem or any(problem in p for p in problems)


def test_an_untested_stable_rule_is_a_problem(tmp_path):
    problems = linted(tmp_path, GOOD[: GOOD.index("tests:")])
    assert [p.split(": ", 1)[1] for p in problems] == [
        "a stable rule needs a test that must hit",
        "a stable rule needs a test that must not hit",
    ]


def test_a_hit_is_explained():
    text = explain(BOOK, "refund_demand", transcript_of_turns([{"customer": "赶紧把钱退给我"}]))
    assert text.startswith("customer.refund_demand v")
    assert "hit (1 flagged)" in text
    assert "“把钱退”" in text or "“把钱退给我”" in text
    assert "flag 0.4" in text


def test_a_hit_set_aside_says_by_what():
    text = explain(BOOK, "complaint_threat", transcript_of_turns([{"customer": "我不想投诉你们"}]))
    assert "not_hit" in text
    assert "set aside because of retreat" in text


def test_a_rule_that_does_not_concern_the_call_says_why():
    text = explain(BOOK, "praise", transcript_of_turns([{"agent": "您好"}]))
    assert "not_applicable (customer does not speak)" in text


SOLD = """
title: t
name: r
version: 1
status: test
level: low
scope: {speaker: agent, window: {first: 9 utterances}}
detection:
  sold: {terms: [理财]}
  sure: {terms: [保证], near: {anchor: sold, within: 6 chars, where: after}}
  warned: {terms: [风险], near: {anchor: sold, within: 60 s, where: after}}
  condition: sold and sure and not warned
"""


def explained(*turns):
    return explain(read_rulebook({"a/r.yaml": SOLD}), "r", transcript_of_turns(list(turns)))


def test_scope_anchor_term_and_words_are_told():
    text = explained({"agent": "这款理财，保证赚钱。"})
    assert "sure (agent, first 9 utterances; within 6 chars after sold): 1 hit" in text
    assert "“保证” (exact of “保证”)" in text
    assert "with sure within 6 chars after sold, without warned." in text


@pytest.mark.parametrize(
    ("turns", "line"),
    [
        (
            [{"agent": "保证赚钱。"}],
            "after sold): 0 hits: not looked for, as there is no sold",
        ),
        ([{"agent": "理财。"}], "within 6 chars after sold): 0 hits: not found within 6 chars after sold"),
        (
            [{"customer": "理财。"}, {"agent": "好。"}],
            "0 hits: found, but not by the agent within",
        ),
    ],
)
def test_the_first_thing_that_failed_is_told_for_each_detection(turns, line):
    assert line in explained(*turns)


def test_the_trace_says_the_same_for_machines():
    (flag,) = inspect_call(
        transcript_of_turns([{"agent": "这款理财，保证赚钱。"}]), read_rulebook({"a/r.yaml": SOLD})
    ).flags
    assert flag.trace is not None
    assert flag.trace["scope"] == "agent, first 9 utterances"
    place = "within 6 chars after sold"
    assert flag.trace["anchors"] == [{"detection": "sure", "place": place, "found": "保证"}]


def test_unknown_rules_are_refused():
    with pytest.raises(KeyError):
        explain(BOOK, "nothing", transcript_of_turns([{"agent": "您好"}]))
