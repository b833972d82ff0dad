"""Rules and texts made to run for ever or to eat the memory: refused by lint, or bounded and said so."""

import time

import pytest

from callqa.errors import RulebookError
from callqa.inspect import limits
from callqa.inspect.condition import ConditionError, parse_condition
from callqa.inspect.engine import inspect_calls
from callqa.inspect.rulebook import read_rulebook
from callqa.inspect.testing import transcript_of_turns

RULE = "title: t\nname: r\nversion: 1\nstatus: test\nlevel: low\ndetection:\n"
PATIENCE = 20.0
"""CPU seconds; a rule without bounds would need hours."""


def problems(detection, lists=None, path="a/r.yaml"):
    files = {path: RULE + detection, **{f"lists/{k}.yaml": v for k, v in (lists or {}).items()}}
    began = time.process_time()
    with pytest.raises(RulebookError) as caught:
        read_rulebook(files)
    assert time.process_time() - began < PATIENCE
    return caught.value.problems


def inspected(detection, *turns, **more):
    files = {"a/r.yaml": RULE + detection, "a/s.yaml": OTHER, **more}
    book = read_rulebook(files)
    began = time.process_time()
    (inspection,) = inspect_calls([(transcript_of_turns(list(turns)), {})], book)
    assert time.process_time() - began < PATIENCE
    assert inspection.results[-1].outcome == "hit"  # the other rule has run
    return inspection.results[0], [f for f in inspection.flags if f.rule == "a.r"]


OTHER = RULE.replace("name: r", "name: s") + "  t: {terms: [再见]}\n  condition: t\n"
BYE = {"agent": "再见"}


def long_list(texts):
    return "terms:\n" + "".join(f"  - '{text}'\n" for text in texts)


