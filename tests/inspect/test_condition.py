import re

import pytest

from callqa.inspect.condition import NESTING, ConditionError, parse_condition

NAMES = ("a", "b", "step1", "step2", "step3")


def holds(source, *true):
    return parse_condition(source, NAMES).holds(lambda name: name in true)


@pytest.mark.parametrize(
    ("source", "true", "expected"),
    [
        ("a", "a", True),
        ("a", "", False),
        ("not a", "", True),
        ("a and b", "a", False),
        ("a and b", "a b", True),
        ("a or b and step1", "a", True),
        ("(a or b) and step1", "a", False),
        ("a and not (b or step1)", "a", True),
        ("a and not (b or step1)", "a step1", False),
        ("not not a", "a", True),
        ("2 of step*", "step1", False),
        ("2 of step*", "step1 step3", True),
        ("1 of step*", "step3", True),
        ("3 of step*", "step1 step3", False),
        ("3 of step*", "step1 step2 step3", True),
        ("all of step*", "step1 step2", False),
        ("all of step*", "step1 step2 step3", True),
        ("any of them", "b", True),
        ("any of them", "", False),
        ("not any of step*", "a", True),
    ],
)
def test_truth(source, true, expected):
    assert holds(source, *true.split()) is expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "empty"),
        ("a and", "ends too early"),
        ("a b", "'b' is not expected"),
        ("a step1", "'step1' is not expected"),
        ("(a", "closing bracket"),
        ("(a b", "closing bracket"),
        ("c", "no detection 'c'"),
        ("4 of step*", "from 1 to 3"),
        ("0 of step*", "from 1 to 3"),
        ("many of step*", "any, all or a number"),
        ("2 of x*", "no detection is called 'x*'"),
        ("a or or b", "before 'or'"),
        ("a and )", "before ')'"),
        ("!", "no detection '!'"),
    ],
)
def test_mistakes_are_explained(source, message):
    with pytest.raises(ConditionError, match=re.escape(message)):
        parse_condition(source, NAMES)


def test_depth_is_bounded_and_breadth_is_not():
    deepest = "not " * (NESTING - 1) + "a"
    beside_each_other = "a and " * 2 * NESTING
    assert holds(beside_each_other + deepest, "a") is (NESTING % 2 == 1)
    with pytest.raises(ConditionError, match=f"more than {NESTING} deep"):
        parse_condition(beside_each_other + "not " + deepest, NAMES)


def test_the_bound_of_depth_is_as_documented():
    assert NESTING == 30


def test_names_tell_what_must_be_and_what_must_not():
    names = list(parse_condition("a and not (b or not step1)", NAMES).names())
    assert names == [("a", True), ("b", False), ("step1", True)]
