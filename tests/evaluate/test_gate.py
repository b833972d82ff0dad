import copy

import pytest

from callqa.errors import CallqaError
from callqa.evaluate.gate import read_baseline, worse


def share(value):
    return {"value": value}


BEFORE = {
    "figures": {
        "all": {
            "calls": 3,
            "CER": 0.2,
            "flag recall": 0.9,
            "role accuracy": None,
            "hard negatives raised": 1,
            "personal data left": 0,
        }
    },
    "rules": {"abuse": {"recall": share(1.0), "precision": share(0.75)}},
}


def after(rule=None, **figures):
    found = copy.deepcopy(BEFORE)
    found["figures"]["all"] |= figures
    if rule:
        found["rules"]["abuse"] |= rule
    return found


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (after(), []),
        (after(CER=0.21), []),
        (after(CER=0.2101), ["all: CER 21.0 %, was 20.0 %"]),
        (after(CER=0.1), []),
        (after(**{"flag recall": 0.885}), ["all: flag recall 88.5 %, was 90.0 %"]),
        (after(**{"role accuracy": 0.5}), []),
        (after(calls=2), ["all: calls 2, was 3"]),
        (after(**{"hard negatives raised": 2}), ["all: hard negatives raised 2, was 1"]),
        (after(**{"personal data left": 1}), ["all: personal data left 1, was 0"]),
        (after(CER=None), ["all: CER not there, was 20.0 %"]),
        (after(rule={"recall": share(0.8)}), []),
        (after(rule={"recall": share(0.79)}), ["abuse: recall 79.0 %, was 100.0 %"]),
        (after(rule={"precision": share(0.5)}), ["abuse: precision 50.0 %, was 75.0 %"]),
        (after(rule={"precision": share(None)}), []),
    ],
)
def test_worse_than_the_baseline(now, lines):
    assert worse(now, BEFORE) == lines


def test_a_rule_that_is_gone_is_worse():
    gone = after()
    gone["rules"] = {}
    assert worse(gone, BEFORE) == ["abuse: recall not there, was 100.0 %"]


def test_the_tolerance_is_the_callers():
    assert worse(after(CER=0.3), BEFORE, tolerance=0.1) == []


@pytest.mark.parametrize("text", ["", "[]", '{"figures": {}}'])
def test_no_baseline_says_how_to_make_one(tmp_path, text):
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(CallqaError, match="--format json --out"):
        read_baseline(path)
