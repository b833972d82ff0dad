"""What a browser sends is carried out once, in order, and never trusted."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from callqa.review.actions import LONGEST_COMMENT, Refused, ReviewSession
from callqa.tests.review.conftest import Case


def verdict(
    case: Case, flag: int, value: str, id: str, seen: int | None = None, **more: Any
) -> dict[str, Any]:
    number = case.flags[flag]
    return {"id": id, "kind": "verdict", "call": 1, "flag": number, "value": value, "seen": seen, **more}


def undo(entry: Any, id: str) -> dict[str, Any]:
    return {"id": id, "kind": "undo", "call": 1, "verdict": entry}


def test_actions_are_carried_out_in_order(case: Case) -> None:
    session = ReviewSession("a")
    session.apply(case.store, [verdict(case, 0, "confirmed", "1"), verdict(case, 1, "unsure", "2")])
    assert case.verdicts == ["confirmed", "unsure"]
    assert list(session.saved) == ["1", "2"]


def test_an_action_that_comes_again_is_done_once(case: Case) -> None:
    session = ReviewSession("a")
    for _ in range(3):
        session.apply(case.store, [verdict(case, 0, "confirmed", "1")])
    assert len(case.history) == 1


def test_an_action_left_over_from_before_a_crash_is_done_once(case: Case) -> None:
    action = verdict(case, 0, "confirmed", "1", comment="x")
    ReviewSession("a").apply(case.store, [action])
    again = ReviewSession("a")
    again.apply(case.store, [action])
    assert len(case.history) == 1
    assert again.refused == {}


def test_an_undo_left_over_from_before_a_crash_takes_back_no_more(case: Case) -> None:
    session = ReviewSession("a")
    session.apply(case.store, [verdict(case, 0, "confirmed", "1")])
    session.apply(case.store, [verdict(case, 0, "unsure", "2", session.saved["1"])])
    action = undo(session.saved["2"], "3")
    session.apply(case.store, [action])
    ReviewSession("a").apply(case.store, [action])
    assert case.verdicts[0] == "confirmed"


def test_the_same_from_two_threads_is_done_once(case: Case) -> None:
    session, action = ReviewSession("a"), verdict(case, 0, "confirmed", "1")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: session.apply(case.store, [action]), range(16)))
    assert len(case.history) == 1


def test_a_second_thought_before_the_answer_came_is_no_conflict(case: Case) -> None:
    session = ReviewSession("a")
    session.apply(case.store, [verdict(case, 0, "confirmed", "1"), verdict(case, 0, "false_alarm", "2")])
    assert case.verdicts[0] == "false_alarm"
    assert session.refused == {}


def test_what_another_tab_did_meanwhile_is_not_overwritten(case: Case) -> None:
    ReviewSession("b").apply(case.store, [verdict(case, 0, "confirmed", "1")])
    late = ReviewSession("a")
    late.apply(case.store, [verdict(case, 0, "false_alarm", "2"), verdict(case, 1, "unsure", "3")])
    assert late.refused == {"2": Refused("overtaken", "confirmed", "b")}
    assert case.verdicts == ["confirmed", "unsure"]


def test_pressing_again_after_seeing_the_other_verdict_changes_it(case: Case) -> None:
    first = ReviewSession("b")
    first.apply(case.store, [verdict(case, 0, "confirmed", "1")])
    ReviewSession("a").apply(case.store, [verdict(case, 0, "false_alarm", "2", seen=first.saved["1"])])
    assert case.verdicts[0] == "false_alarm"


def test_a_flag_that_is_gone_is_refused(case: Case) -> None:
    action = verdict(case, 0, "confirmed", "1")
    case.inspect(25.0)
    session = ReviewSession("a")
    session.apply(case.store, [action])
    assert session.refused["1"].why == "gone"


def test_a_comment_is_kept_and_cut_at_its_limit(case: Case) -> None:
    ReviewSession("a").apply(case.store, [verdict(case, 0, "unsure", "1", comment="好" * 5000)])
    assert case.history == [("unsure", "a", "好" * LONGEST_COMMENT)]


@pytest.mark.parametrize(
    "change",
    [
        {"value": "undo"},
        {"value": "guilty"},
        {"value": ["confirmed"]},
        {"kind": "delete"},
        {"kind": None},
        {"flag": "1; DROP TABLE verdict"},
        {"flag": None},
        {"flag": True},
        {"flag": 1.5},
        {"flag": float("inf")},
        {"flag": float("nan")},
        {"flag": 10**40},
        {"seen": "x"},
        {"comment": {"a": 1}, "value": None},
    ],
)
def test_what_makes_no_sense_is_refused_and_stores_nothing(case: Case, change: dict[str, Any]) -> None:
    session = ReviewSession("a")
    session.apply(case.store, [{**verdict(case, 0, "confirmed", "1"), **change}])
    assert "1" in session.refused
    assert case.history == []


@pytest.mark.parametrize("junk", [None, 7, "text", [], {}, {"id": 3}, {"id": None}, {"id": ["x"]}])
def test_what_is_no_action_at_all_is_passed_over(case: Case, junk: Any) -> None:
    session = ReviewSession("a")
    session.apply(case.store, [junk, verdict(case, 0, "confirmed", "1")])
    assert session.refused == {}
    assert case.verdicts[0] == "confirmed"


@pytest.mark.parametrize("missing", ["kind", "flag", "value", "seen"])
def test_an_action_with_a_part_missing_is_refused(case: Case, missing: str) -> None:
    action = verdict(case, 0, "confirmed", "1")
    del action[missing]
    session = ReviewSession("a")
    session.apply(case.store, [action])
    assert session.refused["1"].why == "invalid"
