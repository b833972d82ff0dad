"""Acoustic measures from timed utterances."""

import pytest

from callqa.transcribe.measures import measure, spoken_length
from callqa.transcribe.types import Role, Utterance


def said(start, end, role, text="你好"):
    return Utterance(0, start, end, role.value, role, text)


A, C = Role.AGENT, Role.CUSTOMER


def test_talk_ratio_counts_people_only():
    made = measure([said(0, 3, A), said(4, 5, C), said(6, 9, Role.SYSTEM)], 10)
    assert made.talk_ratio == {"agent": 0.75, "customer": 0.25}


@pytest.mark.parametrize(("pause", "silences"), [(1.9, 0), (2.0, 1), (12.0, 1)])
def test_pauses_count_from_two_seconds(pause, silences):
    made = measure([said(0, 3, A), said(3 + pause, 20, C)], 20)
    assert len(made.silences) == silences


def test_silence_before_and_after_the_talk_is_no_pause():
    assert measure([said(5, 6, A)], 60).silences == ()


def test_a_long_utterance_covers_a_pause_of_the_other():
    assert measure([said(0, 10, A), said(1, 2, C), said(10.5, 11, C)], 12).silences == ()


@pytest.mark.parametrize(("overlap", "count"), [(0.2, 0), (0.3, 1), (1.0, 1)])
def test_interruption_needs_overlap(overlap, count):
    made = measure([said(0, 5, C), said(5 - overlap, 8, A)], 10)
    assert len(made.interruptions) == count
    if count:
        assert made.interruptions[0].by is A
        assert made.overlap_seconds == pytest.approx(overlap)


def test_rate_counts_characters_not_punctuation():
    made = measure([said(0, 6, A, "您好，请问有什么可以帮您？")], 6)
    assert made.chars_per_minute == {"agent": pytest.approx(110)}


@pytest.mark.parametrize(("text", "length"), [("您好，VIP 客户。", 5), ("", 0), ("123 456", 2), ("…", 0)])
def test_spoken_length(text, length):
    assert spoken_length(text) == length


def test_an_empty_call_has_empty_measures():
    made = measure([], 30)
    assert (made.talk_ratio, made.silences, made.chars_per_minute) == ({}, (), {})
