"""The accuracy figures mean what they say, on calls small enough to count by hand."""

import pytest

from callqa.benchmarks.accuracy import plain, table

TRUTH = {
    "turns": [
        {"start": 0.0, "end": 4.0, "role": "agent", "text": "您好，工号八零二三。"},
        {"start": 5.0, "end": 9.0, "role": "customer", "text": "我要退款！"},
    ],
    "expected": [{"check": "refund_demand", "turn": 1}],
}


def heard(start, end, role, text, speaker):
    return {"start": start, "end": end, "role": role, "text": text, "speaker": speaker}


def flag(rule, start, end):
    return {"rule": rule, "start": start, "end": end}


def call(utterances=None, flags=(), channels=2):
    right = [
        heard(0.0, 4.0, "agent", "您好工号8023", "S1"),
        heard(5.0, 9.0, "customer", "我要退款", "S2"),
    ]
    recording = {"name": "a.wav", "channels": channels}
    return {"recording": recording, "utterances": right if utterances is None else utterances, "flags": flags}


def figures(made):
    return table([made], {"a": TRUTH})["all"]


def test_a_call_heard_right_has_no_errors():
    found = figures(call(flags=[flag("customer.refund_demand", 5.0, 9.0)]))
    assert found == {
        "calls": 1,
        "CER by role": 0.0,
        "DER": 0.0,
        "role accuracy": 1.0,
        "flag recall": 1.0,
        "flag precision": 1.0,
    }


def test_words_given_to_the_wrong_role_count_twice():
    swapped = [
        heard(0.0, 4.0, "customer", "您好工号8023", "S1"),
        heard(5.0, 9.0, "agent", "我要退款", "S2"),
    ]
    found = figures(call(swapped))
    assert found["CER by role"] == pytest.approx(16 / 12, abs=1e-4)
    assert found["role accuracy"] == 0.0
    assert found["DER"] == 0.0


def test_one_speaker_for_both_is_confusion():
    merged = [heard(0.0, 4.0, "agent", "您好工号8023", "S1"), heard(5.0, 9.0, "agent", "我要退款", "S1")]
    found = figures(call(merged))
    assert found["DER"] == pytest.approx(0.5)
    assert found["role accuracy"] == 0.5


@pytest.mark.parametrize(
    ("flags", "recall", "precision"),
    [
        ([], 0.0, 0.0),
        ([flag("customer.refund_demand", 10.9, 11.5)], 1.0, 1.0),
        ([flag("customer.refund_demand", 11.1, 12.0)], 0.0, 0.0),
        ([flag("customer.praise", 5.0, 9.0), flag("customer.refund_demand", 5.0, 9.0)], 1.0, 0.5),
    ],
    ids=["none", "just near enough", "too far", "another rule too"],
)
def test_flags(flags, recall, precision):
    found = figures(call(flags=flags))
    assert (found["flag recall"], found["flag precision"]) == (recall, precision)


def test_mono_and_two_channels_are_told_apart():
    rows = table([call(), call(channels=1)], {"a": TRUTH})
    assert {name: row["calls"] for name, row in rows.items()} == {"all": 2, "two channels": 1, "mono": 1}


def test_calls_without_truth_are_left_out():
    assert table([call()], {"b": TRUTH}) == {}


def test_digits_count_alike_however_they_are_written():
    assert plain("尾号八零23，谢谢！") == plain("尾号 80二三 谢谢")
