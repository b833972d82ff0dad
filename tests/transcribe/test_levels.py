import numpy as np
import pytest

from callqa.transcribe.levels import utterance_levels
from callqa.transcribe.types import Role, Utterance

RATE = 16_000


def tone(seconds, amplitude):
    return (amplitude * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def said(index, start, end, channel):
    return Utterance(index, start, end, "S", Role.AGENT, "好", channel=channel)


def test_each_utterance_is_measured_on_its_own_channel():
    samples = np.stack([np.concatenate([tone(2, 0.5), tone(2, 0.05)]), tone(4, 0.2)])
    found = utterance_levels(samples, [said(0, 0.2, 1.8, 0), said(1, 2.2, 3.8, 0), said(7, 0.2, 1.8, 1)])
    assert found["0"] == pytest.approx(-9.0, abs=0.5)
    assert found["1"] == pytest.approx(-29.0, abs=0.5)
    assert found["7"] == pytest.approx(-17.0, abs=0.5)


def test_what_lies_beyond_the_sound_has_no_level():
    assert utterance_levels(tone(1, 0.5)[None], [said(0, 3.0, 4.0, None)]) == {}
