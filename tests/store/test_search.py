"""Search finds what was said, and nothing else."""

from collections.abc import Callable
from datetime import date

import pytest

from callqa.store import CallFilter, Store, search

LINES = ("您好我要投诉你们", "我要退款ABC和100%的赔偿", "投诉到12315_2", "好的")


@pytest.mark.parametrize(
    ("query", "positions"),
    [
        ("投诉", [0, 2]),
        ("退款", [1]),
        ("投", [0, 2]),
        ("abc", [1]),
        ("ＡＢＣ", [1]),
        ("投诉 12315", [2]),
        ("投诉　你们", [0]),
        ("投诉 退款", []),
        ("100%", [1]),
        ("%", [1]),
        ("_", [2]),
        ("诉投", []),
        ("", []),
        ("  ", []),
        ("' OR 1=1 --", []),
    ],
)
def test_queries(store: Store, inspected: Callable[..., int], query: str, positions: list[int]) -> None:
    inspected("a.wav", lines=LINES)
    assert [hit.position for hit in search(store, query)] == positions


def test_a_hit_says_where_it_is(store: Store, inspected: Callable[..., int]) -> None:
    number = inspected("a.wav", lines=LINES)
    (hit,) = search(store, "退款")
    assert (hit.recording_id, hit.name, hit.start, hit.end, hit.role) == (
        number,
        "a.wav",
        2.0,
        3.5,
        "customer",
    )
    assert hit.text == LINES[1]


def test_newest_day_first_and_not_more_than_asked_for(store: Store, inspected: Callable[..., int]) -> None:
    for day in (1, 3, 2):
        inspected(f"{day}.wav", lines=("投诉",), started_at=f"2026-01-0{day}T08:00:00")
    assert [hit.name for hit in search(store, "投诉", limit=2)] == ["3.wav", "2.wav"]


def test_search_keeps_to_the_filter(store: Store, inspected: Callable[..., int]) -> None:
    for day in (1, 2):
        inspected(f"{day}.wav", lines=("投诉",), started_at=f"2026-01-0{day}T08:00:00")
    hits = search(store, "投诉", CallFilter(until=date(2026, 1, 1)))
    assert [hit.name for hit in hits] == ["1.wav"]