@pytest.mark.parametrize(
    ("detection", "message"),
    [
        ("  p: {regex: '" + "投诉|" * 7000 + "退'}\n  condition: p", "more than 20,000 characters"),
        ("  p: {regex: '(?:(?:.{0,90}投){9}.{0,90}诉){9}'}\n  condition: p", "a/r.yaml:7: "),
        ("  p: {regex: '(?:(?:投{900}){900}){900}'}\n  condition: p", "not an RE2 expression"),
        ("  p: {regex: '{loop}'}\n  condition: p", "lists within lists"),
        ("  p: {regex: '{wide}'}\n  condition: p", "more than 20,000 characters"),
        ("  p: {regex: '{wider}'}\n  condition: p", "more than 20,000 characters"),
        (f"  p: {{terms: ['{'投' * 101}']}}\n  condition: p", "more than 100 characters"),
        (f"  p: {{similar: {['投诉退款'] * 201}}}\n  condition: p", "at most 200 samples"),
        (f"  p: {{regex: {['投诉'] * 201}}}\n  condition: p", "more than 200 expressions"),
        ("  p: {repeats: {within: 5000 utterances}}\n  condition: p", "at most 50 utterances"),
        (
            "".join(f"  p{i}: {{terms: [退]}}\n" for i in range(99)) + "  condition: p1",
            "more than 60 detections",
        ),
        ("  p: {terms: [退]}\n  condition: " + "(" * 5000 + "p" + ")" * 5000, "deep"),
        ("  p: {terms: [退]}\n  condition: " + "not " * 5000 + "p", "deep"),
        ("  p: " + "[" * 200 + "]" * 200 + "\n  condition: p", "nested more than 30 deep"),
        (
            "  p: {data: {compute: '" + "(" * 90 + "1" + ")" * 90 + " ** 9', value: 1}}\n  condition: p",
            "arithmetic",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_what_is_too_much_is_refused_with_its_place(detection, message):
    wide = long_list(["{many}" * 10])
    lists = {"loop": long_list(["a{loop}"]), "wide": wide, "many": long_list(["投" * 500] * 30)}
    lists["wider"] = long_list(["{wide}{wide}"])
    found = problems(detection, lists)
    assert any(message in p for p in found), found
    assert all(p.startswith("a/r.yaml:") for p in found)


def test_aliases_that_multiply_are_refused():
    lines = ["  a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert any("aliases included" in p for p in problems("\n".join(lines)))


def test_a_rulebook_may_not_hold_more_terms_than_fit(monkeypatch):
    monkeypatch.setattr(limits, "TERMS", 10)
    (problem,) = problems(f"  p: {{terms: {[f'词{i}' for i in range(11)]}}}\n  condition: p")
    assert "11 terms" in problem


def test_a_rulebook_may_not_hold_more_expressions_than_fit(monkeypatch):
    monkeypatch.setattr(limits, "ALL_PROGRAMS", 100)
    (problem,) = problems("  p: {regex: '(?:投诉|退款|举报|维权|起诉|曝光){1,9}'}\n  condition: p")
    assert "automaton steps in all" in problem


def test_deep_conditions_are_refused():
    with pytest.raises(ConditionError, match="deep"):
        parse_condition("(" * 100 + "a" + ")" * 100, ["a"])


def test_anchors_of_anchors_are_followed_once():
    anchors = [f"  p{i}: {{terms: [退], near: [{{anchor: p0}}" for i in range(1, 60)]
    lines = [a + "".join(f", {{anchor: p{j}}}" for j in range(1, i)) + "]}" for i, a in enumerate(anchors, 1)]
    detection = "  p0: {terms: [退款]}\n" + "\n".join(lines) + "\n  condition: p59 and any of p*"
    result, _ = inspected(detection, {"customer": "退款"}, BYE)
    assert result.outcome in ("hit", "not_hit")


def test_hits_are_bounded_and_said_so():
    result, flags = inspected("  p: {terms: [嗯]}\n  condition: p", *[{"customer": "嗯" * 9}] * 400, BYE)
    assert len(flags) == limits.FLAGS
    assert f"of which the first {limits.FLAGS} are kept" in result.reason
    assert "only the first 2,000 hits of p were looked at" in result.reason


def test_a_rule_that_compares_everything_with_everything_fails_and_stops_no_other():
    detection = "  p: {terms: [嗯]}\n  q: {terms: [啊], near: {anchor: p, within: 1 char, where: before}}\n"
    turns = [{"customer": "嗯" * 50}] * 60 + [{"customer": "啊哦" * 25}] * 60
    result, flags = inspected(detection + "  condition: q or p", *turns, BYE)
    assert (result.outcome, flags) == ("failed", [])
    assert result.reason == f"TooMuchWork: the rule needs more than {limits.STEPS:,} steps on this call"


def test_a_condition_over_many_detections_is_decided():
    names = [f"p{i}" for i in range(55)]
    detection = "".join(f"  {n}: {{terms: [退]}}\n" for n in names) + "  condition: 30 of p*"
    result, _ = inspected(detection, *[{"customer": "退"}] * 30, BYE)
    assert result.outcome in ("hit", "failed")


def test_what_may_be_misheard_in_too_many_ways_is_given_up():
    alike = "一医衣依伊亿义艺忆议亦亚异役译易疫益谊意溢毅翼"
    detection = f"  p: {{regex: '[{alike}]{{6,19}}投诉', match: pinyin}}\n  condition: p"
    result, _ = inspected(detection, *[{"customer": "疑" * (8 + i % 9) + "投宿"} for i in range(300)], BYE)
    assert result.outcome in ("not_hit", "failed")


@pytest.mark.parametrize(
    ("regex", "text"),
    [
        ("(?:(?:退+)+)+款", "退" * 60_000),
        ("(?:.*退){8}款", "退" * 3_000),
        ("(?:退|款|退款)*投诉", "退款" * 30_000),
        ("[^款]*款", "退" * 60_000),
    ],
)
def test_long_texts_are_read_in_linear_time(regex, text):
    result, _ = inspected(f"  p: {{regex: '{regex}'}}\n  condition: p", {"customer": text}, BYE)
    assert result.outcome in ("not_hit", "failed")


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 30_000,
        "a@" * 30_000,
        "十" * 60_000,
        "微信" * 30_000,
        "\ud800投诉\udfff",
        "\x00\n\r\u2028退" * 50,
    ],
)
def test_odd_texts_stop_no_rule(text):
    detection = "  p: {entity: [mobile, email, wechat, amount, date, id_card]}\n  condition: p"
    result, _ = inspected(detection, {"customer": text}, BYE)
    assert result.outcome in ("hit", "not_hit")
