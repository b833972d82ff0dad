"""How often a rule is right, and how sure that is."""

import pytest

from callqa.review.precision import Precision, wilson


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


def test_the_value_is_the_share_of_the_judged() -> None:
    assert Precision(3, 4).value == 0.75
