import pytest

from callqa.inspect.arithmetic import ArithmeticProblem, read_formula

FIELDS = {"duration": 120.0, "silence_seconds": 30, "wait": "12", "team": "north", "等待": "5"}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("silence_seconds / duration", 0.25),
        ("duration - wait * 2", 96.0),
        ("-(wait) + 1", -11.0),
        ("max(wait, silence_seconds) // 7", 4.0),
        ("abs(wait - duration) % 10", 8.0),
        ("round(duration / 7)", 17.0),
        ("等待 + 1", 6.0),
        ("wait / (duration - 120)", None),
        ("missing + 1", None),
        ("team * 2", None),
        ("max(wait)", None),
    ],
)
def test_arithmetic_over_fields(source, value):
    assert read_formula(source).value(FIELDS) == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(
    "source",
    ["", "1 +", "2 ** 99999", "wait.real", "wait[0]", "__import__('os')", "'a' * 9", "(lambda: 1)()",
     "wait if 1 else 2", "max(*wait)", "True + 1", "wait < 3", "1" * 300, "max()"],
)  # fmt: skip
def test_anything_else_is_refused(source):
    with pytest.raises(ArithmeticProblem):
        read_formula(source)


def test_the_fields_it_reads_are_named_once():
    assert read_formula("max(wait, duration) / wait").names == ("wait", "duration")
