"""Coaching notes: about a stretch that is there, to the agent of the call, answered once by that agent."""

import pytest

from callqa.errors import UsageError
from callqa.review.coaching import acknowledge, coach
from callqa.store.coaching_notes import notes_for
from callqa.store.scope import Scope
from callqa.tests.review.conftest import RULE, Calls


def test_a_note_reaches_the_agent_of_the_call(calls: Calls) -> None:
    (call,) = calls.add(1, agent="王芳")
    coach(calls.store, call, " 先听客户说完 ", by="lead", start=3.0, end=9.0, rule=RULE)
    (note,) = notes_for(calls.store, "王芳")
    assert (note.recording_id, note.start, note.end, note.rule) == (call, 3.0, 9.0, RULE)
    assert (note.text, note.written_by, note.read_at) == ("先听客户说完", "lead", None)
    assert notes_for(calls.store, "李强") == []


def test_the_agent_answers_and_unread_notes_come_first(calls: Calls) -> None:
    (call,) = calls.add(1, agent="王芳")
    first, second = (coach(calls.store, call, t, by="lead", start=0, end=9) for t in ("一", "二"))
    acknowledge(calls.store, second, agent="王芳", reply=" 明白 ")
    found = notes_for(calls.store, "王芳")
    assert [(note.id, note.reply, note.read_at is None) for note in found] == [
        (first, "", True),
        (second, "明白", False),
    ]


@pytest.mark.parametrize("agent", ["李强", "王芳"])
def test_a_note_is_answered_once_and_by_its_agent(calls: Calls, agent: str) -> None:
    (call,) = calls.add(1, agent="王芳")
    note = coach(calls.store, call, "好", by="lead", start=0, end=9)
    if agent == "王芳":
        acknowledge(calls.store, note, agent="王芳", reply="一")
    with pytest.raises(UsageError, match="not yours to answer"):
        acknowledge(calls.store, note, agent=agent, reply="二")


@pytest.mark.parametrize(
    ("text", "start", "end", "agent", "why"),
    [
        ("  ", 1, 2, "王芳", "needs words"),
        ("好", 2, 2, "王芳", "no stretch"),
        ("好", -1, 2, "王芳", "no stretch"),
        ("好", 1, 62, "王芳", "no stretch"),
        ("好", 1, 2, "", "no agent"),
    ],
)
def test_a_note_that_makes_no_sense(
    calls: Calls, text: str, start: float, end: float, agent: str, why: str
) -> None:
    (call,) = calls.add(1, seconds=60.0, agent=agent)
    with pytest.raises(UsageError, match=why):
        coach(calls.store, call, text, by="lead", start=start, end=end)


def test_an_agent_sees_the_own_notes_only(calls: Calls) -> None:
    (call,) = calls.add(1, agent="王芳")
    coach(calls.store, call, "好", by="lead", start=0, end=9)
    other = calls.store.within(Scope(agents=("李强",)))
    assert notes_for(other, "王芳") == []
    assert len(notes_for(calls.store.within(Scope(agents=("王芳",))), "王芳")) == 1
