"""What is heard where personal data was said: a tone or nothing, on every channel, and all else as it was."""

import numpy as np
import pytest

from callqa.privacy.sound import AFTER, BEFORE, UNSURE, How, Stretch, hidden, stretches_of
from callqa.transcribe.types import Role, Utterance, Word

RATE = 8000
NUMBER = "幺三八零零零零幺幺幺幺"


def said(text: str, start: float = 0.0, step: float = 0.2, *, words: bool = True) -> Utterance:
    """One word a character, ``step`` seconds each."""
    heard = tuple(Word(start + i * step, start + (i + 1) * step, c, 0.9) for i, c in enumerate(text))
    end = start + len(text) * step
    return Utterance(0, start, end, "S1", Role.CUSTOMER, text, 0.9, heard if words else ())


def speech(seconds: float, channels: int = 2) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 0.2, (channels, int(seconds * RATE)))
    return noise.astype(np.float32)


def energy(samples: np.ndarray, start: float, end: float, low: float = 0, high: float = 4000) -> float:
    """Mean power between two moments and two frequencies, of the loudest channel."""
    part = samples[:, int(start * RATE) : int(end * RATE)]
    power = np.abs(np.fft.rfft(part)) ** 2 / part.shape[1] ** 2
    hertz = np.fft.rfftfreq(part.shape[1], 1 / RATE)
    return float(power[:, (hertz >= low) & (hertz < high)].sum(axis=1).max())


def test_the_words_of_a_number_and_a_little_around_are_a_stretch() -> None:
    (stretch,) = stretches_of([said(f"电话{NUMBER}，谢谢")])
    assert (stretch.start, stretch.end) == pytest.approx((0.4 - BEFORE, 0.4 + 11 * 0.2 + AFTER))


def test_without_words_more_around_is_taken() -> None:
    (stretch,) = stretches_of([said(f"我的电话是{NUMBER}谢谢您啊", words=False)])
    assert (stretch.start, stretch.end) == pytest.approx((1.0 - UNSURE, 1.0 + 11 * 0.2 + UNSURE))


def test_words_that_do_not_fit_their_text_are_not_relied_on() -> None:
    u = said(f"电话{NUMBER}")
    other = Utterance(0, u.start, u.end, u.speaker, u.role, u.text, u.confidence, u.words[:3])
    assert stretches_of([other])[0].end >= u.end


def test_groups_of_a_number_with_short_pauses_become_one_stretch() -> None:
    first, second = said("幺三八零零零零"), said("幺幺幺幺", 1.6)
    assert len(stretches_of([first, second])) == 1


def test_nothing_personal_gives_no_stretch() -> None:
    assert stretches_of([said("您好请问有什么可以帮您")]) == ()


@pytest.mark.parametrize("how", ["beep", "silence"])
def test_in_a_stretch_nothing_of_the_speech_is_left(how: How) -> None:
    out = hidden(speech(6), RATE, [Stretch(2.0, 4.0)], how)
    voice = energy(out, 2.01, 3.99, 200, 900) + energy(out, 2.01, 3.99, 1100, 3900)
    assert voice < 1e-6
    assert energy(speech(6), 2.01, 3.99, 200, 900) > 1e-3


def test_a_beep_is_heard_and_silence_is_not() -> None:
    beep = hidden(speech(6), RATE, [Stretch(2, 4)], "beep")
    silence = hidden(speech(6), RATE, [Stretch(2, 4)], "silence")
    assert energy(beep, 2, 4, 950, 1050) > 1e-4
    assert energy(silence, 2, 4) == 0


def test_all_around_stays_as_it_was() -> None:
    before = speech(6)
    out = hidden(before, RATE, [Stretch(2, 4)])
    assert np.array_equal(out[:, : 2 * RATE], before[:, : 2 * RATE])
    assert np.array_equal(out[:, 4 * RATE :], before[:, 4 * RATE :])
    assert before[:, 3 * RATE].any()


@pytest.mark.parametrize("stretch", [Stretch(5.5, 99), Stretch(7, 8), Stretch(0, 0.00001)])
def test_stretches_over_the_edge_do_no_harm(stretch: Stretch) -> None:
    assert hidden(speech(6), RATE, [stretch]).shape == (2, 6 * RATE)
