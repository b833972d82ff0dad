import pytest

from callqa.inspect.condition import ConditionError, parse_condition

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
        ("(a", "closing bracket"),
        ("c", "no detection 'c'"),
        ("4 of step*", "from 1 to 3"),
        ("0 of step*", "from 1 to 3"),
        ("many of step*", "any, all or a number"),
        ("2 of x*", "no detection is called 'x*'"),
        ("a or or b", "before 'or'"),
    ],
)
def test_mistakes_are_explained(source, message):
    with pytest.raises(ConditionError, match=message.replace("*", r"\*")):
        parse_condition(source, NAMES)


def test_names_tell_what_must_be_and_what_must_not():
    names = list(parse_condition("a and not (b or not step1)", NAMES).names())
    assert names == [("a", True), ("b", False), ("step1", True)]
