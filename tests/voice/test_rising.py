"""Rises that are there are found, and a flat month raises none."""

import numpy as np
import pytest

from callqa.voice.rising import Counts, dispersion, rising

TERMS = 3000
CHANNELS = 10
DAYS = 28


def month(seed, terms, shares, rises=(), factor=3.0, overdispersed=0.0):
    """Calls a day that hold each term; the days differ in size, the last day in the ``rises``."""
    rng = np.random.default_rng(seed)
    calls = rng.integers(500, 800, size=DAYS + 1)
    daily = shares * np.exp(rng.normal(0, overdispersed, (DAYS + 1, terms)))
    daily[-1, list(rises)] *= factor
    counts = rng.binomial(calls[:, None], np.minimum(daily, 0.9))
    names = [f"t{i}" for i in range(terms)]
    return Counts(names, counts[-1], int(calls[-1]), counts[:-1], calls[:-1])


def zipf(rng, terms=TERMS):
    return np.sort(rng.permutation(0.3 / np.arange(1, terms + 1) ** 0.8))[::-1]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("overdispersed", [0.0, 0.1])
def test_a_flat_month_raises_no_alarm_in_any_channel(seed, overdispersed):
    shares = np.linspace(0.01, 0.2, CHANNELS)
    found = rising(month(seed, CHANNELS, shares, overdispersed=overdispersed))
    assert [rise for rise in found if rise.is_alarm] == []


def test_alarms_are_as_rare_as_promised():
    shares = np.linspace(0.01, 0.2, CHANNELS)
    months = [month(seed, CHANNELS, shares, overdispersed=0.1) for seed in range(500)]
    assert sum(any(rise.is_alarm for rise in rising(counts)) for counts in months) <= 3


@pytest.mark.parametrize("seed", range(20))
def test_planted_rises_come_first(seed):
    rng = np.random.default_rng(seed)
    shares = zipf(rng)
    planted = rng.choice(np.flatnonzero((shares > 0.015) & (shares < 0.06)), 5, replace=False)
    found = rising(month(seed, TERMS, shares, planted, overdispersed=0.1))
    assert {f"t{i}" for i in planted} <= {rise.term for rise in found[:10]}


def test_what_was_never_said_before_is_new():
    shares = np.full(100, 0.02)
    shares[0] = 0
    counts = month(1, 100, shares)
    counts.now[0] = 20
    first = rising(counts)[0]
    assert (first.term, first.expected, first.is_alarm) == ("t0", 0, True)


def test_a_few_calls_are_no_rise():
    counts = month(1, 100, np.full(100, 0.0001))
    counts.now[:] = 0
    counts.now[3] = 4
    assert [rise for rise in rising(counts) if rise.term == "t3"] == []


def test_a_fall_is_no_rise():
    counts = month(1, 50, np.full(50, 0.1), rises=[7], factor=0.2)
    assert "t7" not in [rise.term for rise in rising(counts)]


def test_days_that_differ_anyway_need_a_larger_rise():
    steady = month(3, 200, np.full(200, 0.05), rises=[0], factor=2.5)
    restless = month(3, 200, np.full(200, 0.05), rises=[0], factor=2.5, overdispersed=0.5)
    assert rising(steady)[0].term == "t0"
    assert rising(steady)[0].is_real
    assert dispersion(restless.before, restless.calls_before).mean() > 3
    assert not any(rise.is_alarm for rise in rising(restless))


def test_false_rises_are_as_rare_as_promised():
    """Over many flat days a list with one true rise holds few others."""
    wrong = right = 0
    for seed in range(60):
        found = rising(month(seed, 500, np.full(500, 0.03), rises=range(5), factor=3))
        planted = [rise.term in {"t0", "t1", "t2", "t3", "t4"} for rise in found if rise.is_real]
        right, wrong = right + sum(planted), wrong + len(planted) - sum(planted)
    assert right > 280
    assert wrong / (wrong + right) < 0.07


@pytest.mark.parametrize("empty", ["now", "before", "terms"])
def test_without_calls_nothing_rises(empty):
    counts = {
        "now": Counts(["a"], np.array([0]), 0, np.array([[1]]), np.array([10])),
        "before": Counts(["a"], np.array([5]), 9, np.array([[0]]), np.array([0])),
        "terms": Counts([], np.zeros(0, int), 9, np.zeros((1, 0), int), np.array([10])),
    }[empty]
    assert rising(counts) == []


def test_counts_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="belong together"):
        Counts(["a", "b"], np.array([1]), 1, np.array([[1, 1]]), np.array([3]))
