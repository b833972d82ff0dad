"""Audits of what rules miss."""

from datetime import date

import pytest

from callqa.errors import UsageError
from callqa.review.audits import audit_state, start_audit, widen_audit
from callqa.store.miss_audits import audit_calls, audits, note_heard
from callqa.store.scope import Scope

RULE = "service.shirking"
DAY = date(2026, 3, 4)


@pytest.fixture
def audit(calls):
    calls.add(40, flagged=10, business="loans")
    calls.add(20, business="cards")
    return start_audit(calls.store, RULE, DAY, DAY, 10, by="lead", seed=1)


def hear(calls, audit, missed=()):
    for place, call in enumerate(audit_calls(calls.store, audit, unheard=True)):
        note_heard(calls.store, audit, call.recording_id, missed=place in missed, by="x")


def test_only_calls_without_a_flag_are_drawn_by_business(calls, audit):
    drawn = audit_calls(calls.store, audit)
    assert {call.recording_id for call in drawn} & set(range(1, 11)) == set()
    assert sorted(call.stratum for call in drawn) == ["cards"] * 4 + ["loans"] * 6


def test_the_estimate_says_what_was_heard(calls, audit):
    before = audit_state(calls.store, audit)
    assert (before.waiting, before.estimate.low, before.estimate.high) == (10, 0, 1)
    hear(calls, audit, missed=[0])
    after = audit_state(calls.store, audit)
    assert (after.waiting, after.estimate.heard, after.estimate.missed) == (0, 10, 1)
    assert after.estimate.calls == 50
    assert 0 < after.estimate.low < after.estimate.rate < after.estimate.high < 0.6


def test_hearing_again_replaces_the_answer(calls, audit):
    one = audit_calls(calls.store, audit)[0].recording_id
    note_heard(calls.store, audit, one, missed=True, by="x")
    note_heard(calls.store, audit, one, missed=False, by="y", comment="重听")
    (heard,) = [call for call in audit_calls(calls.store, audit) if call.heard_by]
    assert (heard.missed, heard.heard_by, heard.comment) == (False, "y", "重听")


def test_more_calls_make_it_narrower(calls, audit):
    hear(calls, audit)
    wide = audit_state(calls.store, audit)
    more = wide.more_for(wide.estimate.width / 2)
    assert more
    assert widen_audit(calls.store, audit, more) == min(more, 40)
    hear(calls, audit)
    assert audit_state(calls.store, audit).estimate.width <= wide.estimate.width / 2 * 1.05


def test_no_call_is_drawn_twice(calls, audit):
    assert widen_audit(calls.store, audit, 100) == 40
    assert widen_audit(calls.store, audit, 100) == 0
    assert len(audit_calls(calls.store, audit)) == 50


def test_a_call_that_was_not_drawn_cannot_be_heard_for_it(calls, audit):
    with pytest.raises(UsageError, match="not drawn"):
        note_heard(calls.store, audit, 1, missed=True, by="x")


def test_a_period_without_calls_says_so(calls):
    with pytest.raises(UsageError, match="or there is none"):
        start_audit(calls.store, RULE, DAY, DAY, 10, by="lead")


def test_audits_are_found_by_rule(calls, audit):
    assert [row.id for row in audits(calls.store, RULE)] == [audit]
    assert audits(calls.store, "x.y") == []


def test_who_reaches_some_calls_gets_the_estimate_of_these(calls, audit):
    hear(calls, audit)
    cards = audit_state(calls.store.within(Scope(businesses=("cards",))), audit)
    assert [(s.name, s.calls, s.heard) for s in cards.strata] == [("cards", 20, 4)]
    assert cards.estimate.calls == 20
    assert cards.estimate.high > audit_state(calls.store, audit).estimate.high
