import pytest

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import Rulebook, shipped_rulebook
from callqa.inspect.testing import transcript_of_turns
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Doubt, Role, Transcript, Utterance, Word

PHRASE = {"phrase": {"terms": ["不归我管"]}, "condition": "phrase"}


def outcome(inspection):
    (result,) = inspection.results
    return result.outcome, result.reason


def test_a_hit_is_flagged_with_its_evidence(inspected):
    inspection = inspected(PHRASE, "agent: 您好，这个不归我管，找别人。", outcome={"points": -8})
    (flag,) = inspection.flags
    assert (flag.rule, flag.rule_version, flag.severity, flag.role) == ("a.r", 1, "low", "agent")
    assert (flag.utterance, flag.quote, flag.match, flag.points) == (0, "这个不归我管", "exact", -8)
    assert flag.why == "The agent says “不归我管” (phrase: exact match)."
    assert flag.trace["truths"] == {"phrase": True}
    assert inspection.score == 92


def test_several_hits_in_one_utterance_are_one_flag(flagged):
    assert flagged(PHRASE, "agent: 不归我管就是不归我管") == ["不归我管就是不归我管"]


def test_scope_speaker_is_kept_to(inspected):
    inspection = inspected(PHRASE, "customer: 不归我管", "agent: 好", scope={"speaker": "agent"})
    assert inspection.flags == ()
    assert outcome(inspection) == ("not_hit", "no hit of phrase: phrase was found, but not by the agent")


@pytest.mark.parametrize(
    ("rule", "turns", "reason"),
    [
        ({"scope": {"speaker": "agent"}}, ["customer: 喂"], "agent does not speak"),
        ({"scope": {"min_utterances": 2}}, ["agent: 喂"], "only 1 of 2 utterances"),
        ({"status": "deprecated"}, ["agent: 不归我管"], "the rule is deprecated"),
        (
            {"scope": {"calls": {"business": ["bank"]}}},
            ["agent: 不归我管"],
            "business is 'unknown', not bank",
        ),
    ],
)
def test_rules_that_do_not_concern_a_call_say_why(inspected, rule, turns, reason):
    assert outcome(inspected(PHRASE, *turns, **rule)) == ("not_applicable", reason)


def test_call_metadata_makes_a_rule_applicable(inspected):
    scope = {"calls": {"business": ["bank", "telecom"]}}
    assert inspected(PHRASE, "agent: 不归我管", scope=scope, metadata={"business": "bank"}).flags


def test_a_failing_rule_stops_no_other():
    rulebook = Rulebook.from_bytes(shipped_rulebook().to_bytes())
    broken = rulebook["abuse"]
    object.__setattr__(broken, "condition", None)
    turns = [{"agent": "神经病。"}, {"agent": "你自己不会看吗。"}]
    inspection = inspect_call(transcript_of_turns(turns), rulebook)
    failed = [r for r in inspection.results if r.outcome == "failed"]
    assert [r.rule for r in failed] == [broken.id]
    assert failed[0].reason.startswith("AttributeError")
    assert "service.forbidden_phrase" in {f.rule for f in inspection.flags}


def test_every_rule_ends_with_an_outcome():
    rulebook = shipped_rulebook()
    inspection = inspect_call(transcript_of_turns([{"agent": "您好。"}, {"customer": "你好。"}]), rulebook)
    assert [r.rule for r in inspection.results] == [r.id for r in rulebook.rules]
    assert all(r.reason for r in inspection.results)
    assert "failed" not in {r.outcome for r in inspection.results}


OR = {
    "sue": {"terms": ["起诉"]},
    "afraid": {"terms": ["不想"], "near": {"anchor": "sue", "within": "2 chars"}},
    "lawyer": {"terms": ["律师"]},
    "condition": "(sue and not afraid) or lawyer",
}


@pytest.mark.parametrize(
    ("turns", "quotes"),
    [
        (["customer: 我不想起诉"], []),
        (["customer: 我不想起诉", "customer: 律师会来"], ["律师会来"]),
        (["customer: 我要起诉", "customer: 律师会来"], ["我要起诉", "律师会来"]),
    ],
)
def test_the_other_side_of_an_or_excuses_nothing(flagged, turns, quotes):
    assert flagged(OR, *turns) == quotes


