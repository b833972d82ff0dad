"""How long a verdict takes, from those that were given."""

from datetime import UTC, datetime, timedelta

import pytest

from callqa.rulebooks.workload import ASSUMED_MINUTES, minutes_a_verdict

BEGIN = datetime(2026, 11, 20, 9, tzinfo=UTC)


def given(reviewer: str, *seconds: float) -> list[tuple[str, datetime]]:
    return [(reviewer, BEGIN + timedelta(seconds=s)) for s in seconds]


def test_the_median_time_between_two_verdicts_of_a_reviewer() -> None:
    verdicts = given("li", *range(0, 900, 30)) + given("wang", *range(5, 2000, 90))
    assert minutes_a_verdict(reversed(verdicts)) == (0.5, True)


def test_pauses_do_not_count() -> None:
    verdicts = given("li", *range(0, 600, 20)) + given("li", *range(9000, 9600, 20))
    minutes, measured = minutes_a_verdict(verdicts)
    assert minutes == pytest.approx(1 / 3)
    assert measured


@pytest.mark.parametrize("verdicts", [[], given("li", *range(20)), given("li", *range(0, 90000, 3000))])
def test_too_few_to_measure(verdicts: list[tuple[str, datetime]]) -> None:
    assert minutes_a_verdict(verdicts) == (ASSUMED_MINUTES, False)
