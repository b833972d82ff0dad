"""Plans draw what they say, and the same again."""

from collections import Counter
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.review.sampling import Plan, carry_out, draw
from callqa.store.assignments import assigned_to
from callqa.store.calls import CallFilter, list_calls
from callqa.store.sampling import Candidate, draws


def some(count=1000, **fields):
    usual: dict[str, Any] = {"agent": "a", "team": "t", "business": "b", "queue": "q"}
    usual |= {"seconds": 60.0, "risk": 0.0} | fields
    return [
        Candidate(id=n, **{k: v(n) if callable(v) else v for k, v in usual.items()}) for n in range(count)
    ]


@pytest.mark.parametrize("method", ["random", "per_agent", "stratified", "risk"])
def test_the_same_plan_draws_the_same(method):
    found = some(agent=lambda n: f"a{n % 7}", business=lambda n: f"b{n % 3}", risk=lambda n: n % 2)
    plan = Plan(method, 5, seed=3)
    assert draw(found, plan) == draw(list(reversed(found)), plan)
    assert draw(found, plan) != draw(found, Plan(method, 5, seed=4))


@pytest.mark.parametrize("method", ["random", "per_agent", "stratified", "risk"])
def test_no_call_is_drawn_twice(method):
    drawn = draw(some(50, agent=lambda n: f"a{n % 3}"), Plan(method, 30))
    assert len(drawn) == len(set(drawn))


def test_every_agent_gets_as_many():
    agents = {c.id: c.agent for c in some(agent=lambda n: "few" if n < 2 else f"a{n % 4}")}
    drawn = draw(some(agent=lambda n: agents[n]), Plan("per_agent", 5))
    assert Counter(agents[one] for one in drawn) == {"few": 2, "a0": 5, "a1": 5, "a2": 5, "a3": 5}


def test_calls_of_nobody_are_not_drawn_per_agent():
    assert draw(some(10, agent=None), Plan("per_agent", 5)) == []


def test_strata_are_drawn_in_proportion():
    found = some(business=lambda n: "small" if n < 100 else "big")
    drawn = draw(found, Plan("stratified", 50))
    assert sum(one < 100 for one in drawn) == 5


def test_risky_calls_are_drawn_more_often():
    found = some(risk=lambda n: 1.0 if n < 100 else 0.0)
    drawn = [one for seed in range(20) for one in draw(found, Plan("risk", 50, seed, risk_weight=9))]
    share = sum(one < 100 for one in drawn) / len(drawn)
    assert 0.45 < share < 0.55  # 100 calls of weight 10 against 900 of weight 1


def test_random_draws_are_even():
    drawn = Counter(one for seed in range(400) for one in draw(some(20), Plan("random", 5, seed)))
    assert max(drawn.values()) / min(drawn.values()) < 1.6


def test_short_calls_are_left_out():
    assert draw(some(10, seconds=lambda n: 5.0 if n else 30.0), Plan("random", 5)) == [0]


def test_a_sample_has_one_call_at_least():
    with pytest.raises(UsageError):
        draw(some(3), Plan("random", 0))


def test_a_draw_becomes_a_list_that_reviewers_share(calls):
    calls.add(30, business="loans")
    calls.add(10, business="cards")
    made = carry_out(
        calls.store,
        "周抽检",
        Plan("random", 6, 1),
        CallFilter(business=("loans",)),
        by="lead",
        reviewers=["x", "y"],
    )
    members = [row.id for row in list_calls(calls.store, CallFilter(list=made.list_id)).rows]
    assert sorted(members) == sorted(made.recordings)
    assert Counter(assigned_to(calls.store, members).values()) == {"x": 3, "y": 3}
    assert made.population == 30


def test_a_draw_is_remembered_with_its_plan(calls):
    calls.add(5)
    carry_out(calls.store, "一", Plan("random", 2, 7), CallFilter(team=()), by="lead")
    (row,) = draws(calls.store)
    assert (row.name, row.population, row.drawn, row.plan["seed"], row.drawn_by) == ("一", 5, 2, 7, "lead")


def test_nothing_to_draw_says_so(calls):
    with pytest.raises(UsageError, match="no call fits"):
        carry_out(calls.store, "一", Plan(), CallFilter(), by="lead")


def test_an_assigned_call_stays_with_its_reviewer(calls):
    numbers = calls.add(3)
    carry_out(calls.store, "一", Plan("random", 3), CallFilter(), by="lead", reviewers=["x"])
    carry_out(calls.store, "二", Plan("random", 3), CallFilter(), by="lead", reviewers=["y"])
    assert set(assigned_to(calls.store, numbers).values()) == {"x"}
