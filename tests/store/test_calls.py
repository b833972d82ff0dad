"""Lists of calls: filters, orders, pages, neighbours, counts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from callqa.inspect.types import Level
from callqa.store import (
    CallFilter,
    Store,
    add_verdict,
    facet,
    get_call,
    list_calls,
    neighbours,
    rule_counts,
    save_failure,
    status_counts,
)
from callqa.store.calls import Order

ORDERS: tuple[Order, ...] = ("worst", "newest", "score", "name")


@pytest.fixture
def calls(store: Store, inspected: Callable[..., int], add: Callable[..., int], build: Any) -> Store:
    """Five calls: two flagged, one clean, one failed, one queued."""
    high = build.flag("service.abuse", severity=Level.HIGH)
    low = build.flag("voice.praise", severity=Level.LOW, doubtful=True)
    a = inspected(
        "a.wav",
        high,
        low,
        score=60,
        agent="1",
        business="bank",
        started_at="2026-01-01T09:00:00",
        call_id="C1",
    )
    b = inspected("b.wav", low, score=95, agent="2", business="bank", started_at="2026-01-02T09:00:00")
    inspected("c.wav", score=100, agent="1", business="shop", started_at="2026-01-03T09:00:00")
    save_failure(store, add("d_1.wav", agent="3"), kind="damaged", reason="r", remedy="m")
    add("e.wav", agent="2", customer="138")
    flags = {number: get_call(store, number).flags for number in (a, b)}
    add_verdict(store, flags[a][0].id, "confirmed", reviewer="li")
    add_verdict(store, flags[b][0].id, "false_alarm", reviewer="li")
    return store


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        (CallFilter(), "a b c d_1 e"),
        (CallFilter(status=("failed",)), "d_1"),
        (CallFilter(status=("failed", "queued")), "d_1 e"),
        (CallFilter(agent=("1",)), "a c"),
        (CallFilter(agent=("1",), business=("bank",)), "a"),
        (CallFilter(business=("insurance",)), ""),
        (CallFilter(customer="138"), "e"),
        (CallFilter(rule=("voice.praise",)), "a b"),
        (CallFilter(rule=("service.abuse", "voice.praise")), "a b"),
        (CallFilter(severity=Level.LOW), "a b"),
        (CallFilter(severity=Level.MEDIUM), "a"),
        (CallFilter(severity=Level.CRITICAL), ""),
        (CallFilter(rule=("voice.praise",), severity=Level.HIGH), ""),
        (CallFilter(min_score=95), "b c"),
        (CallFilter(max_score=95), "a b"),
        (CallFilter(min_score=61, max_score=99), "b"),
        (CallFilter(max_score=0), ""),
        (CallFilter(since=date(2026, 1, 2), until=date(2026, 1, 2)), "b"),
        (CallFilter(until=date(2026, 1, 1)), "a"),
        (CallFilter(verdict="open"), "a"),
        (CallFilter(verdict="judged"), "b"),
        (CallFilter(verdict="confirmed"), "a"),
        (CallFilter(verdict="false_alarm"), "b"),
        (CallFilter(verdict="unsure"), ""),
        (CallFilter(doubtful=True), "a b"),
        (CallFilter(doubtful=False), "c d_1 e"),
        (CallFilter(name="wav"), "a b c d_1 e"),
        (CallFilter(name="d_1"), "d_1"),
        (CallFilter(name="_"), "d_1"),
        (CallFilter(name="%"), ""),
        (CallFilter(name="C1"), "a"),
        (CallFilter(rulebook="sha256:aa"), "a b c"),
        (CallFilter(rulebook="sha256:bb"), ""),
    ],
)
def test_filters(calls: Store, filter: CallFilter, names: str) -> None:
    page = list_calls(calls, filter, order="name")
    assert [row.name.removesuffix(".wav") for row in page.rows] == names.split()
    assert page.total == len(page.rows)


@pytest.mark.parametrize(
    ("order", "names"),
    [("worst", "a b c d_1 e"), ("score", "a b c d_1 e"), ("name", "a b c d_1 e"), ("newest", "e d_1 c b a")],
)
def test_orders(calls: Store, order: Order, names: str) -> None:
    rows = list_calls(calls, order=order).rows
    assert [row.name.removesuffix(".wav") for row in rows] == names.split()


@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_every_call_once(calls: Store, order: Order) -> None:
    pages = [list_calls(calls, order=order, limit=2, offset=n) for n in (0, 2, 4)]
    assert [row.id for page in pages for row in page.rows] == [
        r.id for r in list_calls(calls, order=order).rows
    ]
    assert {page.total for page in pages} == {5}


@pytest.mark.parametrize("order", ORDERS)
def test_neighbours_follow_the_list(calls: Store, order: Order) -> None:
    ids: list[int | None] = [row.id for row in list_calls(calls, order=order).rows]
    around = [None, *ids, None]
    for index, number in enumerate(ids):
        assert number is not None
        assert neighbours(calls, number, order=order) == (around[index], around[index + 2])


def test_neighbours_keep_to_the_filter(calls: Store) -> None:
    only_bank = CallFilter(business=("bank",))
    ids = {row.name: row.id for row in list_calls(calls).rows}
    assert neighbours(calls, ids["a.wav"], only_bank, order="name") == (None, ids["b.wav"])
    assert neighbours(calls, ids["c.wav"], only_bank, order="name") == (ids["b.wav"], None)


def test_a_call_that_is_not_there_has_no_neighbours(calls: Store) -> None:
    assert neighbours(calls, 99) == (None, None)


def test_statuses_are_counted_and_none_is_left_out(calls: Store) -> None:
    assert status_counts(calls) == {
        "queued": 1,
        "running": 0,
        "inspected": 3,
        "empty": 0,
        "failed": 1,
        "quarantined": 0,
    }


def test_counts_keep_to_the_filter(calls: Store) -> None:
    assert status_counts(calls, CallFilter(agent=("1",)))["inspected"] == 2


def test_values_of_a_field_come_most_frequent_first(calls: Store) -> None:
    assert list(facet(calls, "agent").items()) == [("1", 2), ("2", 2), ("3", 1)]
    assert facet(calls, "team") == {}


def test_rules_are_counted_by_call(calls: Store) -> None:
    assert list(rule_counts(calls).items()) == [("voice.praise", 2), ("service.abuse", 1)]
    assert rule_counts(calls, CallFilter(agent=("2",))) == {"voice.praise": 1}
