"""Agreement: published examples, and what cannot be said is not said."""

import pytest

from callqa.review.agreement import (
    cohen_kappa,
    disagreements,
    krippendorff_alpha,
    pairwise_kappa,
    strength,
)

PUBLISHED = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
"""Four observers, twelve units, gaps: section C of Krippendorff (2011), nominal alpha 0.743."""


def ratings(rows):
    table = {who: line.split() for who, line in rows.items()}
    count = len(next(iter(table.values())))
    return {
        unit: {who: line[unit] for who, line in table.items() if line[unit] != "."} for unit in range(count)
    }


def test_alpha_of_the_published_example():
    assert krippendorff_alpha(ratings(PUBLISHED)) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_two_observers_of_yes_and_no():
    """Section A of Krippendorff (2011): binary data, two observers, alpha 0.095."""
    rows = {"A": "0 1 0 0 0 0 0 0 1 0", "B": "1 1 1 0 0 1 0 0 0 0"}
    assert krippendorff_alpha(ratings(rows)) == pytest.approx(0.095, abs=0.0005)


@pytest.mark.parametrize(
    "rows",
    [
        {"A": "x x x", "B": "x x x"},
        {"A": "x y x"},
        {"A": "x . .", "B": ". y x"},
        {"A": "."},
    ],
    ids=["one answer only", "one judge", "nothing in common", "nothing"],
)
def test_alpha_is_unknown_without_anything_to_compare(rows):
    assert krippendorff_alpha(ratings(rows)) is None


def test_alpha_below_zero_is_worse_than_chance():
    value = krippendorff_alpha(ratings({"A": "x y x y", "B": "y x y x"}))
    assert value is not None
    assert value < 0


def test_kappa_of_the_textbook_example():
    """20 times both yes, 5 and 10 divided, 15 both no: agreed 0.7, by chance 0.5."""
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_kappa_is_unknown_when_both_say_one_thing_only():
    assert cohen_kappa(["y", "y"], ["y", "y"]) is None
    assert cohen_kappa([], []) is None


def test_kappa_refuses_answers_that_do_not_belong_together():
    with pytest.raises(ValueError, match="cannot be compared"):
        cohen_kappa(["y"], ["y", "n"])


def test_kappa_of_pairs_looks_at_what_both_judged():
    found = pairwise_kappa(ratings({"A": "x y x y", "B": "x y . .", "C": ". . y x"}))
    assert found == {("A", "B"): 1.0, ("A", "C"): -1.0, ("B", "C"): None}


def test_the_most_divided_comes_first():
    found = disagreements(ratings({"A": "x x x", "B": "x x y", "C": "x y y", "D": "x x x"}))
    assert [d.unit for d in found] == [2, 1]
    assert found[1].answers == (("A", "x"), ("B", "x"), ("C", "y"), ("D", "x"))


@pytest.mark.parametrize(
    ("alpha", "word"), [(0.85, "good"), (0.8, "good"), (0.7, "tentative"), (0.5, "poor"), (None, "unknown")]
)
def test_strength_in_words(alpha, word):
    assert strength(alpha) == word
