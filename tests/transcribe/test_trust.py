"""Confidence is a share of right characters; times that nobody can speak in are told."""

from itertools import pairwise

import numpy as np
import pytest

from callqa.transcribe.trust import PUT_RIGHT, calibrated, times_doubtful
from callqa.transcribe.types import Doubt, Span, Word
from callqa.transcribe.utterances import utterance
from callqa.transcribe.windows import Piece


def word(confidence=0.9, text="好", start=0.0, seconds=0.2):
    return Word(start, start + seconds, text, confidence)


def row(*seconds):
    return [word(start=float(i), seconds=s) for i, s in enumerate(seconds)]


def test_the_surer_the_recogniser_the_higher_the_confidence():
    seen = [word(c) for c in np.linspace(0, 1, 101)]
    given = [w.confidence for w in calibrated(seen, seen)]
    assert all(a <= b for a, b in pairwise(given))
    assert 0.5 < given[0] < given[-1] < 1


def test_a_character_put_in_place_of_another_is_never_surer_than_such_are():
    (given,) = calibrated([word(0.99, "公")], [word(0.99, "工")])
    assert given.confidence == PUT_RIGHT


def test_everything_else_of_a_word_stays():
    old, new = word(0.4, "公，", 1.0), word(0.4, "工，", 1.0)
    (given,) = calibrated([old], [new])
    assert (given.text, given.start, given.end) == ("工，", 1.0, 1.2)


@pytest.mark.parametrize(
    ("words", "doubtful"),
    [
        (row(0.2, 0.2, 0.2, 0.2), False),
        (row(0.2, 0.0, 0.2, 0.2), False),
        (row(0.0, 0.0, 0.2, 0.2), True),
        (row(0.2, 3.0, 4.0), True),
        (row(0.0), False),
        ([word(text="customer", seconds=3.0), word(text="service", seconds=3.0)], False),
        ([], False),
    ],
)
def test_times_nobody_speaks_in_are_doubtful(words, doubtful):
    assert times_doubtful(words) is doubtful


def test_an_utterance_with_lost_times_says_so():
    made = utterance(Piece(Span(0.0, 4.0), 0, 0), row(0.0, 0.0, 0.0, 0.2), 0, False)
    assert made is not None
    assert Doubt.TIMES in made.doubts


def test_a_window_in_circles_makes_its_utterances_doubtful():
    made = utterance(Piece(Span(0.0, 4.0), 0, 0), row(0.2, 0.2, 0.2, 0.2), 0, False, looped=True)
    assert made is not None
    assert made.doubts == (Doubt.REPETITION,)
