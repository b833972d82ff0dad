"""Anchors: the n-th hit, every hit, utterances apart."""

from collections.abc import Mapping

import pytest
import yaml

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import read_rulebook
from callqa.inspect.testing import transcript_of_turns


def flagged(
    near: Mapping[str, object], said: str, condition: str = "answer", speaker: str = "agent"
) -> list[str]:
    """Quotes of the flags; ``said`` is A…/C… turns, 问 the anchor and 答 what is sought."""
    rule = {
        "title": "锚点",
        "name": "r",
        "version": 1,
        "status": "test",
        "level": "low",
        "detection": {
            "ask": {"terms": ["问"], "speaker": "customer"},
            "answer": {"terms": ["答"], "speaker": speaker, "near": {"anchor": "ask", **near}},
            "condition": "answer",
        },
    }
    book = read_rulebook({"a/r.yaml": yaml.safe_dump(rule, allow_unicode=True)})
    turns = [{{"A": "agent", "C": "customer"}[turn[0]]: turn[1:]} for turn in said.split()]
    return [f.quote for f in inspect_call(transcript_of_turns(turns), book).flags]


@pytest.mark.parametrize(
    ("within", "said", "hit"),
    [
        ("1 utterances apart", "C问 A答", True),
        ("1 utterances apart", "C问 C嗯 C啊 A答", True),
        ("1 utterances apart", "C问 A嗯 A答", False),
        ("2 utterances apart", "C问 A嗯 C啊 A答", True),
        ("1 utterance apart", "A答 C问", False),
    ],
)
def test_utterances_apart_are_those_of_the_own_speaker(within: str, said: str, hit: bool) -> None:
    assert bool(flagged({"within": within, "where": "after"}, said)) is hit


def test_the_anchors_own_utterance_is_not_apart() -> None:
    near = {"within": "1 utterances apart", "where": "after"}
    assert flagged(near, "C问答", speaker="customer") == []
    assert flagged({"within": "1 utterances", "where": "after"}, "C问答", speaker="customer") == ["问答"]


@pytest.mark.parametrize(
    ("hit", "said", "expected"),
    [
        (1, "C问 A答一 C问 A答二", ["答一"]),
        (2, "C问 A答一 C问 A答二", ["答二"]),
        (3, "C问 A答一 C问 A答二", []),
        (2, "C问问 A答一 C问 A答二", ["答二"]),
        ("every", "C问 A答一 C问 A答二", ["答一", "答二"]),
        ("every", "C问 A答一 C问 A嗯", []),
        ("any", "C问 A答一 C问 A嗯", ["答一"]),
    ],
)
def test_which_hit_of_the_anchor(hit: object, said: str, expected: list[str]) -> None:
    near = {"within": "1 utterances apart", "where": "after", "hit": hit}
    assert flagged(near, said) == expected


@pytest.mark.parametrize("hit", [0, -1, 1.5, "second", True])
def test_hits_that_are_none(hit: object) -> None:
    with pytest.raises(Exception, match=r"a/r\.yaml:"):
        flagged({"within": "1 utterances", "hit": hit}, "C问 A答")
