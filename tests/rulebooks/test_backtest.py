"""What a changed rulebook would have flagged on stored calls."""

from collections.abc import Callable
from datetime import date

import pytest

from callqa.inspect.rulebook import Rulebook, read_rulebook
from callqa.rulebooks.backtest import backtest
from callqa.rulebooks.backtest_types import Counts
from callqa.rulebooks.candidates import CandidateIndex
from callqa.settings import Settings
from callqa.store import CallFilter, Store, get_call
from callqa.store.scope import Scope
from callqa.store.verdicts import VerdictWord, add_verdict

Make = Callable[..., str]
Inspected = Callable[..., int]
Numbers = dict[str, int]
Books = tuple[Rulebook, Rulebook]
JUDGED: tuple[tuple[str, VerdictWord], ...] = (
    ("您好", "confirmed"),
    ("你好", "false_alarm"),
    ("你好吗", "false_alarm"),
)


@pytest.fixture
def books(make_rule: Make) -> Books:
    before = {"a/hello.yaml": make_rule("hello", "您好")}
    after = {"a/hello.yaml": make_rule("hello", "您好", "早上好", version=2)}
    return read_rulebook(before), read_rulebook(after)


@pytest.fixture
def calls(inspected: Inspected, books: Books) -> Numbers:
    before, _ = books
    greeted, morning = {"agent": "您好"}, {"agent": "早上好啊"}
    both = [{"agent": "早上好"}, {"customer": "早上好"}]
    return {
        "both": inspected("a.wav", [greeted], before, team="一组", started_at="2026-11-02T09:00:00"),
        "new": inspected("b.wav", both, before, team="二组", business="贷款"),
        "more": inspected("c.wav", [greeted, morning], before, team="二组"),
        "none": inspected("d.wav", [{"agent": "再见"}], before, team="一组"),
    }


def test_calls_and_flags_gained_and_kept(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    (rule,) = backtest(store, settings, *books).rules
    assert rule.counts == Counts(calls_gained=1, calls_kept=2, flags_gained=2, flags_kept=2)


def test_what_the_change_takes_away_is_lost(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    before, after = books
    (rule,) = backtest(store, settings, after, before, CallFilter()).rules
    assert (rule.counts.flags_lost, rule.counts.calls_lost) == (2, 1)


def test_only_calls_that_may_end_otherwise_are_read(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    told = backtest(store, settings, *books)
    assert (told.calls, told.examined) == (4, 2)


def test_broken_down_by_team_business_and_week(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    (rule,) = backtest(store, settings, *books).rules
    assert rule.by_team["二组"] == Counts(calls_gained=1, calls_kept=1, flags_gained=2, flags_kept=1)
    assert rule.by_business["贷款"] == Counts(calls_gained=1, flags_gained=1)
    assert rule.by_week["2026-W45"] == Counts(calls_kept=1, flags_kept=1)


def test_samples_name_the_second_to_hear(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    (rule,) = backtest(store, settings, *books).rules
    heard = {(s.how, s.recording_id, s.quote) for s in rule.samples}
    assert heard == {
        ("gained", calls["new"], "早上好"),
        ("gained", calls["more"], "早上好啊"),
        ("kept", calls["more"], "您好"),
        ("kept", calls["both"], "您好"),
    }
    (late,) = [s for s in rule.samples if s.quote == "早上好啊"]
    said = get_call(store, calls["more"]).transcript
    assert said is not None
    line = said.utterances[1]
    assert (late.start, late.end) == (round(line.start, 3), round(line.end, 3))


def test_calls_outside_the_filter_do_not_count(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    told = backtest(store, settings, *books, CallFilter(team=("二组",)))
    assert told.calls == 2
    assert told.counts == Counts(calls_gained=1, calls_kept=1, flags_gained=2, flags_kept=1)
    assert backtest(store, settings, *books, CallFilter(since=date(2200, 1, 1))).counts == Counts()


@pytest.mark.parametrize("scan", [False, True])
def test_who_reaches_some_calls_learns_nothing_of_the_others(
    store: Store, settings: Settings, books: Books, calls: Numbers, scan: bool
) -> None:
    limited = store.within(Scope(teams=("一组",)))
    told = backtest(limited, settings, *books, scan=scan)
    assert told.calls == 2
    assert told.counts == Counts(calls_kept=1, flags_kept=1)
    assert {s.recording_id for rule in told.rules for s in rule.samples} <= {calls["both"], calls["none"]}
    assert set(told.rules[0].by_team) <= {"一组"}


def test_the_index_is_of_all_calls_whoever_asked_first(
    store: Store, settings: Settings, books: Books, calls: Numbers
) -> None:
    limited = store.within(Scope(teams=("一组",)))
    backtest(limited, settings, *books)
    assert CandidateIndex.of(store, settings).sync().made == 0
    assert backtest(store, settings, *books).counts.flags_gained == 2
    assert CandidateIndex.of(limited, settings).sync().made == 0


def test_calls_inspected_with_another_rule_are_read_anew(
    store: Store, settings: Settings, books: Books, calls: Numbers, inspected: Inspected, make_rule: Make
) -> None:
    other = {"a/hello.yaml": make_rule("hello", "再会")}
    inspected("e.wav", [{"agent": "您好，再会"}], other)
    inspected("f.wav", [{"agent": "再会"}], other)
    (rule,) = backtest(store, settings, *books).rules
    assert (rule.counts.flags_kept, rule.counts.calls_kept) == (3, 3)


def test_precision_before_and_after(store: Store, settings: Settings, books: Books, calls: Numbers) -> None:
    words: tuple[tuple[str, VerdictWord], ...] = (("both", "confirmed"), ("more", "false_alarm"))
    for name, word in words:
        add_verdict(store, get_call(store, calls[name]).flags[0].id, word, reviewer="li")
    (rule,) = backtest(store, settings, *books).rules
    assert (rule.judged.before.confirmed, rule.judged.before.judged) == (1, 2)
    assert (rule.judged.after.confirmed, rule.judged.after.judged) == (1, 2)


def test_precision_without_the_false_alarms(
    store: Store, settings: Settings, inspected: Inspected, make_rule: Make
) -> None:
    before = read_rulebook({"a/hello.yaml": make_rule("hello", "您好", "你好")})
    after = read_rulebook({"a/hello.yaml": make_rule("hello", "您好", version=2)})
    for name, word in JUDGED:
        number = inspected(f"{name}.wav", [{"agent": name}], before)
        add_verdict(store, get_call(store, number).flags[0].id, word, reviewer="li")
    (rule,) = backtest(store, settings, before, after).rules
    assert (rule.judged.before.confirmed, rule.judged.before.judged) == (1, 3)
    assert (rule.judged.after.confirmed, rule.judged.after.judged) == (1, 1)
    assert (rule.judged.confirmed_lost, rule.judged.false_alarms_lost) == (0, 2)
