"""Verdicts: what counts, what is taken back, what a new inspection inherits."""

from collections.abc import Callable
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.store import Store, add_verdict, get_call, replace_inspection, undo_verdict, verdict_history


@pytest.fixture
def judged(store: Store, inspected: Callable[..., int], build: Any) -> int:
    """A call with one flag, 10 to 12 s, judged confirmed."""
    number = inspected("a.wav", build.flag("service.abuse", 10.0, 12.0))
    add_verdict(store, flag_of(store, number), "confirmed", reviewer="li")
    return number


def flag_of(store: Store, number: int, index: int = 0) -> int:
    return get_call(store, number).flags[index].id


def verdict_of(store: Store, number: int) -> str | None:
    return get_call(store, number).flags[0].verdict


def test_a_verdict_counts_at_once(store: Store, judged: int) -> None:
    assert verdict_of(store, judged) == "confirmed"
    assert get_call(store, judged).row.open_count == 0


def test_the_history_holds_everything_that_was_said(store: Store, judged: int) -> None:
    add_verdict(
        store, flag_of(store, judged), "false_alarm", reviewer="wang", reason="quoting", comment="客户的话"
    )
    first, second = verdict_history(store, judged)
    assert (first.verdict, first.reviewer, first.rule, first.start) == (
        "confirmed",
        "li",
        "service.abuse",
        10,
    )
    assert (second.reviewer, second.reason, second.comment) == ("wang", "quoting", "客户的话")
    assert second.created_at.tzinfo is not None


def test_the_newest_verdict_counts(store: Store, judged: int) -> None:
    add_verdict(store, flag_of(store, judged), "unsure", reviewer="wang")
    assert verdict_of(store, judged) == "unsure"


def test_undo_brings_the_one_before_back(store: Store, judged: int) -> None:
    add_verdict(store, flag_of(store, judged), "unsure", reviewer="li")
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    assert verdict_of(store, judged) == "confirmed"


def test_undo_of_the_only_one_leaves_the_flag_open(store: Store, judged: int) -> None:
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    assert verdict_of(store, judged) is None
    assert get_call(store, judged).row.open_count == 1


def test_undo_goes_back_step_by_step(store: Store, judged: int) -> None:
    flag = flag_of(store, judged)
    add_verdict(store, flag, "unsure", reviewer="li")
    add_verdict(store, flag, "false_alarm", reviewer="li")
    seen = []
    for _ in range(3):
        undo_verdict(store, flag, reviewer="li")
        seen.append(verdict_of(store, judged))
    assert seen == ["unsure", "confirmed", None]


def test_undo_of_nothing_says_so(store: Store, judged: int) -> None:
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    assert undo_verdict(store, flag_of(store, judged), reviewer="li") is None


def test_a_verdict_after_an_undo_counts(store: Store, judged: int) -> None:
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    add_verdict(store, flag_of(store, judged), "false_alarm", reviewer="li")
    assert verdict_of(store, judged) == "false_alarm"


def test_nothing_is_ever_removed_from_the_history(store: Store, judged: int) -> None:
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    assert [e.verdict for e in verdict_history(store, judged)] == ["confirmed", "undo"]


@pytest.mark.parametrize(
    ("rule", "start", "end", "inherits"),
    [
        ("service.abuse", 10.0, 12.0, True),
        ("service.abuse", 10.2, 11.9, True),
        ("service.abuse", 10.3, 12.0, False),
        ("service.abuse", 10.0, 12.3, False),
        ("service.abuse", 30.0, 32.0, False),
        ("service.shirking", 10.0, 12.0, False),
    ],
)
def test_what_the_same_flag_of_a_new_inspection_inherits(
    store: Store, judged: int, build: Any, rule: str, start: float, end: float, inherits: bool
) -> None:
    replace_inspection(store, judged, build.inspection(build.flag(rule, start, end, rule_version=2)))
    assert verdict_of(store, judged) == ("confirmed" if inherits else None)
    assert get_call(store, judged).row.open_count == (0 if inherits else 1)


def test_a_verdict_survives_a_rulebook_that_did_not_raise_the_flag(
    store: Store, judged: int, build: Any
) -> None:
    replace_inspection(store, judged, build.inspection())
    replace_inspection(store, judged, build.inspection(build.flag("service.abuse", 10.0, 12.0)))
    assert verdict_of(store, judged) == "confirmed"


def test_an_inherited_verdict_can_be_undone(store: Store, judged: int, build: Any) -> None:
    replace_inspection(store, judged, build.inspection(build.flag("service.abuse", 10.1, 12.1)))
    undo_verdict(store, flag_of(store, judged), reviewer="li")
    assert verdict_of(store, judged) is None


def test_other_calls_inherit_nothing(
    store: Store, judged: int, inspected: Callable[..., int], build: Any
) -> None:
    other = inspected("b.wav", build.flag("service.abuse", 10.0, 12.0))
    assert verdict_of(store, other) is None


def test_the_other_flag_of_a_call_stays_open(store: Store, inspected: Callable[..., int], build: Any) -> None:
    number = inspected("a.wav", build.flag("a.x", 1, 2), build.flag("a.x", 5, 6))
    add_verdict(store, flag_of(store, number, 1), "confirmed", reviewer="li")
    assert [f.verdict for f in get_call(store, number).flags] == [None, "confirmed"]
    assert get_call(store, number).row.open_count == 1


def test_a_flag_that_was_replaced_cannot_be_judged(store: Store, judged: int, build: Any) -> None:
    old = flag_of(store, judged)
    replace_inspection(store, judged, build.inspection(build.flag()))
    with pytest.raises(UsageError, match="may have been inspected again"):
        add_verdict(store, old, "confirmed", reviewer="li")


def test_a_word_that_is_no_verdict(store: Store, judged: int) -> None:
    with pytest.raises(UsageError, match="no such verdict: 'maybe'"):
        add_verdict(store, flag_of(store, judged), "maybe", reviewer="li")  # type: ignore[arg-type]


def test_a_recording_without_verdicts_has_an_empty_history(store: Store, add: Callable[..., int]) -> None:
    assert verdict_history(store, add("b.wav")) == verdict_history(store, 99) == ()
