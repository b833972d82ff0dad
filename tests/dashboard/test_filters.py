"""Filters and addresses."""

from datetime import date

import pytest

from callqa.dashboard.filters import PAGE_SIZE, View, from_params, narrowed, to_params
from callqa.inspect.types import Level
from callqa.store.calls import CallFilter

FULL = View(
    CallFilter(
        status=("failed", "empty"),
        agent=("王芳", "李 强"),
        team=("一组",),
        business=("售后&安装",),
        rule=("risk.media_threat",),
        severity=Level.HIGH,
        max_score=70,
        since=date(2026, 11, 1),
        until=date(2026, 11, 30),
        verdict="open",
        doubtful=True,
        name="call=1?",
    ),
    "newest",
    3,
)


@pytest.mark.parametrize("view", [View(), FULL, View(CallFilter(max_score=0)), View(order="score", page=2)])
def test_an_address_brings_back_the_same_view(view: View) -> None:
    assert from_params(to_params(view)) == view


def test_the_view_of_everything_needs_no_address() -> None:
    assert to_params(View()) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "gone"),
        ("severity", "purple"),
        ("severity", ""),
        ("verdict", "OPEN"),
        ("since", "2026-13-01"),
        ("until", "tomorrow"),
        ("max_score", "-1"),
        ("max_score", "９０"),
        ("max_score", "1e3"),
        ("page", "0"),
        ("page", "two"),
        ("page", "9" * 400),
        ("order", "; DROP TABLE"),
        ("doubtful", "yes"),
        ("q", "   "),
        ("unheard_of", "x"),
    ],
)
def test_what_makes_no_sense_is_left_out(name: str, value: str) -> None:
    view = from_params({name: [value]})
    assert view.filter == CallFilter()
    assert view.order == "worst"
    assert view.page >= 1


def test_a_score_above_the_range_is_held_at_its_end() -> None:
    assert from_params({"max_score": ["250"]}).filter.max_score == 100


def test_the_last_of_several_single_values_counts() -> None:
    assert from_params({"verdict": ["open", "judged"]}).filter.verdict == "judged"


@pytest.mark.parametrize(("page", "offset"), [(1, 0), (2, PAGE_SIZE), (5, 4 * PAGE_SIZE)])
def test_a_page_begins_after_those_before_it(page: int, offset: int) -> None:
    assert View(page=page).offset == offset


@pytest.mark.parametrize(
    ("view", "count"),
    [
        (View(), 0),
        (FULL, 8),
        (View(CallFilter(rule=("x",), verdict="open")), 0),
        (View(CallFilter(max_score=0)), 1),
    ],
)
def test_hidden_filters_are_counted(view: View, count: int) -> None:
    assert narrowed(view) == count
