"""Lists of calls, flags that reviewers added, and how both are read."""

from collections.abc import Callable
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Level
from callqa.store import CallFilter, Store, get_call, iter_calls, replace_inspection
from callqa.store.added_flags import NewFlag, add_flag, missed_counts, withdraw_flag
from callqa.store.calls import list_calls, rule_counts
from callqa.store.claims import HeldByOther, claim_call
from callqa.store.records import call_record, flag_rows
from callqa.store.review_lists import lists, mark_done, place_in_list, save_list

NEW = NewFlag("service.shirking", 2, Level.HIGH, 2.0, 2.6, "customer", 1, 0, 2, "不归", "没登记")


@pytest.fixture
def call(inspected: Callable[..., int], build: Any) -> int:
    return inspected("a.wav", build.flag("service.abuse"), lines=("您好", "不归我管"))


def test_a_list_keeps_calls_with_the_second_to_hear(store: Store, inspected: Callable[..., int]) -> None:
    a, b = inspected("a.wav"), inspected("b.wav")
    made = save_list(store, "退款", [(b, 3.5), (a, 1.0), (b, 9.0)], query="退款", by="王芳")
    assert [row.id for row in list_calls(store, CallFilter(list=made)).rows] == [a, b]
    assert place_in_list(store, made, b) == 3.5
    assert place_in_list(store, made, 99) is None


def test_a_list_tells_how_far_it_is(store: Store, inspected: Callable[..., int]) -> None:
    a, b = inspected("a.wav"), inspected("b.wav")
    made = save_list(store, "退款", [(a, 0), (b, 0)], query="退款", by="王芳")
    mark_done(store, made, a, by="王芳")
    mark_done(store, made, a, by="李强")
    (row,) = lists(store)
    assert (row.name, row.query, row.made_by, row.calls, row.done) == ("退款", "退款", "王芳", 2, 1)


def test_names_of_lists_are_taken_once(store: Store, call: int) -> None:
    save_list(store, "退款", [(call, 0)], query="", by="a")
    with pytest.raises(UsageError, match="already"):
        save_list(store, " 退款 ", [], query="", by="a")
    with pytest.raises(UsageError, match="name"):
        save_list(store, " ", [], query="", by="a")
    assert len(lists(store)) == 1


def test_an_added_flag_is_read_with_its_call(store: Store, call: int) -> None:
    number = add_flag(store, call, NEW, reviewer="王芳", action="x1")
    (added,) = get_call(store, call).added
    assert (added.id, added.rule, added.quote, added.reviewer) == (number, NEW.rule, "不归", "王芳")
    assert [len(c.added) for c in iter_calls(store)] == [1]


def test_an_action_that_arrives_again_adds_nothing(store: Store, call: int) -> None:
    first = add_flag(store, call, NEW, reviewer="王芳", action="x1")
    assert add_flag(store, call, NEW, reviewer="王芳", action="x1") == first
    assert len(get_call(store, call).added) == 1


def test_a_withdrawn_flag_is_gone(store: Store, call: int) -> None:
    withdraw_flag(store, add_flag(store, call, NEW, reviewer="王芳", action="x1"), reviewer="王芳")
    assert get_call(store, call).added == ()
    with pytest.raises(UsageError):
        withdraw_flag(store, 999, reviewer="王芳")


def test_who_does_not_hold_the_call_adds_and_withdraws_nothing(store: Store, call: int) -> None:
    number = add_flag(store, call, NEW, reviewer="王芳", action="x1")
    claim_call(store, call, "李强", "tab")
    with pytest.raises(HeldByOther):
        add_flag(store, call, NEW, reviewer="王芳", action="x2")
    with pytest.raises(HeldByOther):
        withdraw_flag(store, number, reviewer="王芳")


def test_an_added_flag_survives_another_inspection(store: Store, call: int, build: Any) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    replace_inspection(store, call, build.inspection(rulebook="sha256:other"))
    assert len(get_call(store, call).added) == 1


def test_added_flags_are_no_flags_of_a_rule_but_known_misses(store: Store, call: int, build: Any) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    assert set(rule_counts(store)) == {"service.abuse"}
    assert missed_counts(store) == {"service.shirking": 1}
    assert missed_counts(store, CallFilter(name="other")) == {}


def test_a_miss_that_the_rule_finds_by_now_is_none(store: Store, call: int, build: Any) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    replace_inspection(store, call, build.inspection(build.flag("service.shirking", 2.5, 4.0)))
    assert missed_counts(store) == {}
    replace_inspection(store, call, build.inspection(build.flag("service.shirking", 2.6, 4.0)))
    assert missed_counts(store) == {"service.shirking": 1}


def test_exports_tell_whose_flag_it_is(store: Store, call: int) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    engine, added = call_record(get_call(store, call))["flags"]
    assert (engine["source"], engine["reviewer"]) == ("engine", None)
    assert (added["source"], added["reviewer"], added["verdict"]) == ("reviewer", "王芳", "confirmed")
    assert set(engine) == set(added)


def test_rows_of_flags_have_the_same_columns(store: Store, call: int) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    engine, added = flag_rows(get_call(store, call))
    assert list(engine) == list(added)
    assert added["flag"] is None


def test_what_an_added_flag_quotes_is_hidden_in_a_redacted_export(store: Store, call: int) -> None:
    add_flag(store, call, NEW, reviewer="王芳", action="x1")
    added = call_record(get_call(store, call), redact=lambda text: "*" * len(text))["flags"][1]
    assert (added["quote"], added["why"]) == ("**", "***")
