"""Scorecards: how flags become a score that explains itself."""

import random
from typing import Any

import pytest
import yaml

from callqa.errors import RulebookError
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import Rulebook, read_rulebook, shipped_rulebook
from callqa.inspect.score import choose_scorecard, score_flags
from callqa.inspect.testing import transcript_of_turns
from callqa.inspect.types import Inspection

RULES = {"rude": ("闭嘴", -10), "slow": ("等着", -4), "kind": ("谢谢", 5), "fraud": ("假的", -1)}


def rulebook(card: dict[str, Any] | None = None, **cards: dict[str, Any]) -> Rulebook:
    files = {}
    for name, (term, points) in RULES.items():
        rule: dict[str, Any] = {"title": name, "name": name, "version": 1, "status": "test", "level": "low"}
        rule["detection"] = {"said": {"terms": [term]}, "condition": "said"}
        rule["outcome"] = {"points": points, "fatal": name == "fraud", "once": name == "slow"}
        files[f"a/{name}.yaml"] = yaml.safe_dump(rule, allow_unicode=True)
    for name, data in {**({"card": card} if card is not None else {}), **cards}.items():
        files[f"scorecards/{name}.yaml"] = yaml.safe_dump(data, allow_unicode=True)
    return read_rulebook(files)


def inspected(book: Rulebook, *said: str, **data: str) -> Inspection:
    return inspect_call(transcript_of_turns([{"agent": text} for text in said]), book, data)


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ((), 100),
        (("闭嘴",), 90),
        (("闭嘴", "闭嘴"), 80),
        (("等着", "等着"), 96),
        (("谢谢",), 100),
        (("闭嘴", "谢谢"), 95),
        (("假的",), 0),
        (("闭嘴",) * 11, 0),
    ],
)
def test_the_usual_score(said: tuple[str, ...], score: int) -> None:
    assert inspected(rulebook(), "喂", *said).score == score


@pytest.mark.parametrize(
    ("card", "said", "score"),
    [
        ({"items": {"a.rude": {"points": -3}}}, ("闭嘴", "闭嘴"), 94),
        ({"items": {"a.rude": {"points": -3, "per": "call"}}}, ("闭嘴", "闭嘴"), 97),
        ({"items": {"a.rude": {"points": -3, "per": "call"}}}, ("闭嘴", "闭嘴", "闭嘴"), 97),
        ({"items": {"a.rude": {"at_most": 15}}}, ("闭嘴", "闭嘴"), 85),
        ({"items": {"a.slow": {"points": -6}}}, ("等着", "等着"), 94),
        ({"items": {"a.slow": {"per": "hit"}}}, ("等着", "等着"), 92),
        ({"items": {"a.rude": {"fatal": True}}}, ("闭嘴",), 0),
        ({"items": {"a.fraud": {"fatal": False}}}, ("假的",), 99),
        ({"fatal_score": 40}, ("假的",), 40),
        ({"fatal_score": 40}, ("假的", *(("闭嘴",) * 9)), 9),
        ({"start": 80, "ceiling": 100}, ("谢谢",), 85),
        ({"floor": 30}, ("闭嘴",) * 9, 30),
        ({"title": "no floor"}, ("闭嘴",) * 11, 0),
        ({"groups": {"g": {"rules": ["a.*"], "deduct_at_most": 12}}}, ("闭嘴", "闭嘴", "谢谢"), 93),
        ({"start": 50, "groups": {"g": {"rules": ["a.kind"], "credit_at_most": 7}}}, ("谢谢", "谢谢"), 57),
        ({"start": 50, "groups": {"g": {"rules": ["a.kind"], "credit_at_most": 7}}}, ("谢谢",), 55),
        ({"groups": {"g": {"rules": ["a.rude"], "weight": 0.5}}}, ("闭嘴", "等着"), 91),
        (
            {"groups": {"g": {"rules": ["a.rude"]}, "h": {"rules": ["a.*"], "weight": 0}}},
            ("闭嘴", "等着"),
            90,
        ),
    ],
)
def test_what_a_scorecard_says(card: dict[str, Any], said: tuple[str, ...], score: int) -> None:
    assert inspected(rulebook(card), "喂", *said).score == score


def test_the_items_tell_how_it_came_about() -> None:
    card = {"groups": {"conduct": {"title": "服务", "rules": ["a.rude", "a.slow"], "deduct_at_most": 15}}}
    inspection = inspected(rulebook(card), "闭嘴", "闭嘴", "等着", "谢谢")
    told = [(i.kind, i.rule, i.flags, i.points, i.group) for i in inspection.score_items]
    assert told == [
        ("rule", "a.kind", 1, 5, ""),
        ("rule", "a.rude", 2, -20, "conduct"),
        ("rule", "a.slow", 1, -4, "conduct"),
        ("cap", "", 0, 9, "conduct"),
    ]
    assert inspection.score_items[1].why == "2 flagged, 2 × -10 points"
    assert inspection.score_items[3].why == "服务: no more than 15 points are deducted"
    assert (inspection.score, inspection.scorecard) == (90, "card")


