"""Ordinary talk raises nothing; greeting and closing are not its business."""

import time
from pathlib import Path

import pytest
import yaml

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.testing import transcript_of_turns

TALK = yaml.safe_load((Path(__file__).parent / "ordinary.yaml").read_text(encoding="utf-8"))
FORM = {"service.missing_greeting", "service.missing_closing"}


def test_a_long_call_takes_no_long_time():
    turns = [{role: sentence} for role in TALK for sentence in TALK[role]] * 3
    transcript = transcript_of_turns(turns)
    inspect_call(transcript, shipped_rulebook())
    began = time.process_time()
    inspect_call(transcript, shipped_rulebook())
    assert time.process_time() - began < 0.7


@pytest.mark.parametrize("role", TALK)
def test_ordinary_talk_raises_nothing(role):
    raised = [
        (sentence, flag.why)
        for sentence in TALK[role]
        for flag in inspect_call(transcript_of_turns([{role: sentence}]), shipped_rulebook()).flags
        if flag.rule not in FORM
    ]
    assert raised == []
