"""The score as reviewers left it."""

from dataclasses import replace
from pathlib import Path

from callqa.review.scores import Score, _standing, score_of
from callqa.store.call import get_call
from callqa.store.recordings import NewFile, add_recordings
from callqa.store.verdicts import add_verdict, undo_verdict


def test_false_alarms_do_not_count_until_the_verdict_is_taken_back(calls):
    (number,) = calls.add(1, flagged=1)
    flag = get_call(calls.store, number).flags[0].id
    add_verdict(calls.store, flag, "false_alarm", reviewer="x")
    assert score_of(calls.store, number) == Score(90, 100)
    undo_verdict(calls.store, flag, reviewer="x")
    assert score_of(calls.store, number) == Score(90, 90)


def test_points_that_count_once_pass_to_the_next_flag(calls):
    (number,) = calls.add(1, flagged=1)
    call = get_call(calls.store, number)
    first = call.flags[0]
    second = replace(first, id=99, flag=replace(first.flag, start=5.0, points=0))
    both = replace(call, flags=(replace(first, verdict="false_alarm"), second))
    assert [flag.points for flag in _standing(both)] == [-10]


def test_an_uninspected_call_has_no_score(calls):
    add_recordings(calls.store, [NewFile(Path("/calls/x.wav"), "x.wav", "f" * 64, 1, 1, {})])
    assert score_of(calls.store, 1) is None
