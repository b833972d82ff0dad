"""Rules of Alibaba Cloud SCA mean the same here."""

import importlib.util
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import read_rulebook
from callqa.inspect.testing import transcript_of_turns
from callqa.rulebooks.sca import Imported, convert, import_file
from callqa.rulebooks.sca_read import parse_sca

_SPEC = importlib.util.spec_from_file_location("sca_meaning", Path(__file__).with_name("sca_meaning.py"))
assert _SPEC and _SPEC.loader
meaning = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(meaning)

ROLES = {"客服": "agent", "客户": "customer"}


def condition(cid: str, kind: str, param: Mapping[str, Any], **scope: Any) -> dict[str, Any]:
    """As UploadRule takes it."""
    operator = {"oid": cid, "name": f"算子{cid}", "type": kind, "param": dict(param)}
    return {"cid": cid, "check_range": scope, "operators": [operator], "lambda": cid}


def keywords(cid: str, *words: str, kind: str = "HIT_ANY_KEYWORDS", **scope: Any) -> dict[str, Any]:
    return condition(cid, kind, {"keywords": list(words)}, **scope)


def regex(cid: str, source: str, against: str = "", **scope: Any) -> dict[str, Any]:
    param = {"regex": source, **({"notRegex": against} if against else {})}
    return condition(cid, "REGULAR_EXPRESSION", param, **scope)


def anchor(cid: str, location: str, hit_time: int = -1) -> dict[str, Any]:
    return {"cid": cid, "location": location, "hit_time": hit_time}


def upload(source: str, *conditions: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "appKey": "k",
        "conditions": list(conditions),
        "rules": [{"rid": "1", "name": "规则", "lambda": source}],
    }


def spoken(text: str) -> list[tuple[str, str]]:
    """``服您好 户投诉`` → sentences."""
    return [({"服": "客服", "户": "客户"}[turn[0]], turn[1:]) for turn in text.split()]


def is_flagged(imported: Imported, call: Sequence[tuple[str, str]]) -> bool:
    transcript = transcript_of_turns([{ROLES[role]: text} for role, text in call])
    return bool(inspect_call(transcript, read_rulebook(imported.files)).flags)


GREETING = upload("!1", keywords("1", "您好", "你好", role="客服", range={"from": 1, "to": 2}))
PROMISE = upload("1", regex("1", ".*(保证|肯定).{0,6}(收益|赚).*", "不能保证", role="客服"))
ANSWER = upload(
    "1&&!2",
    keywords("1", "投诉", role="客户"),
    keywords("2", "抱歉", "对不起", role="客服", anchor=anchor("1", "AFTER", 1), range={"from": 1, "to": 2}),
)
ALL_WORDS = upload("1", keywords("1", "姓名", "身份证", kind="INCLUDE_KEYWORDS", role="客服"))


@pytest.mark.parametrize(
    ("data", "call", "expected"),
    [
        (GREETING, "服喂 服您好", False),
        (GREETING, "服喂 户您好 服在的 服您好", True),
        (PROMISE, "服肯定能赚钱", True),
        (PROMISE, "服我们不能保证肯定赚", False),
        (PROMISE, "户肯定能赚钱吗", False),
        (ANSWER, "户我要投诉 服好的 服抱歉", False),
        (ANSWER, "户我要投诉 户快点 户喂 服抱歉", False),
        (ANSWER, "户我要投诉 服好的 服嗯 服抱歉", True),
        (ANSWER, "户我要投诉 服抱歉 户投诉 服嗯", False),
        (ANSWER, "服抱歉", False),
        (ALL_WORDS, "服报一下姓名和身份证", True),
        (ALL_WORDS, "服报一下姓名 服还有身份证", False),
    ],
)
def test_both_meanings_agree(data: Mapping[str, Any], call: str, expected: bool) -> None:
    assert meaning.is_true(data, spoken(call)) is expected
    assert is_flagged(convert(parse_sca(data)), spoken(call)) is expected


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (upload("1", condition("1", "EMOTION_MODEL", {})), "EMOTION_MODEL is not known"),
        (upload("1&&2", keywords("1", "好")), "there is no condition 2"),
        (upload("1", keywords("1", "好", range={"from": 2, "to": 4})), "sentences 2 to 4"),
        (upload("1", regex("1", "(?=投诉)x")), "RE2"),
        (upload("1", regex("1", r"(好)\1")), "RE2"),
        (upload("1&&", keywords("1", "好")), "ends too early"),
        (upload("1&&!1", keywords("1", "好")), "contradicts itself"),
        (upload("1", condition("1", "INTERVAL_GREATER", {"interval": 1000})), "shorter than 2 s"),
        (upload("1", keywords("1", "好", anchor=anchor("1", "AFTER"))), "in a circle"),
        (upload("1", condition("1", "HIT_ANY_KEYWORDS", {"keywords": []})), "no keywords"),
    ],
)
def test_what_cannot_be_taken_over_is_told(data: Mapping[str, Any], told: str) -> None:
    imported = convert(parse_sca(data))
    assert imported.files == {}
    assert any(told in line for line in imported.report)


def test_several_operators_in_one_condition_are_told() -> None:
    both = keywords("1", "好")
    both["operators"].append({"oid": "2", "type": "HIT_ANY_KEYWORDS", "param": {"keywords": ["行"]}})
    both["lambda"] = "1&&2"
    assert "joins several operators" in convert(parse_sca(upload("1", both))).report[0]


