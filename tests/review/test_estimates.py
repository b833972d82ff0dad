"""Estimates of what was missed: they cover the truth as often as they say."""

import numpy as np
import pytest

from callqa.review.estimates import Stratum, calls_to_hear, estimate_missed, spread


def month(rng, strata, rate, heard):
    """A simulated month: strata of unlike size and rate, an audit drawn without putting back."""
    calls = rng.integers(1000, 8000, size=strata)
    missed = rng.binomial(calls, np.minimum(rate * rng.lognormal(0, 1, strata), 0.5))
    drawn = spread({str(i): int(n) for i, n in enumerate(calls)}, heard * strata)
    found = [
        rng.hypergeometric(m, n - m, drawn[str(i)])
        for i, (n, m) in enumerate(zip(calls, missed, strict=True))
    ]
    audit = [
        Stratum(str(i), int(n), drawn[str(i)], int(x))
        for i, (n, x) in enumerate(zip(calls, found, strict=True))
    ]
    return audit, missed.sum() / calls.sum()


@pytest.mark.parametrize(
    ("strata", "rate", "heard"),
    [(1, 0.01, 300), (3, 0.01, 100), (3, 0.05, 100), (8, 0.003, 100), (8, 0.01, 30), (8, 0.05, 300)],
)
def test_the_interval_covers_the_truth_in_95_of_100_months(strata, rate, heard):
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(1000):
        audit, truth = month(rng, strata, rate, heard)
        found = estimate_missed(audit)
        covered += found.low <= truth <= found.high
    assert 930 <= covered <= 970


def test_strata_count_by_their_calls():
    found = estimate_missed([Stratum("big", 9000, 100, 0), Stratum("small", 1000, 100, 10)])
    assert found.rate == pytest.approx(0.01)
    assert found.low < 0.01 < found.high
    assert found.count[0] == pytest.approx(100)


def test_no_miss_among_few_calls_is_no_proof():
    few, many = estimate_missed([Stratum("a", 5000, 20, 0)]), estimate_missed([Stratum("a", 5000, 2000, 0)])
    assert (few.rate, few.low) == (0, 0)
    assert few.high > 0.08
    assert many.high < 0.0015


def test_nothing_heard_says_nothing():
    found = estimate_missed([Stratum("a", 100, 0, 0)])
    assert (found.low, found.high, found.unheard) == (0, 1, ("a",))


def test_a_stratum_nobody_heard_is_named_and_left_out():
    found = estimate_missed([Stratum("a", 100, 50, 5), Stratum("b", 900, 0, 0)])
    assert found.unheard == ("b",)
    assert found.calls == 100


def test_every_call_heard_leaves_no_doubt():
    found = estimate_missed([Stratum("a", 40, 40, 2)])
    assert (found.low, found.rate, found.high) == (0.05, 0.05, 0.05)


@pytest.mark.parametrize(("calls", "heard", "missed"), [(10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_figures_that_cannot_be_are_refused(calls, heard, missed):
    with pytest.raises(ValueError, match="cannot be"):
        Stratum("a", calls, heard, missed)


def test_the_calls_to_hear_make_the_interval_as_narrow_as_wanted():
    audit = [Stratum("a", 20000, 100, 3), Stratum("b", 5000, 100, 1)]
    more = calls_to_hear(audit, 0.02)
    assert more is not None
    assert estimate_missed(audit).width > 0.02
    added = spread({"a": 19900, "b": 4900}, more)
    heard = [
        Stratum("a", 20000, 100 + added["a"], round(3 * (100 + added["a"]) / 100)),
        Stratum("b", 5000, 100 + added["b"], round((100 + added["b"]) / 100)),
    ]
    assert estimate_missed(heard).width == pytest.approx(0.02, rel=0.05)


def test_no_more_calls_when_the_interval_is_narrow_enough():
    assert calls_to_hear([Stratum("a", 5000, 2000, 10)], 0.5) == 0


def test_an_unheard_stratum_asks_for_calls():
    more = calls_to_hear([Stratum("a", 5000, 2000, 10), Stratum("b", 500, 0, 0)], 0.05)
    assert more


def test_without_calls_there_is_nothing_to_hear():
    assert calls_to_hear([], 0.05) is None


@pytest.mark.parametrize("width", [0, -1, 2])
def test_a_width_that_cannot_be_is_refused(width):
    with pytest.raises(ValueError, match="between 0 and 1"):
        calls_to_hear([Stratum("a", 10, 5, 0)], width)


@pytest.mark.parametrize(
    ("sizes", "total", "expected"),
    [
        ({"a": 900, "b": 100}, 10, {"a": 9, "b": 1}),
        ({"a": 999, "b": 1}, 10, {"a": 9, "b": 1}),
        ({"a": 3, "b": 3}, 100, {"a": 3, "b": 3}),
        ({"a": 0, "b": 5}, 2, {"a": 0, "b": 2}),
        ({}, 5, {}),
    ],
)
def test_spread(sizes, total, expected):
    assert spread(sizes, total) == expected
