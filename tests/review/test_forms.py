"""Forms that people fill in."""

import pytest

from callqa.errors import UsageError
from callqa.review.forms import automatic_answers, read_items, score

ITEMS = read_items(
    [
        {"key": "greet", "title": "开场白", "points": 10, "kind": "auto", "rule": "service.missing_greeting"},
        {"key": "solve", "title": "解决问题", "points": 30},
        {
            "key": "abuse",
            "title": "辱骂客户",
            "points": 10,
            "fatal": True,
            "kind": "auto",
            "rule": "compliance.abuse",
        },
    ]
)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"greet": 1, "solve": 1, "abuse": 1}, 100),
        ({"greet": 0, "solve": 1, "abuse": 1}, 80),
        ({"greet": 1, "solve": 0.5, "abuse": 1}, 70),
        ({"greet": 1, "solve": None, "abuse": 1}, 100),
        ({"greet": 0, "solve": None, "abuse": 1}, 50),
        ({"greet": 1, "solve": 1, "abuse": 0}, 0),
        ({"greet": None, "solve": None, "abuse": None}, 100),
    ],
)
def test_score(answers, expected):
    assert score(ITEMS, answers).score == expected


def test_the_score_explains_itself():
    lines = score(ITEMS, {"greet": 0, "solve": 0.5, "abuse": None}).lines
    assert [(line.key, line.lost, line.applies) for line in lines] == [
        ("greet", 10, True),
        ("solve", 15, True),
        ("abuse", 0, False),
    ]


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"greet": 1, "solve": 1}, "abuse has no answer"),
        ({"greet": 1, "solve": 1, "abuse": 1, "x": 1}, "x is not in the form"),
        ({"greet": 1, "solve": 2, "abuse": 1}, "no share between"),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers, complaint):
    with pytest.raises(UsageError, match=complaint):
        score(ITEMS, answers)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], {"greet": 1, "abuse": 1}),
        ([("service.missing_greeting", None)], {"greet": 0, "abuse": 1}),
        ([("service.missing_greeting", "confirmed")], {"greet": 0, "abuse": 1}),
        ([("service.missing_greeting", "false_alarm")], {"greet": 1, "abuse": 1}),
        ([("compliance.abuse", "false_alarm"), ("compliance.abuse", "unsure")], {"greet": 1, "abuse": 0}),
        ([("service.too_fast", None)], {"greet": 1, "abuse": 1}),
    ],
)
def test_flags_answer_automatic_items(flags, expected):
    assert automatic_answers(ITEMS, flags) == expected


@pytest.mark.parametrize(
    ("items", "complaint"),
    [
        ([], "no items"),
        ([{"key": "a", "title": "A", "points": 0}], "points must be above 0"),
        ([{"key": "a", "title": "A", "points": 1}, {"key": "a", "title": "B", "points": 1}], "a comes twice"),
        ([{"key": "a", "title": "A", "points": 1, "kind": "auto"}], "names its rule"),
        ([{"key": "a", "title": "A", "points": 1, "kind": "odd"}], "manual or auto"),
        ([{"key": "", "title": "A", "points": 1}], "needs a key"),
        ([{"key": "a", "title": "A", "points": 1, "weight": 3}], "unknown weight"),
        ([{"key": "a"}], "missing"),
    ],
)
def test_forms_that_make_no_sense_are_refused(items, complaint):
    with pytest.raises(UsageError, match=complaint):
        read_items(items)
