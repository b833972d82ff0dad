"""Two channels are taken apart only when they hold different sound."""

import numpy as np
import pytest

from callqa.transcribe.channels import separate_channels

rng = np.random.default_rng(1)
VOICE = (0.1 * rng.standard_normal(16000)).astype(np.float32)
OTHER = (0.1 * rng.standard_normal(16000)).astype(np.float32)


@pytest.mark.parametrize(
    ("left", "right", "channels"),
    [
        (VOICE, OTHER, 2),
        (VOICE, VOICE, 1),
        (VOICE, VOICE + 0.0005 * OTHER, 1),
        (VOICE, 0.5 * VOICE, 2),
        (VOICE, np.zeros_like(VOICE), 1),
        (VOICE, 0.01 * OTHER, 2),
        (np.zeros_like(VOICE), np.zeros_like(VOICE), 1),
    ],
    ids=[
        "two people",
        "same twice",
        "two lines",
        "one quiet",
        "dead",
        "noise",
        "both dead",
    ],
)
def test_layout(left, right, channels):
    assert separate_channels(np.stack([left, right])).shape[0] == channels


def test_the_living_channel_is_kept():
    assert np.array_equal(separate_channels(np.stack([np.zeros_like(VOICE), VOICE]))[0], VOICE)


def test_mono_stays_mono():
    assert separate_channels(VOICE[None]).shape == (1, 16000)
