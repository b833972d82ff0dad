"""Reasons behind the trouble: ranked, with their trend, departments, hours."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from callqa.inspect.types import Flag, Inspection, Level
from callqa.store import (
    AudioFacts,
    NewFile,
    Result,
    Store,
    add_recordings,
    add_verdict,
    get_call,
    open_store,
    save_result,
)
from callqa.store.calls import CallFilter
from callqa.store.heat import heat
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.voice.causes import causes, change_chance

DEPARTMENTS = {"a.delivery": "物流部", "a.abuse": "质检部", "a.praise": ""}
LINE = Utterance(0, 0.0, 9.0, "S0", Role.AGENT, "x")
LEVELS = {"a.delivery": Level.MEDIUM, "a.abuse": Level.CRITICAL, "a.praise": Level.INFORMATIONAL}


class Days:
    def __init__(self, store: Store) -> None:
        self.store, self.count = store, 0

    def add(self, day: int, calls: int, *, team: str = "一组", hour: int = 9, **rules: int) -> None:
        """``calls`` calls of a March day; the first n of them are flagged by each rule."""
        for place in range(calls):
            self.count += 1
            n, name = self.count, f"{self.count}.wav"
            data = {"started_at": f"2026-03-{day:02d}T{hour:02d}:10:00", "team": team}
            add_recordings(self.store, [NewFile(Path("/calls") / name, name, f"{n:064x}", 1, 1, data)])
            raised = [f"a.{rule}" for rule, count in rules.items() if place < count]
            flags = tuple(Flag(r, 1, LEVELS[r], 1.0, 2.0, "agent", 0, "x", 0, "exact", "") for r in raised)
            found = Inspection(flags, 90, "sha256:" + "0" * 64, ())
            transcript = Transcript(9.0, 1, "zh", (LINE,), Measures())
            facts = AudioFacts("wav", "pcm", 8000, 1, 9.0)
            assert save_result(self.store, n, Result(facts, transcript, found, ["x"]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    yield opened
    opened.close()


@pytest.fixture
def days(store: Store) -> Days:
    made = Days(store)
    made.add(3, 40, delivery=2, abuse=1)
    made.add(4, 40, delivery=18, abuse=1, praise=10)
    made.add(4, 10, team="二组", hour=15, delivery=1)
    return made


def found(store: Store, **more: object) -> list[tuple[str, int, int, str]]:
    day = date(2026, 3, 4)
    result = causes(store, day, day, DEPARTMENTS, leave_out=["a.praise"], **more)  # type: ignore[arg-type]
    return [(c.rule, c.flags, c.before, c.trend) for c in result.causes]


def test_reasons_are_ranked_by_count_trend_and_severity(store: Store, days: Days) -> None:
    assert found(store) == [("a.delivery", 19, 2, "rise"), ("a.abuse", 1, 1, "steady")]


def test_false_alarms_are_no_reason(store: Store, days: Days) -> None:
    flag = next(f.id for f in get_call(store, 41).flags if f.flag.rule == "a.abuse")
    add_verdict(store, flag, "false_alarm", reviewer="x")
    assert [rule for rule, *_ in found(store)] == ["a.delivery"]


def test_departments_answer_for_their_rules(store: Store, days: Days) -> None:
    day = date(2026, 3, 4)
    result = causes(store, day, day, DEPARTMENTS)
    assert [(name, flags) for name, flags, _ in result.departments] == [
        ("物流部", 19),
        ("质检部", 1),
        ("", 10),
    ]
    assert result.causes[0].teams == (("一组", 18), ("二组", 1))
    assert result.causes[0].per_hundred == 38.0


@pytest.mark.parametrize(
    ("flags", "calls", "before", "calls_before", "low", "high"),
    [
        (19, 50, 2, 40, 0.0, 0.001),
        (2, 50, 2, 40, 0.5, 1.0),
        (10, 1000, 10, 1000, 0.9, 1.0),
        (20, 2000, 10, 1000, 0.5, 1.0),
        (0, 50, 0, 40, 1.0, 1.0),
        (5, 50, 0, 0, 1.0, 1.0),
    ],
)
def test_chance_of_a_change(
    flags: int, calls: int, before: int, calls_before: int, low: float, high: float
) -> None:
    assert low <= change_chance(flags, calls, before, calls_before) <= high


def test_chance_of_no_change_is_even() -> None:
    """Among periods of the same rate about one in a hundred is called a change."""
    rng = np.random.default_rng(1)
    pairs = rng.poisson(30, (2000, 2))
    called = sum(change_chance(int(a), 500, int(b), 500) < 0.01 for a, b in pairs)
    assert called / 2000 < 0.013


def test_teams_by_hour(store: Store, days: Days) -> None:
    cells = heat(store, CallFilter(since=date(2026, 3, 4)), ["a.delivery"])
    assert [(c.team, c.hour, c.calls, c.flagged) for c in cells] == [("一组", 9, 40, 18), ("二组", 15, 10, 1)]


def test_hours_of_all_rules_count_a_call_once(store: Store, days: Days) -> None:
    (first, _) = heat(store, CallFilter(since=date(2026, 3, 4)))
    assert first.flagged == 18
