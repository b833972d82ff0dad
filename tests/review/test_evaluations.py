"""First and second reviews, and calibration."""

import pytest

from callqa.errors import UsageError
from callqa.review.evaluations import (
    calibrate,
    calibration_result,
    evaluate,
    prefill,
    visible_evaluations,
)
from callqa.store.quality import close_calibration, forms, get_form, save_form, start_calibration

ITEMS = [
    {"key": "polite", "title": "礼貌", "points": 50},
    {"key": "blame", "title": "推诿", "points": 50, "kind": "auto", "rule": "service.shirking"},
]
GOOD, BAD = {"polite": 1, "blame": 1}, {"polite": 0, "blame": 1}


@pytest.fixture
def form(calls):
    return save_form(calls.store, "通用", ITEMS, by="lead")


@pytest.fixture
def session(calls, form):
    numbers = calls.add(3)
    return start_calibration(calls.store, "三月校准", form, numbers, ["x", "y"], by="lead"), numbers


def test_flags_prefill_automatic_items(calls, form):
    flagged, clean = calls.add(2, flagged=1)
    form_row = get_form(calls.store, form)
    assert prefill(calls.store, form_row, flagged) == {"blame": 0}
    assert prefill(calls.store, form_row, clean) == {"blame": 1}


def test_an_evaluation_is_scored_and_kept(calls, form):
    (one,) = calls.add(1)
    assert evaluate(calls.store, one, form, BAD, evaluator="x", comment="语气生硬").score == 50
    (kept,) = visible_evaluations(calls.store, one, "x")
    assert (kept.score, kept.answers, kept.comment) == (50, BAD, "语气生硬")


def test_the_second_review_is_another_persons(calls, form):
    (one,) = calls.add(1)
    evaluate(calls.store, one, form, GOOD, evaluator="x")
    with pytest.raises(UsageError, match="another person"):
        evaluate(calls.store, one, form, BAD, evaluator="x", kind="second")


def test_the_second_review_is_blind_until_it_is_in(calls, form):
    (one,) = calls.add(1)
    evaluate(calls.store, one, form, GOOD, evaluator="x")
    assert visible_evaluations(calls.store, one, "y", blind=True) == []
    evaluate(calls.store, one, form, BAD, evaluator="y", kind="second")
    assert [row.evaluator for row in visible_evaluations(calls.store, one, "y", blind=True)] == ["x", "y"]


def test_a_new_version_leaves_old_evaluations_explained(calls, form):
    newer = save_form(calls.store, "通用", ITEMS[:1], by="lead")
    assert [row.id for row in forms(calls.store)] == [newer]
    assert get_form(calls.store, form).version == 1
    assert len(get_form(calls.store, form).items) == 2


def test_forms_of_a_business_come_first(calls, form):
    own = save_form(calls.store, "贷款", ITEMS, business="loans", by="lead")
    save_form(calls.store, "卡", ITEMS, business="cards", by="lead")
    assert [row.id for row in forms(calls.store, "loans")] == [own, form]


def test_answers_of_others_stay_hidden_while_a_calibration_runs(calls, session):
    number, (one, two, three) = session
    for call in (one, two, three):
        calibrate(calls.store, number, call, GOOD, evaluator="x")
    calibrate(calls.store, number, one, BAD, evaluator="y")
    assert [row.evaluator for row in visible_evaluations(calls.store, one, "y")] == ["y"]
    with pytest.raises(UsageError, match="every call"):
        calibration_result(calls.store, number, viewer="y")
    assert calibration_result(calls.store, number, viewer="x").missing == {"x": 0, "y": 2}


def test_a_calibration_shows_agreement(calls, session):
    number, (one, two, three) = session
    for call in (one, two, three):
        calibrate(calls.store, number, call, GOOD if call != two else BAD, evaluator="x")
        calibrate(calls.store, number, call, GOOD if call == one else BAD, evaluator="y")
    close_calibration(calls.store, number)
    found = calibration_result(calls.store, number)
    assert found.scores[three] == {"x": 100, "y": 50}
    assert found.widest == three
    polite, blame = found.items
    assert [d.unit for d in polite.disagreements] == [three]
    assert polite.alpha == pytest.approx(0.4444, abs=1e-3)
    assert blame.alpha is None  # all the same: nothing shows that they would tell others apart
    assert found.pairs["x", "y"] is not None


def test_the_newest_answer_counts(calls, session):
    number, (one, *_) = session
    calibrate(calls.store, number, one, BAD, evaluator="x")
    calibrate(calls.store, number, one, GOOD, evaluator="x")
    close_calibration(calls.store, number)
    assert calibration_result(calls.store, number).scores[one] == {"x": 100}


@pytest.mark.parametrize(
    ("who", "call", "complaint"), [("z", 1, "take part"), ("x", 99, "not part of the calibration")]
)
def test_outsiders_stay_out(calls, session, who, call, complaint):
    with pytest.raises(UsageError, match=complaint):
        calibrate(calls.store, session[0], call, GOOD, evaluator=who)


def test_a_closed_calibration_takes_nothing(calls, session):
    number, (one, *_) = session
    close_calibration(calls.store, number)
    with pytest.raises(UsageError, match="closed"):
        calibrate(calls.store, number, one, GOOD, evaluator="x")


@pytest.mark.parametrize(("calls_of", "people"), [([], ["x", "y"]), ([1], ["x"]), ([1], ["x", "x"])])
def test_a_calibration_needs_calls_and_two_people(calls, form, calls_of, people):
    with pytest.raises(UsageError, match="needs"):
        start_calibration(calls.store, "t", form, calls_of, people, by="lead")
