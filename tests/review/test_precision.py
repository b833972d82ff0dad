"""How often a rule is right, and how sure that is."""

import pytest

from callqa.inspect.types import Level
from callqa.review.precision import Precision, precision_by_rule, wilson
from callqa.store.review_queries import FlagCount


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [  # computed with R's prop.test(correct = FALSE)
        (0, 0, (0.0, 1.0)),
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (8, 10, (0.4902, 0.9433)),
        (50, 100, (0.4038, 0.5962)),
        (1, 1, (0.2065, 1.0)),
    ],
)
def test_the_interval_is_wilsons(successes: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("trials", [1, 5, 50])
def test_the_interval_holds_the_share_and_stays_within_its_bounds(trials: int) -> None:
    for successes in range(trials + 1):
        low, high = wilson(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1


def count(rule: str, verdict: str | None, flags: int, level: Level = Level.HIGH) -> FlagCount:
    return FlagCount(rule, level, verdict, flags)


def test_unsure_and_open_flags_say_nothing_about_precision() -> None:
    counts = [
        count("a", "confirmed", 3),
        count("a", "false_alarm", 1),
        count("a", "unsure", 9),
        count("a", None, 9),
    ]
    assert precision_by_rule(counts) == {"a": Precision(3, 4)}


def test_severities_of_one_rule_are_added_up() -> None:
    counts = [count("a", "confirmed", 1), count("a", "confirmed", 2, Level.LOW)]
    assert precision_by_rule(counts)["a"] == Precision(3, 3)


def test_a_rule_nobody_judged_has_no_precision() -> None:
    assert precision_by_rule([count("a", None, 5)])["a"].value is None


def test_the_value_is_the_share_of_the_judged() -> None:
    assert Precision(3, 4).value == 0.75
