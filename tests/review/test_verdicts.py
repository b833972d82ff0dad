"""Verdicts are given and taken back without anybody overwriting another unknowingly."""

import pytest

from callqa.errors import UsageError
from callqa.review.verdicts import judge, take_back
from callqa.store.review_queries import FlagPlace, flags_on
from callqa.store.verdicts import Overtaken
from callqa.tests.review.conftest import Case


def give(case: Case, flag: int, word: str, reviewer: str = "a", *seen: int | None, comment: str = "") -> int:
    known = seen or (None,)
    place = flags_on(case.store, case.call)[flag]
    return judge(case.store, place, word, reviewer=reviewer, comment=comment, seen=known)  # type: ignore[arg-type]


def test_a_verdict_counts_at_once(case: Case) -> None:
    give(case, 0, "confirmed")
    assert case.verdicts == ["confirmed", None]


def test_a_verdict_may_be_changed_by_who_saw_it(case: Case) -> None:
    first = give(case, 0, "confirmed")
    give(case, 0, "false_alarm", "b", first)
    assert case.verdicts[0] == "false_alarm"
    assert [v for v, _, _ in case.history] == ["confirmed", "false_alarm"]


def test_a_verdict_nobody_saw_is_not_overwritten(case: Case) -> None:
    give(case, 0, "confirmed", "a")
    with pytest.raises(Overtaken) as caught:
        give(case, 0, "false_alarm", "b")
    assert caught.value.entry is not None
    assert (caught.value.entry.verdict, caught.value.entry.reviewer) == ("confirmed", "a")
    assert case.verdicts[0] == "confirmed"


def test_a_verdict_taken_back_meanwhile_is_noticed(case: Case) -> None:
    first = give(case, 0, "confirmed", "a")
    take_back(case.store, case.call, first, reviewer="a")
    with pytest.raises(Overtaken, match="taken back"):
        give(case, 0, "false_alarm", "b", first)


def test_saying_the_same_again_adds_nothing(case: Case) -> None:
    first = give(case, 0, "confirmed")
    assert give(case, 0, "confirmed") == first
    assert len(case.history) == 1


@pytest.mark.parametrize(
    ("word", "reviewer", "comment"),
    [("confirmed", "a", "new"), ("confirmed", "b", ""), ("unsure", "a", "")],
)
def test_a_changed_word_comment_or_reviewer_is_something_new(
    case: Case, word: str, reviewer: str, comment: str
) -> None:
    first = give(case, 0, "confirmed")
    give(case, 0, word, reviewer, first, comment=comment)
    assert len(case.history) == 2


def test_taking_back_brings_the_verdict_before_it_back(case: Case) -> None:
    first = give(case, 0, "confirmed", comment="sure")
    second = give(case, 0, "unsure", "a", first)
    assert take_back(case.store, case.call, second, reviewer="a") == case.flags[0]
    assert case.verdicts[0] == "confirmed"


def test_taking_back_the_only_verdict_opens_the_flag_again(case: Case) -> None:
    take_back(case.store, case.call, give(case, 0, "confirmed"), reviewer="a")
    assert case.verdicts == [None, None]


def test_taking_back_twice_does_it_once(case: Case) -> None:
    first = give(case, 0, "confirmed")
    second = give(case, 0, "unsure", "a", first)
    take_back(case.store, case.call, second, reviewer="a")
    with pytest.raises(Overtaken):
        take_back(case.store, case.call, second, reviewer="a")
    assert case.verdicts[0] == "confirmed"


def test_a_verdict_that_was_replaced_cannot_be_taken_back(case: Case) -> None:
    first = give(case, 0, "confirmed")
    give(case, 0, "unsure", "b", first)
    with pytest.raises(Overtaken):
        take_back(case.store, case.call, first, reviewer="a")


def test_taking_back_leaves_other_flags_alone(case: Case) -> None:
    first = give(case, 0, "confirmed")
    give(case, 1, "confirmed")
    take_back(case.store, case.call, first, reviewer="a")
    assert case.verdicts == [None, "confirmed"]


def test_after_a_new_inspection_the_same_flag_keeps_its_verdict_and_can_be_opened_again(case: Case) -> None:
    first = give(case, 0, "confirmed")
    case.inspect(2.1, 20.0)
    assert case.verdicts == ["confirmed", None]
    take_back(case.store, case.call, first, reviewer="a")
    assert case.verdicts == [None, None]


def test_after_a_new_inspection_a_vanished_flag_cannot_be_judged_or_taken_back(case: Case) -> None:
    first, gone = give(case, 0, "confirmed"), flags_on(case.store, case.call)[0]
    case.inspect(20.0)
    with pytest.raises(UsageError):
        judge(case.store, gone, "unsure", reviewer="a", seen={None})
    with pytest.raises(UsageError):
        take_back(case.store, case.call, first, reviewer="a")


@pytest.mark.parametrize("number", [0, -1, 999])
def test_what_does_not_exist_is_refused(case: Case, number: int) -> None:
    with pytest.raises(UsageError):
        judge(case.store, FlagPlace(number, 1, "", 0, 0), "confirmed", reviewer="a", seen={None})
    with pytest.raises(UsageError):
        take_back(case.store, case.call, number, reviewer="a")
