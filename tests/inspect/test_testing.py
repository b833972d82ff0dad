import pytest

from callqa.inspect.rulebook import Rulebook
from callqa.inspect.testing import run_rule_tests, transcript_of_turns
from callqa.transcribe.types import Role

from .conftest import rulebook_of

PHRASE = {"phrase": {"terms": ["不归我管"]}, "condition": "phrase"}


def problem(turns, expect, detection=PHRASE, **rule) -> str:
    test = {"name": "t", "turns": turns, "expect": expect}
    rulebook: Rulebook = rulebook_of(detection, tests=[test], **rule)
    (result,) = run_rule_tests(rulebook)
    assert result.passed is (not result.problem)
    return result.problem


@pytest.mark.parametrize(
    ("turns", "expect", "message"),
    [
        ([{"agent": "不归我管"}], [{"turn": 0}], ""),
        ([{"agent": "不归我管"}], [{"turn": 0, "quote": "归我"}], ""),
        ([{"agent": "归我管"}], [], ""),
        ([{"agent": "归我管"}], [{"turn": 0}], "flagged was nothing"),
        ([{"agent": "不归我管"}], [], "not expected"),
        ([{"agent": "不归我管"}], [{"turn": 0, "quote": "归他管"}], "expected"),
        ([{"agent": "好"}, {"agent": "不归我管"}], [{"turn": 0}], "expected"),
        ([{"agent": "不归我管"}, {"agent": "不归我管"}], [{"turn": 0}], "not expected"),
    ],
)
def test_tests_pass_only_when_exactly_the_expected_is_flagged(turns, expect, message):
    found = problem(turns, expect)
    assert message in found if message else found == ""


def test_metadata_of_a_test_reaches_the_rule():
    test = {
        "name": "t",
        "turns": [{"agent": "不归我管"}],
        "metadata": {"business": "bank"},
        "expect": [{"turn": 0}],
    }
    rulebook = rulebook_of(PHRASE, tests=[test], scope={"calls": {"business": ["bank"]}})
    assert run_rule_tests(rulebook)[0].passed


@pytest.mark.parametrize(
    ("second", "start"),
    [({}, 1.8), ({"pause": 12}, 13.4), ({"overlap": 0.5}, 0.9), ({"at": 30}, 30), ({"pause": 0}, 1.4)],
)
def test_turns_are_timed(second, start):
    transcript = transcript_of_turns([{"agent": "一二三四五"}, {"customer": "好", **second}])
    assert transcript.utterances[1].start == pytest.approx(start)


def test_turns_are_measured():
    transcript = transcript_of_turns([{"agent": "一二三四五"}, {"customer": "好", "pause": 12}])
    assert transcript.utterances[0].role is Role.AGENT
    assert transcript.measures.silences[0].duration == pytest.approx(12)
    assert transcript.utterances[0].end == pytest.approx(1.4)
