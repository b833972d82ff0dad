"""Cases are followed to their end, and nothing of their way is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Flag, Inspection, Level
from callqa.store import AudioFacts, NewFile, Result, Store, add_recordings, get_call, open_store, save_result
from callqa.store.cases import calls_of_case, case_history, cases, comment_case, get_case, link_call
from callqa.store.scope import Scope
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.voice.cases import NewCase, add_call, assign, board, escalate_overdue, move, open_case

TODAY = date(2026, 3, 10)
FLAG = Flag("customer.complaint_threat", 1, Level.HIGH, 1.0, 2.0, "customer", 0, "我要投诉", 0, "exact", "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Three calls of one customer and one of another; the first and the last have a flag."""
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    for n, (customer, day) in enumerate((("138", 4), ("138", 6), ("138", 9), ("139", 9)), 1):
        data = {"customer": customer, "started_at": f"2026-03-{day:02d}T10:00:00"}
        add_recordings(opened, [NewFile(Path(f"/calls/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, data)])
        line = Utterance(0, 0.0, 9.0, "S0", Role.CUSTOMER, "我要投诉")
        flags = {1: (FLAG,), 4: (replace(FLAG, quote="打13800001111，我要投诉"),)}
        found = Inspection(flags.get(n, ()), 100, "sha256:" + "0" * 64, ())
        audio = AudioFacts("wav", "pcm", 8000, 1, 9.0)
        assert save_result(
            opened, n, Result(audio, Transcript(9.0, 1, "zh", (line,), Measures()), found, ["x"])
        )
    yield opened
    opened.close()


def opened(store: Store, **more: object) -> int:
    return open_case(store, NewCase("快递破损", "物流部", severity=3), who="lead", today=TODAY, **more)  # type: ignore[arg-type]


def flag_of(store: Store, call: int = 1) -> int:
    return get_call(store, call).flags[0].id


def test_a_flag_becomes_a_case_with_its_second_and_repeat_contacts(store: Store) -> None:
    case = get_case(store, opened(store, recording_id=1, flag_id=flag_of(store)))
    assert (case.rule, case.start, case.quote) == ("customer.complaint_threat", 1.0, "我要投诉")
    assert (case.state, case.deadline) == ("open", date(2026, 3, 13))
    assert [call.recording_id for call in calls_of_case(store, case.id)] == [2, 3]


def test_what_a_case_quotes_holds_no_personal_data(store: Store) -> None:
    of_flag = opened(store, recording_id=4, flag_id=flag_of(store, 4))
    of_clip = opened(store, recording_id=4, span=(0.0, 3.0), quote="我叫李雷，电话13800001111")
    assert get_case(store, of_flag).quote == "打[手机号]，我要投诉"
    assert "13800001111" not in get_case(store, of_clip).quote


def test_who_reaches_some_calls_opens_cases_about_calls_only(store: Store) -> None:
    limited = store.within(Scope(teams=("一组",)))
    with pytest.raises(UsageError, match="open the case from one"):
        opened(limited)
    assert cases(store) == []


def test_a_flag_has_one_open_case(store: Store) -> None:
    first = opened(store, recording_id=1, flag_id=flag_of(store))
    with pytest.raises(UsageError, match=f"number {first}"):
        opened(store, recording_id=1, flag_id=flag_of(store))
    move(store, first, "dropped", who="x", outcome="重复")
    assert opened(store, recording_id=1, flag_id=flag_of(store)) != first


def test_a_case_goes_its_way_and_remembers_it(store: Store) -> None:
    case = opened(store)
    move(store, case, "working", who="x")
    comment_case(store, case, who="x", text="已联系客户")
    link_call(store, case, 4, who="x", why="同一批次")
    link_call(store, case, 4, who="x", why="同一批次")
    move(store, case, "solved", who="x", outcome="已补发并更换包装")
    assert [(e.kind, e.who) for e in case_history(store, case)] == [
        ("opened", "lead"), ("moved", "x"), ("comment", "x"), ("call", "x"), ("moved", "x"),
    ]  # fmt: skip
    last = case_history(store, case)[-1].detail["changes"]
    assert last["state"] == ["working", "solved"]
    assert get_case(store, case).outcome == "已补发并更换包装"
    assert get_case(store, case).closed_at is not None


def test_further_calls_are_added_to_open_cases_only(store: Store) -> None:
    case = opened(store)
    add_call(store, case, 4, who="x", why="同一个快递员，电话13800001111")
    (linked,) = calls_of_case(store, case)
    assert (linked.recording_id, linked.why) == (4, "同一个快递员，电话[手机号]")
    with pytest.raises(UsageError, match="no recording has the number 99"):
        add_call(store, case, 99, who="x")
    move(store, case, "solved", who="x", outcome="好了")
    with pytest.raises(UsageError, match="taken up again"):
        add_call(store, case, 3, who="x")


@pytest.mark.parametrize("state", ["solved", "dropped"])
def test_closing_needs_an_outcome(store: Store, state: str) -> None:
    case = opened(store)
    with pytest.raises(UsageError, match="with an outcome"):
        move(store, case, state, who="x", outcome="  ")


def test_a_closed_case_can_only_be_taken_up_again(store: Store) -> None:
    case = opened(store)
    move(store, case, "solved", who="x", outcome="好了")
    with pytest.raises(UsageError, match="can become working"):
        move(store, case, "waiting", who="x")
    with pytest.raises(UsageError, match="taken up again"):
        assign(store, case, who="x", owner="y")
    move(store, case, "working", who="x", note="又坏了")
    assert get_case(store, case).closed_at is None


def test_department_owner_and_deadline_can_be_set(store: Store) -> None:
    case = opened(store)
    assign(store, case, who="lead", department="仓储部", owner="老王", deadline=date(2026, 4, 1))
    found = get_case(store, case)
    assert (found.department, found.owner, found.deadline) == ("仓储部", "老王", date(2026, 4, 1))
    with pytest.raises(UsageError, match="say what to change"):
        assign(store, case, who="lead")


@pytest.mark.parametrize(
    ("today", "level"),
    [(date(2026, 3, 13), 0), (date(2026, 3, 14), 1), (date(2026, 3, 15), 1), (date(2026, 3, 16), 2)],
)
def test_overdue_cases_go_upwards_once_however_often_it_runs(store: Store, today: date, level: int) -> None:
    case = opened(store)
    escalate_overdue(store, today)
    assert escalate_overdue(store, today) == []
    assert get_case(store, case).escalated == level


def test_closed_cases_are_never_overdue(store: Store) -> None:
    case = opened(store)
    move(store, case, "solved", who="x", outcome="好了")
    assert escalate_overdue(store, date(2027, 1, 1)) == []
    assert not get_case(store, case).is_overdue(date(2027, 1, 1))


def test_the_board_has_the_most_urgent_on_top(store: Store) -> None:
    late = open_case(store, NewCase("慢", severity=0), who="x", today=TODAY)
    soon = open_case(store, NewCase("急", severity=4), who="x", today=TODAY)
    done = opened(store)
    move(store, done, "solved", who="x", outcome="好了")
    columns = {column.state: [case.id for case in column.cases] for column in board(store)}
    assert columns == {"open": [soon, late], "working": [], "waiting": [], "solved": [], "dropped": []}
    closed = next(c for c in board(store, closed_since=date(2020, 1, 1)) if c.state == "solved")
    assert [case.id for case in closed.cases] == [done]


def test_cases_are_found_by_any_of_their_calls(store: Store) -> None:
    case = opened(store, recording_id=1)
    assert [found.id for found in cases(store, recording_id=3)] == [case]
    assert cases(store, recording_id=4) == []


def test_a_case_needs_a_title(store: Store) -> None:
    with pytest.raises(UsageError, match="title"):
        open_case(store, NewCase(" "), who="x", today=TODAY)
