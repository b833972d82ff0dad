"""How people say it: each rule must know most ways and must leave the look-alikes alone."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.testing import transcript_of_turns

PHRASES = yaml.safe_load((Path(__file__).parent / "phrases.yaml").read_text(encoding="utf-8"))
RECALL = 0.93
SPARED = 0.95


@cache
def only(rule):
    """A rulebook of one rule, compiled once."""
    return shipped_rulebook().only(rule)


def flagged(rule, sentence):
    role = str(shipped_rulebook()[rule].scope.speaker)
    inspection = inspect_call(transcript_of_turns([{role: sentence}]), only(rule))
    return bool(inspection.flags)


@pytest.mark.parametrize("rule", PHRASES)
def test_most_ways_of_saying_it_are_known(rule):
    missed = [s for s in PHRASES[rule]["hit"] if not flagged(rule, s)]
    assert len(missed) <= (1 - RECALL) * len(PHRASES[rule]["hit"]), missed


@pytest.mark.parametrize("rule", PHRASES)
def test_look_alikes_are_left_alone(rule):
    raised = [s for s in PHRASES[rule]["miss"] if flagged(rule, s)]
    assert len(raised) <= (1 - SPARED) * len(PHRASES[rule]["miss"]), raised


@pytest.mark.parametrize("rule", PHRASES)
def test_the_other_speaker_is_not_meant(rule):
    role = shipped_rulebook()[rule].scope.speaker
    other = "customer" if role == "agent" else "agent"
    for sentence in PHRASES[rule]["hit"]:
        transcript = transcript_of_turns([{other: sentence}, {str(role): "好的。"}])
        assert inspect_call(transcript, only(rule)).flags == (), sentence