def test_what_is_measured_otherwise_is_told() -> None:
    similar = condition("1", "SIMILAR_MATCH", {"similarlySentences": ["我要投诉你们"], "score": 80})
    imported = convert(parse_sca(upload("1", similar)))
    assert any("likeness is measured in another way" in line for line in imported.report)
    assert is_flagged(imported, [("客户", "我要投诉你们")])


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: {"JsonStr": json.dumps(d)}, lambda d: {"Data": d}])
def test_requests_and_answers_are_unwrapped(wrap: Any, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(wrap(GREETING)), encoding="utf-8")
    assert list(import_file(file).files) == ["sca/sca_1.yaml"]


def test_keys_as_the_newer_interface_writes_them() -> None:
    condition = {
        "Cid": "a",
        "Check_range": {"Role": "客服", "Range": {"From": 1, "To": 2}},
        "Operators": [{"Oid": "x", "Type": "HIT_ANY_KEYWORDS", "Param": {"Keywords": ["您好"]}}],
        "Lambda": "x",
    }
    data = {"Data": {"Conditions": [condition], "Rules": [{"Rid": "9", "Lambda": "!a"}]}}
    imported = convert(parse_sca(data))
    assert is_flagged(imported, spoken("服喂 服在"))
    assert not is_flagged(imported, spoken("服您好"))


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"conditions": {}, "rules": []}'])
def test_what_is_no_rule_json(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(UsageError):
        import_file(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("kind", "param", "turns", "hit"),
    [
        (
            "INTERVAL_GREATER",
            {"interval": 5000, "different_role": True},
            [{"customer": "喂"}, {"agent": "在", "pause": 6}],
            True,
        ),
        (
            "INTERVAL_GREATER",
            {"interval": 5000, "different_role": True},
            [{"agent": "喂"}, {"agent": "在", "pause": 6}],
            False,
        ),
        (
            "SPEECH_SPEED_CHECK",
            {"velocityInMint": 300, "minWordSize": 5},
            [{"agent": "说得非常非常快", "duration": 1}],
            True,
        ),
        (
            "SPEECH_SPEED_CHECK",
            {"velocityInMint": 300, "minWordSize": 5},
            [{"agent": "说得非常慢", "duration": 5}],
            False,
        ),
        (
            "ADVANCED_REPEAT_DETECT",
            {"from": 3, "hit_time": 1},
            [{"agent": "请稍等一下"}, {"agent": "请稍等一下"}],
            True,
        ),
        (
            "ADVANCED_REPEAT_DETECT",
            {"from": 3, "hit_time": 2},
            [{"agent": "请稍等一下"}, {"agent": "请稍等一下"}],
            False,
        ),
    ],
)
def test_operators_of_sound_and_repetition(
    kind: str, param: Mapping[str, Any], turns: Sequence[Mapping[str, Any]], hit: bool
) -> None:
    imported = convert(parse_sca(upload("1", condition("1", kind, param, role="客服"))))
    flags = inspect_call(transcript_of_turns(turns), read_rulebook(imported.files)).flags
    assert bool(flags) is hit


WORDS = ("甲", "乙", "丙", "丁")
"""One for each condition, so that no hit is its own anchor."""


def random_rule(chance: random.Random) -> dict[str, Any]:
    conditions = []
    for number in range(1, chance.randint(2, 4)):
        cid, word = str(number), WORDS[number - 1]
        scope: dict[str, Any] = {}
        if chance.random() < 0.7:
            scope["role"] = chance.choice(("客服", "客户"))
        if number > 1 and chance.random() < 0.7:
            location = chance.choice(("BEFORE", "AFTER", "CURRENT", "AROUND"))
            time = chance.choice((-1, -1, 0, 1, 2) if location != "AROUND" else (-1, 1, 2))
            scope["anchor"] = anchor(str(chance.randint(1, number - 1)), location, time)
            spans = {"BEFORE": (-2, -1), "AFTER": (1, 2), "AROUND": (-1, 2)}
            if location in spans and chance.random() < 0.6:
                scope["range"] = dict(zip(("from", "to"), spans[location], strict=True))
        elif chance.random() < 0.4:
            first, last = chance.choice(((1, 2), (-2, -1), (1, -1)))
            scope["range"] = {"from": first, "to": last}
        conditions.append(
            keywords(cid, word, **scope) if chance.random() < 0.7 else regex(cid, word, **scope)
        )
    names = [c["cid"] for c in conditions]
    parts = [("!" if chance.random() < 0.3 else "") + n for n in names]
    source = parts[0]
    for part in parts[1:]:
        source = f"({source}){chance.choice(('&&', '||'))}{part}"
    return upload(source, *conditions)


def test_random_rules_mean_the_same_on_random_calls() -> None:
    chance, taken, true = random.Random(5), 0, 0
    for _ in range(150):
        data = random_rule(chance)
        imported = convert(parse_sca(data))
        if not imported.files:  # around an anchor that is itself around another one
            continue
        taken += 1
        for _ in range(12):
            said = (
                "".join(chance.choice("甲乙丙丁嗯啊") for _ in range(2)) for _ in range(chance.randint(1, 8))
            )
            call = [(chance.choice(("客服", "客户")), text) for text in said]
            expected = meaning.is_true(data, call)
            true += expected
            assert is_flagged(imported, call) is expected, (data, call, imported.files)
    assert taken > 120
    assert true > 200