def test_a_weight_is_told_and_leaves_hundredths() -> None:
    card = {"groups": {"g": {"rules": ["a.rude"], "weight": 0.3333}}}
    (item, _bounds) = inspected(rulebook(card), "闭嘴").score_items
    assert (item.points, item.why) == (-3.33, "1 flagged, -10 points, times 0.3333")


def test_a_small_credit_is_no_deduction() -> None:
    card = {"groups": {"g": {"rules": ["a.*"], "weight": 0.1, "deduct_at_most": 0}}}
    items = inspected(rulebook(card), "闭嘴", "谢谢").score_items
    assert [item.points for item in items if item.kind == "cap"] == [1]


def test_start_and_items_always_add_up_to_the_score() -> None:
    chance = random.Random(2)
    for _ in range(200):
        groups = {"g": {"rules": ["a.rude", "a.kind"], "weight": chance.choice((0.3, 1, 2.5))}}
        groups["g"][chance.choice(("deduct_at_most", "credit_at_most"))] = chance.randint(0, 20)
        card = {"start": 60, "floor": chance.choice((0, 20)), "groups": groups}
        book = rulebook(card)
        said = chance.choices(("闭嘴", "等着", "谢谢", "嗯", "假的"), (4, 4, 4, 4, 1), k=12)
        inspection = inspected(book, *said)
        assert 60 + sum(i.points for i in inspection.score_items) == pytest.approx(inspection.score)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"business": "贷款"}, "loans"),
        ({"business": "贷款", "team": "1"}, "first"),
        ({"business": "x"}, "rest"),
        ({}, "rest"),
    ],
)
def test_each_business_has_its_own_scorecard(data: dict[str, str], name: str) -> None:
    book = rulebook(
        loans={"calls": {"business": ["贷款"]}, "items": {"a.rude": {"points": -50}}},
        first={"calls": {"business": ["贷款"], "team": ["1"]}},
        rest={"title": "其他"},
    )
    assert inspected(book, "闭嘴", **data).scorecard == name
    assert choose_scorecard(book.scorecards, data).name == name


def test_a_business_without_a_scorecard_is_scored_as_usual() -> None:
    book = rulebook(loans={"calls": {"business": ["贷款"]}, "items": {"a.rude": {"points": -50}}})
    assert (inspected(book, "闭嘴").score, inspected(book, "闭嘴", business="贷款").score) == (90, 50)


@pytest.mark.parametrize(
    ("card", "told"),
    [
        ({"items": {"a.none": {"points": 1}}}, "scorecards/card.yaml:2: there is no rule 'a.none'"),
        ({"groups": {"g": {"rules": ["b.*"]}}}, "no rule is called 'b.*'"),
        ({"groups": {"g": {}}}, "'rules' must name the rules of the group"),
        ({"start": 120}, "'start' must lie between"),
        ({"weights": {}}, "unknown key 'weights'"),
        ({"items": {"a.rude": {"point": 1}}}, "unknown key 'point'"),
        ({"items": {"a.rude": {"per": "day"}}}, "must be one of hit, call"),
        ({"items": {"a.rude": {"at_most": -3}}}, "'at_most' must be a number from 0"),
    ],
)
def test_what_is_wrong_with_a_scorecard(card: dict[str, Any], told: str) -> None:
    with pytest.raises(RulebookError) as error:
        rulebook(card)
    assert any(told in problem for problem in error.value.problems)


def test_two_scorecards_for_the_same_calls_are_refused() -> None:
    with pytest.raises(RulebookError, match="scores the same calls as 'a'"):
        rulebook(a={"calls": {"business": ["x", "y"]}}, b={"calls": {"business": ["y"]}})


def test_one_for_fewer_calls_may_stand_beside_one_for_more() -> None:
    wide, narrow = {"calls": {"business": ["x"]}}, {"calls": {"business": ["x"], "team": ["t"]}}
    for first, second in ((wide, narrow), (narrow, wide)):
        assert len(rulebook(a=first, b=second).scorecards) == 2


def test_scorecards_belong_to_the_content() -> None:
    plain, scored = rulebook(), rulebook({"start": 90})
    assert plain.hash != scored.hash
    assert Rulebook.from_bytes(scored.to_bytes()).scorecards == scored.scorecards


def test_the_shipped_rulebook_scores_as_it_always_did() -> None:
    book = shipped_rulebook()
    inspection = inspected(book, "你自己不会看吗", "这个不归我管")
    points = sum(f.points for f in inspection.flags)
    assert inspection.flags
    assert inspection.score == max(0, 100 + points) == score_flags(inspection.flags, book.rules)[0]
