"""Speech activity on synthetic frames: thresholds, joining, padding, and the cross-talk gate."""

import numpy as np
import pytest

from callqa.transcribe import activity
from callqa.transcribe.activity import FRAME_SECONDS, frame_levels


def active(probability, bleed=None):
    p = np.array(probability, dtype=float)
    return activity._active(p, np.zeros(len(p), bool) if bleed is None else np.array(bleed)).tolist()


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        ([0.1, 0.5, 0.25, 0.25, 0.1], [False, True, True, True, False]),
        ([0.25, 0.25, 0.5], [False, False, True]),
        ([0.5, 0.1, 0.25, 0.5], [True, False, False, True]),
        ([], []),
    ],
)
def test_hysteresis(probability, expected):
    assert active(probability) == expected


def test_bleed_ends_speech_at_once():
    assert active([0.9, 0.9, 0.9], [False, True, True]) == [True, False, False]


def test_a_channel_far_below_the_other_is_bleed():
    loud, quiet = np.full(20, -20.0), np.full(20, -50.0)
    assert activity._bleed([loud, quiet], 1).all()
    assert not activity._bleed([loud, quiet], 0).any()


def test_a_quiet_customer_is_not_bleed():
    assert not activity._bleed([np.full(20, -20.0), np.full(20, -35.0)], 1).any()


def test_short_pauses_are_joined_and_long_ones_kept():
    on, short, long = [True] * 20, [False] * 8, [False] * 30
    spans = activity._spans(np.array(on + short + on + long + on), 100.0)
    assert len(spans) == 2
    assert spans[0].duration == pytest.approx(48 * FRAME_SECONDS + activity.PAD_SECONDS)


def test_clicks_are_no_speech():
    assert activity._spans(np.array([False] * 10 + [True] * 2 + [False] * 10), 1.0) == []


def test_level_of_a_full_scale_square_wave_is_zero_dbfs():
    assert frame_levels(np.ones(1024, dtype=np.float32)) == pytest.approx([0.0, 0.0])


def test_level_of_digital_silence_is_finite():
    assert frame_levels(np.zeros(512, dtype=np.float32)) == pytest.approx([-100.0])


@pytest.mark.models
def test_noise_and_tones_are_not_speech():
    rng = np.random.default_rng(0)
    seconds = np.arange(16000 * 8) / 16000
    for samples in (
        np.zeros(16000 * 8),
        0.02 * rng.standard_normal(16000 * 8),
        0.3 * np.sin(2 * np.pi * 450 * seconds),
    ):
        assert activity.speech_segments(samples.astype(np.float32)[None]) == [[]]