@pytest.mark.parametrize(
    ("condition", "quotes"),
    [
        ("a1 and a2 and a3", 3),
        ("2 of a*", 3),
        ("a1 and (a2 or a3)", 3),
        ("a1 or (a2 and a3)", 3),
        ("3 of a*", 3),
    ],
)
def test_hits_that_hold_only_together_are_all_flagged(flagged, condition, quotes):
    detection = {f"a{i}": {"terms": [word]} for i, word in enumerate(("姓名", "地址", "电话"), 1)}
    turns = ["agent: 姓名", "agent: 地址", "agent: 电话"]
    assert len(flagged({**detection, "condition": condition}, *turns)) == quotes


@pytest.mark.parametrize("turns", [[], [{"agent": ""}], [{"customer": "，。"}]])
def test_calls_without_words_raise_nothing(turns):
    inspection = inspect_call(transcript_of_turns(turns), shipped_rulebook())
    assert inspection.flags == ()
    assert inspection.score == 100


def test_inspecting_twice_gives_the_same():
    transcript = transcript_of_turns([{"agent": "你自己不会看吗"}, {"customer": "我要投诉你们，退钱！"}])
    rulebook = shipped_rulebook()
    again = Rulebook.from_bytes(rulebook.to_bytes())
    assert inspect_call(transcript, rulebook) == inspect_call(transcript, again)


@pytest.mark.parametrize(
    ("outcome", "turns", "score"),
    [
        ({"points": -8}, ["agent: 不归我管", "agent: 不归我管"], 84),
        ({"points": -8, "once": True}, ["agent: 不归我管", "agent: 不归我管"], 92),
        ({"points": -80}, ["agent: 不归我管", "agent: 不归我管"], 0),
        ({"points": 5}, ["agent: 不归我管"], 100),
        ({"points": 0, "fatal": True}, ["agent: 不归我管"], 0),
        ({"points": 0, "fatal": True}, ["agent: 归我管"], 100),
    ],
)
def test_score(inspected, outcome, turns, score):
    assert inspected(PHRASE, *turns, outcome=outcome).score == score


def transcript(*utterances):
    return Transcript(60.0, 2, "zh", utterances, measure(utterances, 60.0))


def test_flags_are_timed_by_their_words():
    words = tuple(Word(10 + i, 10.5 + i, c, 0.9) for i, c in enumerate("好，不归我管".replace("，", "")))
    utterance = Utterance(7, 10, 17, "S1", Role.AGENT, "好不归我管", words=words)
    rulebook = shipped_rulebook()
    flags = inspect_call(transcript(utterance), rulebook).flags
    (flag,) = [f for f in flags if f.rule == "service.forbidden_phrase"]
    assert (flag.start, flag.end, flag.utterance) == (10.0, 14.5, 7)


@pytest.mark.parametrize(
    ("doubts", "doubtful"),
    [
        ((), False),
        ((Doubt.TIMES,), False),
        ((Doubt.LOW_CONFIDENCE,), True),
        ((Doubt.OVERLAP, Doubt.TIMES), True),
    ],
)
def test_doubts_that_matter_are_passed_on(doubts, doubtful):
    utterance = Utterance(0, 0, 5, "S1", Role.AGENT, "你自己不会看吗", doubts=doubts)
    flags = inspect_call(transcript(utterance), shipped_rulebook()).flags
    assert {f.doubtful for f in flags if f.rule == "service.forbidden_phrase"} == {doubtful}


def test_a_rule_about_something_missing_flags_what_was_searched(inspected):
    detection = {"hello": {"terms": ["您好"], "window": {"first": "2 utterances"}}, "condition": "not hello"}
    turns = ["agent: 喂", "customer: 喂", "agent: 什么事", "agent: 您好"]
    (flag,) = inspected(detection, *turns, scope={"speaker": "agent"}).flags
    assert (flag.match, flag.utterance, flag.quote) == ("absence", None, "喂 什么事")
    assert flag.why.startswith("No hello by the agent in 2 utterances, 0.4 s to ")
    assert flag.trace == {"missing": "hello", "searched": [0, 2], "scope": "agent, first 2 utterances"}


def test_what_must_follow_is_missed_at_the_place_where_it_should_have(flagged):
    detection = {
        "sold": {"terms": ["办理理财"]},
        "warned": {"terms": ["投资有风险"], "near": {"anchor": "sold", "where": "after"}},
        "condition": "sold and not warned",
    }
    assert flagged(detection, "agent: 投资有风险", "agent: 给您办理理财") == ["给您办理理财"]
    assert flagged(detection, "agent: 给您办理理财", "agent: 投资有风险") == []
