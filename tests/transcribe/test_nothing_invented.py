"""Nothing is written where nobody speaks: alone, and on one channel beside a real call."""

from pathlib import Path

import numpy as np
import pytest

from callqa.ingest.audio import decode
from callqa.settings import get_settings
from callqa.transcribe.transcriber import Options, Transcriber

pytestmark = pytest.mark.models
SAMPLES = Path(__file__).parents[2] / "samples"
SECONDS = 15
T = np.arange(16000 * SECONDS) / 16000


def tone(hertz, level=0.2):
    return level * np.sin(2 * np.pi * hertz * T)


def music():
    """Broken chords with decaying notes, four notes a second, overtones as of a plucked string."""
    notes = np.array([262, 330, 392, 523, 440, 349, 294, 247])[(T * 4).astype(int) % 8]
    phase = 2 * np.pi * np.cumsum(notes) / 16000
    voice = sum(np.sin(k * phase) / k**1.5 for k in range(1, 6))
    return 0.15 * voice * np.exp(-3 * ((T * 4) % 1))


def sounds():
    rng = np.random.default_rng(1)
    white = rng.standard_normal(len(T))
    return {
        "silence": np.zeros_like(T),
        "hum": tone(50, 0.05) + tone(150, 0.02),
        **{f"noise {level}": level * white for level in (0.0005, 0.005, 0.05, 0.2)},
        "brown noise": 0.02 * np.cumsum(white) / np.abs(np.cumsum(white)).max(),
        "ring-back": tone(450) * ((T % 5) < 1),
        "busy": tone(450) * ((T % 0.7) < 0.35),
        "DTMF": (tone(697, 0.15) + tone(1209, 0.15)) * ((T % 0.3) < 0.1),
        "fax": tone(1100) * ((T % 3.5) < 0.5),
        "music": music(),
    }


@pytest.fixture(scope="module")
def transcriber():
    return Transcriber(Options.from_settings(get_settings()))


def test_no_text_without_speech(transcriber):
    made = transcriber.transcribe_many([s.astype(np.float32)[None] for s in sounds().values()])
    assert {name: [u.text for u in t.utterances] for name, t in zip(sounds(), made, strict=True)} == {
        name: [] for name in sounds()
    }


def test_no_text_on_the_channel_that_plays_music(transcriber):
    call = decode(SAMPLES / "01-clean-order-query.wav").samples[:, : 16000 * SECONDS]
    stereo = np.stack([call[0], music()[: call.shape[1]].astype(np.float32)])
    made = transcriber.transcribe(stereo)
    assert {u.channel for u in made.utterances} == {0}
