"""What an evaluation counts, on calls small enough to count by hand."""

import pytest

from callqa.evaluate.heard import from_record, matched, perfect
from callqa.evaluate.judged import Share, judge
from callqa.evaluate.report import to_json, to_text
from callqa.evaluate.score import evaluate, figures
from callqa.evaluate.truth import parse_truth
from callqa.inspect.rulebook import shipped_rulebook

RAW = {
    "turns": [
        {"start": 0.0, "end": 4.0, "role": "agent", "text": "您好，工号八零二三。"},
        {"start": 5.0, "end": 9.0, "role": "customer", "text": "我要退款，电话幺三八零零一三八零零一。"},
    ],
    "expected": [{"check": "refund_demand", "turn": 1, "style": "literal"}],
    "absent": ["churn_risk"],
    "pii": [{"kind": "mobile", "quote": "幺三八零零一三八零零一"}],
}
TRUTH = parse_truth(RAW, "a")


def record(customer="我要退款电话13800138001", flags=(), redacted="我要退款电话[手机号]", **recording):
    said = [(0.0, 4.0, "agent", "您好工号8023", None), (5.0, 9.0, "customer", customer, redacted)]
    utterances = [
        {"start": a, "end": b, "role": role, "speaker": role, "text": text, "redacted_text": hidden or text}
        for a, b, role, text, hidden in said
    ]
    about = {"name": "a.wav", "channels": 2, **recording}
    return {"recording": about, "utterances": utterances, "flags": list(flags)}


def flag(rule, start=5.0, end=9.0):
    return {"rule": rule, "start": start, "end": end, "quote": "我要退款", "why": "w"}


def evaluated(*records):
    return evaluate({"a": TRUTH}, matched(map(from_record, records), {"a"}), "test")


def all_figures(*records):
    return figures(evaluated(*records).calls)


def test_a_call_heard_right_has_no_errors():
    found = all_figures(record(flags=[flag("customer.refund_demand")]))
    assert found == {
        "calls": 1,
        **dict.fromkeys(["CER", "CER by role", "CER agent", "CER customer", "DER"], 0.0),
        **dict.fromkeys(["role accuracy", "flag recall", "flag precision"], 1.0),
        "hard negatives raised": 0,
        "personal data left": 0,
        "personal data checked": 1,
    }


def test_a_wrong_character_is_an_edit_of_its_role():
    found = all_figures(record("我要退宽电话13800138001"))
    assert found["CER customer"] == pytest.approx(1 / 17, abs=1e-4)
    assert found["CER agent"] == 0.0
    assert found["CER"] == found["CER by role"] == pytest.approx(1 / 25, abs=1e-4)


def test_what_a_reviewer_corrected_does_not_make_recognition_better():
    heard = record()
    heard["utterances"][1] |= {"original_text": "我要退宽电话13800138001"}
    assert all_figures(heard)["CER customer"] > 0


def test_a_flag_of_an_absent_check_is_a_hard_negative():
    found = all_figures(record(flags=[flag("customer.churn_risk")]))
    assert (found["hard negatives raised"], found["flag precision"], found["flag recall"]) == (1, 0.0, 0.0)


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ("我要退款电话[手机号]", 0),
        ("我要退款电话13800138001", 1),
        ("我要退款电话幺三八零零一三八零零一", 1),
        ("我要退款电话138****8001", 0),
    ],
)
def test_numbers_that_redaction_left(hidden, left):
    found = evaluated(record(redacted=hidden))
    assert len(found.leaks) == left
    assert f"redaction: {left} of 1" in to_text(found)
    assert all(leak.digits == "******01" for leak in found.leaks)


def test_labelled_calls_without_result_are_named():
    found = evaluate({"a": TRUTH, "b": TRUTH}, matched([from_record(record())], {"a", "b"}), "test")
    assert found.missing == ("b",)
    assert "no result for 1 calls: b" in to_text(found)


def test_mono_and_two_channels_of_one_truth_are_both_scored():
    found = evaluated(record(), record(name="a-mono.wav", channels=1))
    assert {name: len(calls) for name, calls in found.groups.items()} == {
        "all": 2,
        "two channels": 1,
        "mono": 1,
    }


def test_recall_by_how_it_is_said():
    found = evaluated(record(flags=[flag("customer.refund_demand")]))
    assert {style: (share.part, share.whole) for style, share in found.styles.items()} == {"literal": (1, 1)}


def test_flags_that_nobody_labelled_are_not_scored():
    bare = parse_truth({"turns": RAW["turns"]}, "a")
    heard = from_record(record(flags=[flag("customer.churn_risk")]))
    found = evaluate({"a": bare}, [heard], "test")
    assert figures(found.calls)["flag precision"] is None
    assert found.rules == ()


@pytest.mark.parametrize(
    ("rule", "start", "fits"),
    [
        ("customer.refund_demand", 10.9, True),
        ("customer.refund_demand", 11.1, False),
        ("refund_demand", 5.0, True),
        ("customer.praise", 5.0, False),
    ],
)
def test_a_flag_belongs_to_its_rule_within_two_seconds(rule, start, fits):
    heard = from_record(record(flags=[flag(rule, start, start + 1)]))
    assert bool(judge(TRUTH, heard.flags).found) is fits


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.278),
        (10, 10, 0.722, 1.0),
        (8, 10, 0.49, 0.943),
        (50, 100, 0.404, 0.596),
    ],
)
def test_wilson_intervals_as_published(part, whole, low, high):
    assert list(Share(part, whole).interval) == pytest.approx([low, high], abs=1e-3)


def test_perfect_transcripts_judge_the_rulebook_alone():
    found = evaluate({"a": TRUTH}, [perfect(TRUTH, shipped_rulebook())], "perfect transcripts")
    assert figures(found.calls)["CER"] is figures(found.calls)["DER"] is None
    assert [rule.check for rule in found.rules if rule.recall.part] == ["refund_demand"]
    assert figures(found.calls)["personal data left"] == 0


def test_the_worst_call_comes_first_with_its_moments():
    truths = {"a": TRUTH, "b": parse_truth(RAW, "b")}
    good = record(flags=[flag("customer.refund_demand")])
    bad = record("我要推快", flags=[flag("customer.churn_risk")], name="b.wav")
    found = evaluate(truths, matched(map(from_record, [good, bad]), truths), "test")
    worst = to_json(found)["worst"]
    assert [call["call"] for call in worst] == ["b"]
    assert worst[0]["missed"][0]["check"] == "refund_demand"
    assert worst[0]["wrong"][0]["check"] == "customer.churn_risk"
