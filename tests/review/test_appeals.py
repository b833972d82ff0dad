"""Appeals: filed, decided, passed on; nothing of the history is lost."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from callqa.errors import UsageError
from callqa.review.appeals import file_appeal, go_further, grant, reject, standing, withdraw
from callqa.review.scores import Score, score_of
from callqa.store.appeals import appeal_history, appeals, get_appeal
from callqa.store.call import get_call
from callqa.store.recordings import recording
from callqa.store.results import flag as flag_table
from callqa.store.tables import now
from callqa.store.voice_tables import appeal as appeal_table


@pytest.fixture
def call(calls):
    return calls.add(1, flagged=1, agent="7")[0]


@pytest.fixture
def appeal(calls, call):
    flag = get_call(calls.store, call).flags[0].id
    return file_appeal(calls.store, call, agent="7", reason="我是在复述客户的话", flag_id=flag)


def test_an_appeal_quotes_no_personal_data(calls, call):
    with calls.store.write() as connection:
        connection.execute(update(flag_table).values(quote="您电话是13800001111吧"))
    flag = get_call(calls.store, call).flags[0].id
    made = file_appeal(calls.store, call, agent="7", reason="r", flag_id=flag)
    assert get_appeal(calls.store, made).quote == "您电话是[手机号]吧"


def kinds(calls, appeal):
    return [(step.kind, step.level, step.who) for step in appeal_history(calls.store, appeal)]


def test_a_granted_appeal_gives_the_points_back_and_keeps_the_score_of_before(calls, call, appeal):
    grant(calls.store, appeal, level=1, by="lead", text="确实是复述")
    found = standing(calls.store, appeal)
    assert (found.appeal.state, found.appeal.original_score, found.score_now) == ("granted", 90, 100)
    assert get_call(calls.store, call).row.score == 90
    assert get_call(calls.store, call).flags[0].verdict == "false_alarm"
    last = appeal_history(calls.store, appeal)[-1]
    assert (last.score_before, last.score_after, last.text) == (90, 100, "确实是复述")


def test_a_rejected_appeal_changes_nothing_and_can_go_further_once(calls, call, appeal):
    reject(calls.store, appeal, level=1, by="lead", text="录音清楚")
    assert score_of(calls.store, call) == Score(90, 90)
    assert go_further(calls.store, appeal, agent="7", text="请再听 0:01") == 2
    reject(calls.store, appeal, level=2, by="head", text="同意一审")
    assert not standing(calls.store, appeal).may_go_further
    assert kinds(calls, appeal) == [
        ("filed", 1, "7"), ("rejected", 1, "lead"), ("escalated", 2, "7"), ("rejected", 2, "head"),
    ]  # fmt: skip


def test_the_second_decision_is_another_persons(calls, appeal):
    reject(calls.store, appeal, level=1, by="lead", text="录音清楚")
    go_further(calls.store, appeal, agent="7", text="请再听")
    with pytest.raises(UsageError, match="another person"):
        grant(calls.store, appeal, level=2, by="lead", text="")


def test_two_deciders_do_not_overwrite_each_other(calls, appeal):
    reject(calls.store, appeal, level=1, by="a", text="不成立")
    with pytest.raises(UsageError, match="already"):
        grant(calls.store, appeal, level=1, by="b", text="成立")


def test_nobody_decides_an_appeal_of_their_own(calls, appeal):
    with pytest.raises(UsageError, match="of their own"):
        grant(calls.store, appeal, level=1, by="7", text="")


def test_the_same_thing_is_not_appealed_twice(calls, call, appeal):
    flag = get_call(calls.store, call).flags[0].id
    with pytest.raises(UsageError, match="already"):
        file_appeal(calls.store, call, agent="7", reason="再来", flag_id=flag)


def test_a_withdrawn_appeal_can_be_filed_again(calls, call, appeal):
    withdraw(calls.store, appeal, agent="7")
    again = file_appeal(
        calls.store, call, agent="7", reason="改主意", flag_id=get_call(calls.store, call).flags[0].id
    )
    assert again != appeal
    assert [row.state for row in appeals(calls.store, agent="7")] == ["open", "withdrawn"]


def test_the_whole_score_can_be_appealed(calls, call):
    number = file_appeal(calls.store, call, agent="7", reason="评分过低")
    assert standing(calls.store, number).appeal.rule is None


@pytest.mark.parametrize(
    ("agent", "reason", "complaint"), [("8", "x", "only the agent"), ("7", "  ", "needs its reason")]
)
def test_who_may_appeal_and_how(calls, call, agent, reason, complaint):
    with pytest.raises(UsageError, match=complaint):
        file_appeal(calls.store, call, agent=agent, reason=reason)


def test_it_can_be_too_late(calls, call):
    with calls.store.write() as connection:
        connection.execute(update(recording).values(finished_at=now() - timedelta(days=15)))
    with pytest.raises(UsageError, match="within 14 days"):
        file_appeal(calls.store, call, agent="7", reason="x")


def test_an_appeal_past_its_deadline_is_overdue(calls, appeal):
    assert not standing(calls.store, appeal).is_overdue
    with calls.store.write() as connection:
        connection.execute(update(appeal_table).values(deadline=now() - timedelta(hours=1)))
    assert standing(calls.store, appeal).is_overdue


def test_a_rejection_needs_words(calls, appeal):
    with pytest.raises(UsageError, match="say why"):
        reject(calls.store, appeal, level=1, by="lead", text=" ")


def test_a_flag_that_is_gone_cannot_be_appealed(calls, call):
    with pytest.raises(UsageError, match="not there any more"):
        file_appeal(calls.store, call, agent="7", reason="x", flag_id=999)
