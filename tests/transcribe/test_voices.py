"""Grouping turns by voice, on embeddings with known truth."""

import numpy as np
import pytest

from callqa.transcribe.voices import group

rng = np.random.default_rng(3)
CENTRES = np.linalg.qr(rng.standard_normal((192, 4)))[0].T


def voice(number, count, noise=0.03):
    return CENTRES[number] + noise * rng.standard_normal((count, 192))


def partition(labels):
    return {tuple(np.flatnonzero(labels == v)) for v in set(labels.tolist())}


def test_two_voices_are_told_apart():
    x = np.concatenate([voice(0, 8), voice(1, 6)])
    labels = group(x, np.full(14, 3.0), most=4)
    assert partition(labels) == {tuple(range(8)), tuple(range(8, 14))}


def test_one_voice_stays_one():
    assert set(group(voice(0, 12), np.full(12, 3.0), most=4)) == {0}


def test_a_clear_third_voice_is_found_when_allowed():
    x = np.concatenate([voice(0, 6), voice(1, 6), voice(2, 6)])
    assert len(partition(group(x, np.full(18, 3.0), most=4))) == 3
    assert len(partition(group(x, np.full(18, 3.0), most=2))) == 2


def test_a_scrap_of_sound_is_no_voice():
    x = np.concatenate([voice(0, 10), voice(1, 1)])
    seconds = np.array([3.0] * 10 + [0.6])
    assert set(group(x, seconds, most=4)) == {0}


def test_what_is_too_short_to_embed_goes_with_the_turn_before():
    x = np.concatenate([voice(0, 4), voice(1, 4)])
    x[2], x[5] = np.nan, np.nan
    labels = group(x, np.full(8, 3.0), most=2)
    assert labels[2] == labels[1]
    assert labels[5] == labels[4]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_nothing_known_is_one_voice(count):
    assert group(np.full((count, 192), np.nan), np.full(count, 1.0), most=2).tolist() == [0] * count


def test_the_same_call_groups_alike_every_time():
    x = np.concatenate([voice(0, 5, 0.2), voice(1, 5, 0.2)])
    first = group(x, np.full(10, 2.0), most=2)
    assert all(np.array_equal(first, group(x, np.full(10, 2.0), most=2)) for _ in range(3))
