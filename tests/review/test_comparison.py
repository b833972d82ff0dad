"""Agents and teams are compared with what chance would do."""

import random

import pytest

from callqa.review.comparison import (
    ENOUGH_CALLS,
    Z_CLEAR,
    Z_LOOK,
    funnel,
    mean_interval,
    share_interval,
    standing,
)


def test_too_few_calls_are_not_compared() -> None:
    assert standing(ENOUGH_CALLS - 1, ENOUGH_CALLS - 1, 100, 1000) == "too_few"
    assert share_interval(3, ENOUGH_CALLS - 1) is None
    assert mean_interval(80.0, 5.0, ENOUGH_CALLS - 1) is None


def test_an_only_agent_has_nobody_to_be_compared_with() -> None:
    assert standing(50, 100, 50, 100) == "too_few"


@pytest.mark.parametrize(
    ("part", "expected"),
    [(5, "clearly_fewer"), (11, "fewer"), (20, "usual"), (29, "more"), (36, "clearly_more")],
)
def test_a_share_stands_where_chance_puts_it(part: int, expected: str) -> None:
    assert standing(part, 100, 200 + part, 1100) == expected


def test_a_big_team_is_compared_with_the_others_and_not_with_itself() -> None:
    assert standing(400, 1000, 420, 1100) == "clearly_more"


def test_among_alike_agents_few_stand_out() -> None:
    chance = random.Random(2)
    counts = [sum(chance.random() < 0.2 for _ in range(80)) for _ in range(400)]
    found = [standing(n, 80, sum(counts), 80 * len(counts)) for n in counts]
    clear = sum(one.startswith("clearly") for one in found) / len(found)
    look = sum(one != "usual" for one in found) / len(found)
    assert clear < 0.01
    assert 0.02 < look < 0.09


@pytest.mark.parametrize("count", [20, 50, 500, 5000])
def test_the_funnel_narrows_around_the_share(count: int) -> None:
    low, high = funnel(0.2, count, Z_LOOK)
    wider = funnel(0.2, count, Z_CLEAR)
    assert wider[0] < low < 0.2 < high < wider[1]
    assert high - low < 0.4 * (20 / count) ** 0.5


def test_the_funnel_stays_a_share() -> None:
    assert funnel(0.0, 20, Z_CLEAR)[0] == 0.0
    assert funnel(1.0, 20, Z_CLEAR)[1] == 1.0


def test_more_calls_make_a_narrower_interval() -> None:
    few, many = mean_interval(80.0, 10.0, 25), mean_interval(80.0, 10.0, 400)
    assert few is not None and many is not None
    assert few[1] - few[0] == pytest.approx(4 * (many[1] - many[0]), rel=0.01)
