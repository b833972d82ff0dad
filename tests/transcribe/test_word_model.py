"""Probabilities of words and pairs: counted, backed off, mixed with the phrases of calls."""

import numpy as np
import pytest

from callqa.transcribe.word_model import CALLS_SHARE, UNKNOWN, WordModel

WORDS = ["我", "要", "投诉", "头数"]
UNIGRAMS = np.array([-1.0, -1.5, -4.0, -6.0])
BACKOFFS = np.array([-0.5, -0.2, 0.0, 0.0])
PAIRS = np.array([(0 << 20) + 1, (1 << 20) + 2])
SCORES = np.array([-0.7, -2.0])


def model():
    return WordModel(WORDS, UNIGRAMS, BACKOFFS, PAIRS, SCORES)


def following(m, before, word):
    numbers = [m.number.get(before, -1)], [m.number.get(word, -1)]
    return float(m.following(*map(np.array, numbers))[0, 0])


def test_a_known_pair_has_its_own_score():
    assert following(model(), "要", "投诉") == pytest.approx(-2.0)


def test_an_unknown_pair_backs_off_to_the_word_alone():
    assert following(model(), "要", "头数") == pytest.approx(-6.2)


def test_unknown_characters_are_possible_but_unlikely():
    assert following(model(), "我", "㐀") == pytest.approx(UNKNOWN - 0.5)
    assert float(model().alone(np.array([-1]))[0]) == UNKNOWN


def test_all_ways_are_scored_at_once():
    found = model().following(np.array([0, 1]), np.array([1, 2, 3]))
    assert found.shape == (2, 3)
    assert found[1, 1] == pytest.approx(following(model(), "要", "投诉"))


def test_phrases_make_their_words_and_pairs_likelier_and_others_less():
    plain, leaned = model(), model()
    leaned.learn([["我", "要", "头数"]] * 3)
    assert following(leaned, "要", "头数") > following(plain, "要", "头数") + 3
    loss = following(plain, "要", "投诉") - following(leaned, "要", "投诉")
    assert 0 < loss <= -np.log10(1 - CALLS_SHARE) + 1e-9


def test_what_the_phrases_say_sums_to_at_most_one():
    m = model()
    m.learn([["我", "要", "退款"], ["要", "退款"], ["要", "投诉"]])
    every = np.arange(len(m.words))
    calls = m._calls.following(every, every, (every[:, None] << 20) + every[None, :])
    assert np.all(calls.sum(axis=1) <= 1 + 1e-9)


def test_new_words_are_known_once_added():
    m = model()
    m.add(["滚筒洗衣机", "我", "滚筒洗衣机"], -4.5)
    assert m.words[4:] == ["滚筒洗衣机"]
    assert float(m.alone(np.array([4]))[0]) == -4.5


def test_the_shipped_table_holds_words_and_how_they_sound():
    m = WordModel.load(["携号转网"])
    assert {"工号", "投诉", "退款", "携号转网"} <= set(m.number)
    assert m.sounds[m.number["银行"]] == "yin hang"
    assert following(m, "核实", "身份") > following(m, "何时", "身份")
