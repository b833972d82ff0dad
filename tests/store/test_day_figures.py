"""Figures of a period, what to coach with, how the work goes on, a rule's verdicts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from callqa.inspect.types import Level
from callqa.store import (
    CallFilter,
    Store,
    add_verdict,
    claim_next,
    get_call,
    release,
    replace_inspection,
    save_failure,
    start_batch,
    undo_verdict,
)
from callqa.store.batch_progress import (
    finished_by_step,
    finished_since,
    last_batches,
    tried_again,
    without_result,
)
from callqa.store.coaching import coach_calls, good_calls, rules_of
from callqa.store.day_figures import (
    Figures,
    Period,
    call_figures,
    first_and_last_day,
    flag_figures,
    known_rules,
    known_values,
    score_trends,
)
from callqa.store.recordings import recording
from callqa.store.results import flag
from callqa.store.rule_verdicts import rule_verdicts, with_calls

Save = Callable[..., int]
DAY_1, DAY_2 = date(2026, 11, 20), date(2026, 11, 21)


def at(day: int) -> str:
    return f"2026-11-{day}T10:00:00"


@pytest.fixture
def two_days(inspected: Save, build: Any) -> tuple[int, int, int]:
    first = inspected(
        "a.wav", build.flag(), score=80, agent="王", team="一", business="卡", started_at=at(20)
    )
    second = inspected("b.wav", score=100, agent="王", team="一", business="卡", started_at=at(21))
    third = inspected(
        "c.wav", build.flag("x.low", severity=Level.LOW), score=60, agent="李", team="二", started_at=at(21)
    )
    return first, second, third


def test_an_empty_store_has_no_days(store: Store) -> None:
    assert first_and_last_day(store) is None
    assert call_figures(store, Period()) == {}
    assert flag_figures(store, Period(), "rule") == []
    assert known_values(store, "agent") == {}


def test_figures_are_apart_by_what_is_asked_for(store: Store, two_days: tuple[int, int, int]) -> None:
    assert first_and_last_day(store) == (DAY_1, DAY_2)
    by_agent = call_figures(store, Period(), "agent")
    assert {key: (f.calls, f.mean_score) for key, f in by_agent.items()} == {
        ("李",): (1, 60.0),
        ("王",): (2, 90.0),
    }
    assert list(call_figures(store, Period(), "day", "team")) == [
        (DAY_1, "一"),
        (DAY_2, "一"),
        (DAY_2, "二"),
    ]


@pytest.mark.parametrize(
    ("period", "calls"),
    [
        (Period(), 3),
        (Period(since=DAY_2), 2),
        (Period(until=DAY_1), 1),
        (Period(business=("卡",)), 2),
        (Period(team=("一", "二")), 3),
        (Period(agent=("李",)), 1),
        (Period(DAY_2, DAY_2, agent=("王",)), 1),
        (Period(team=("三",)), 0),
    ],
)
def test_a_period_narrows(store: Store, two_days: tuple[int, int, int], period: Period, calls: int) -> None:
    assert sum(f.calls for f in call_figures(store, period).values()) == calls


def test_a_share_counts_calls_with_a_flag_of_medium_or_worse(
    store: Store, two_days: tuple[int, int, int]
) -> None:
    (whole,) = call_figures(store, Period()).values()
    assert whole.flagged_share == pytest.approx(1 / 3)
    assert whole.score_deviation == pytest.approx(20.0)


def test_figures_without_calls_have_no_means() -> None:
    nothing = Figures()
    assert nothing.mean_score is None
    assert nothing.flagged_share is None
    assert nothing.mean_talk is None
    assert nothing.score_deviation == 0.0


def test_flags_are_counted_by_severity_and_verdict(store: Store, two_days: tuple[int, int, int]) -> None:
    add_verdict(store, get_call(store, two_days[0]).flags[0].id, "confirmed", reviewer="a")
    found = {f.key: f.flags for f in flag_figures(store, Period(), "rule", "severity", "verdict")}
    assert found == {
        ("service.abuse", Level.HIGH, "confirmed"): 1,
        ("x.low", Level.LOW, None): 1,
    }


def test_values_to_filter_by_come_with_the_most_frequent_first(
    store: Store, two_days: tuple[int, int, int]
) -> None:
    assert known_values(store, "agent") == {"王": 2, "李": 1}
    assert known_values(store, "business") == {"卡": 2}
    assert known_rules(store) == {"service.abuse": 1, "x.low": 1}


def test_a_trend_has_a_mean_for_every_day_with_calls(store: Store, two_days: tuple[int, int, int]) -> None:
    assert score_trends(store, Period(), "agent") == {"李": [60.0], "王": [80.0, 100.0]}


def test_confirmed_calls_come_first_to_coach_with(store: Store, inspected: Save, build: Any) -> None:
    grave = inspected("grave.wav", build.flag(severity=Level.CRITICAL), score=40)
    sure = inspected("sure.wav", build.flag("x.low", severity=Level.LOW), score=90)
    wrong = inspected("wrong.wav", build.flag(severity=Level.CRITICAL), score=40)
    inspected("mild.wav", build.flag("x.low", severity=Level.LOW), score=90)
    add_verdict(store, get_call(store, sure).flags[0].id, "confirmed", reviewer="a")
    add_verdict(store, get_call(store, wrong).flags[0].id, "false_alarm", reviewer="a")
    found = coach_calls(store, CallFilter())
    assert [call.recording_id for call in found] == [sure, grave]
    assert (found[0].verdict, found[0].severity, found[0].quote) == ("confirmed", Level.LOW, "你有病吧")


def test_a_call_is_named_once_with_its_gravest_flag(store: Store, inspected: Save, build: Any) -> None:
    inspected("a.wav", build.flag(severity=Level.HIGH), build.flag("x.worse", 5, 6, severity=Level.CRITICAL))
    assert [call.rule for call in coach_calls(store, CallFilter())] == ["x.worse"]


def test_a_good_example_is_long_enough_and_without_a_flag(store: Store, inspected: Save, build: Any) -> None:
    good = inspected("good.wav", score=100)
    inspected("flagged.wav", build.flag(), score=98)
    inspected("poor.wav", score=80)
    short = inspected("short.wav", score=100)
    with store.write() as connection:
        connection.execute(update(recording).where(recording.c.id == short).values(seconds=5.0))
    assert [call.recording_id for call in good_calls(store, CallFilter())] == [good]


def test_the_rules_of_some_calls_are_counted(store: Store, two_days: tuple[int, int, int]) -> None:
    assert rules_of(store, CallFilter(agent=("王",))) == [("service.abuse", Level.HIGH, 1)]


def test_what_was_finished_is_counted_by_ten_minutes(store: Store, inspected: Save) -> None:
    numbers = [inspected(f"{n}.wav") for n in range(3)]
    now = datetime.now(UTC).replace(microsecond=0)
    long_ago = now - timedelta(days=3)
    with store.write() as connection:
        for number, moment in zip(numbers, (now, now - timedelta(hours=2), long_ago), strict=True):
            connection.execute(update(recording).where(recording.c.id == number).values(finished_at=moment))
    steps = finished_by_step(store)
    assert [n for _, n in steps] == [1, 1]
    assert all(at.minute % 10 == 0 and at.second == 0 for at, _ in steps)
    assert steps[-1][0] <= now < steps[-1][0] + timedelta(minutes=10)
    assert finished_since(store, timedelta(hours=1)) == 1


def test_tries_that_did_not_end_are_counted(store: Store, add: Callable[..., int]) -> None:
    first, second = add("a.wav"), add("b.wav")
    assert tried_again(store) == 0
    claim_next(store, "w")
    release(store, "w")
    assert tried_again(store) == 0
    with store.write() as connection:
        connection.execute(update(recording).where(recording.c.id == first).values(attempts=1))
    assert tried_again(store) == 1
    assert second


def test_recordings_without_a_result_say_why_those_set_aside_first(
    store: Store, add: Callable[..., int]
) -> None:
    broken, poison = add("broken.wav"), add("poison.wav")
    save_failure(store, broken, kind="damaged", reason="r", remedy="m")
    save_failure(store, poison, kind="killed_worker", reason="k", remedy="n", status="quarantined")
    found = without_result(store)
    assert [(one.id, one.status, one.kind) for one in found] == [
        (poison, "quarantined", "killed_worker"),
        (broken, "failed", "damaged"),
    ]
    assert without_result(store, ("failed",))[0].reason == "r"
    assert len(without_result(store, limit=1)) == 1


def test_the_newest_batch_comes_first(store: Store, tmp_path: Any) -> None:
    numbers = [start_batch(store, [tmp_path]) for _ in range(3)]
    assert [row.id for row in last_batches(store, 2)] == numbers[:0:-1]


def test_a_rules_verdicts_are_those_that_count(store: Store, inspected: Save, build: Any) -> None:
    call = inspected(
        "a.wav", build.flag(start=1, end=2), build.flag(start=9, end=10), build.flag("x.other", 1, 2)
    )
    first, second, other = (f.id for f in get_call(store, call).flags)
    add_verdict(store, first, "confirmed", reviewer="a")
    add_verdict(store, first, "false_alarm", reviewer="b")
    add_verdict(store, second, "confirmed", reviewer="a")
    add_verdict(store, other, "confirmed", reviewer="a")
    undo_verdict(store, second, reviewer="a")
    add_verdict(store, second, "unsure", reviewer="a")
    found = rule_verdicts(store, "service.abuse")
    assert [(v.entry.verdict, v.entry.reviewer) for v in found] == [("false_alarm", "b"), ("unsure", "a")]
    assert {v.recording_id for v in with_calls(store, found)} == {call}


def test_verdicts_stay_with_the_version_they_were_given_on(store: Store, inspected: Save, build: Any) -> None:
    call = inspected("a.wav", build.flag(rule_version=1))
    add_verdict(store, get_call(store, call).flags[0].id, "confirmed", reviewer="a")
    replace_inspection(store, call, build.inspection(build.flag(rule_version=2, start=20, end=21)))
    with store.read() as connection:
        (number,) = connection.execute(select(flag.c.id)).scalars()
    add_verdict(store, number, "false_alarm", reviewer="a")
    found = rule_verdicts(store, "service.abuse")
    assert [(v.entry.rule_version, v.entry.verdict) for v in found] == [(1, "confirmed"), (2, "false_alarm")]
