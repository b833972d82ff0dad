"""A rule that gets worse is marked, one that does not is left alone."""

import random

import pytest

from callqa.review.drift import BASE, drift


def verdicts(chance: random.Random, precision: float, count: int) -> list[bool]:
    return [chance.random() < precision for _ in range(count)]


def test_few_verdicts_say_nothing() -> None:
    assert drift([True] * (2 * BASE - 1)) is None


def test_a_rule_that_is_always_right_is_not_marked() -> None:
    found = drift([True] * 300)
    assert found is not None
    assert not found.worse


def test_a_rule_that_turns_bad_is_marked_from_where_it_did() -> None:
    found = drift([True] * 100 + [False, True] * 20)
    assert found is not None
    assert found.worse
    assert found.since == 100
    assert (found.before.value, found.after.value) == (1.0, 0.5)


def test_a_rule_that_recovered_is_not_marked() -> None:
    found = drift([True] * 100 + [False] * 6 + [True] * 200)
    assert found is not None
    assert not found.worse


def test_a_rule_that_was_never_good_is_not_marked_for_staying_so() -> None:
    found = drift([True, False] * 150)
    assert found is not None
    assert not found.worse


@pytest.mark.parametrize("precision", [0.95, 0.85, 0.7, 0.5])
def test_chance_alone_raises_few_alarms(precision: float) -> None:
    chance = random.Random(5)
    found = [drift(verdicts(chance, precision, BASE + 200)) for _ in range(400)]
    assert sum(one.worse for one in found if one) / len(found) < 0.05


@pytest.mark.parametrize(("before", "after"), [(0.85, 0.65), (0.8, 0.57), (0.6, 0.33)])
def test_tripled_odds_of_a_false_alarm_are_found_within_100_verdicts(before: float, after: float) -> None:
    chance = random.Random(6)
    found = [drift(verdicts(chance, before, BASE + 60) + verdicts(chance, after, 100)) for _ in range(100)]
    assert sum(one.worse for one in found if one) / len(found) > 0.6
