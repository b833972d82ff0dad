"""Near misses of extents, of hits together, of terms set one by one, and of how the call went."""

import pytest


def one(detection, **more):
    return {"t": {**detection, **more}, "condition": "t"}


@pytest.mark.parametrize(
    ("together", "turns", "hits"),
    [
        ("utterance", ["agent: 姓名和电话", "agent: 地址"], 1),
        ("utterance", ["agent: 姓名", "agent: 电话"], 0),
        ("clause", ["agent: 姓名和电话"], 1),
        ("clause", ["agent: 姓名，电话"], 0),
        ("2 utterances", ["agent: 姓名", "agent: 电话"], 2),
        ("2 utterances", ["agent: 姓名", "agent: 嗯", "agent: 电话"], 0),
        ("5 s", ["agent: 姓名", {"agent": "电话", "pause": 2}], 2),
        ("5 s", ["agent: 姓名", {"agent": "电话", "pause": 7}], 0),
        ("6 chars", ["agent: 姓名和电话"], 1),
        ("4 chars", ["agent: 姓名和电话"], 0),
        ("call", ["agent: 姓名", {"agent": "电话", "pause": 90}], 2),
    ],
)
def test_different_terms_together(flagged, together, turns, hits):
    detection = one({"terms": ["姓名", "电话", "地址"], "distinct": 2, "together": together})
    assert len(flagged(detection, *turns)) == hits


@pytest.mark.parametrize(("together", "hits"), [("4 s", 0), ("12 s", 3), ("30 s", 3)])
def test_hits_that_come_often_enough_within_a_stretch(flagged, together, hits):
    turns = [{"customer": "喂", "at": at} for at in (0, 5, 10, 60)]
    assert len(flagged(one({"terms": ["喂"], "at_least": 3, "together": together}), *turns)) == hits


@pytest.mark.parametrize(
    ("distinct", "text", "hit"),
    [
        ("all", "姓名电话", False),
        ("all", "姓名电话地址", True),
        (2, "姓名名字", False),
        (2, "名字电话", True),
    ],
)
def test_synonyms_are_one_term(flagged, distinct, text, hit):
    terms = [{"term": "姓名", "synonyms": ["名字"]}, "电话", "地址"]
    assert bool(flagged(one({"terms": terms, "distinct": distinct}), f"agent: {text}")) is hit


@pytest.mark.parametrize(
    ("regex", "extent", "turns", "quotes"),
    [
        ("要.{0,9}退", "utterance", ["customer: 我要，你们退"], ["我要，你们退"]),
        ("要.{0,9}退", "clause", ["customer: 我要，你们退"], []),
        ("要.{0,9}退", "clause", ["customer: 好，我要现在退"], ["我要现在退"]),
        ("^好$", "clause", ["customer: 行，好，谢谢"], ["好"]),
        ("^好$", "utterance", ["customer: 行，好，谢谢"], []),
        ("要.{0,9}退", "merged", ["customer: 我要", "agent: 嗯", "customer: 退"], ["要 退"]),
        ("要.{0,9}退", "utterance", ["customer: 我要", "agent: 嗯", "customer: 退"], []),
    ],
)
def test_extent(flagged, regex, extent, turns, quotes):
    detection = one({"regex": regex, "extent": extent, "speaker": "customer"})
    assert flagged(detection, *turns) == quotes


def test_a_merged_hit_is_timed_from_its_first_to_its_last_word(inspected):
    detection = one({"terms": ["投诉你们"], "extent": "merged", "speaker": "customer"})
    turns = [{"customer": "我要投诉", "at": 1, "duration": 4}, {"customer": "你们", "at": 9, "duration": 2}]
    (flag,) = inspected(detection, *turns).flags
    assert (flag.start, flag.end, flag.utterance, flag.quote) == (3.0, 11.0, 0, "投诉 你们")


@pytest.mark.parametrize(
    ("within", "hit"), [("1 word", False), ("2 words", True), ("6 chars", True), ("3 chars", False)]
)
def test_distance_in_words(flagged, within, hit):
    detection = {
        "a": {"terms": ["退款"]},
        "t": {"terms": ["什么时候"], "near": {"anchor": "a", "within": within, "where": "after"}},
        "condition": "t",
    }
    assert bool(flagged(detection, "customer: 退款我们公司什么时候")) is hit


@pytest.mark.parametrize(
    ("hit", "expected"),
    [(1, ["好一"]), (2, ["好二"]), (3, []), ("every", ["好一", "好二"]), ("last", ["好二"])],
)
def test_which_hit_of_the_anchor(flagged, hit, expected):
    near = {"anchor": "name", "where": "after", "within": "2 chars", "hit": hit}
    detection = {"name": {"terms": ["贵姓"]}, "t": {"terms": ["好"], "near": near}, "condition": "t"}
    assert flagged(detection, "agent: 贵姓", "agent: 好一", "agent: 贵姓", "agent: 好二") == expected


@pytest.mark.parametrize(
    ("options", "levels", "hits"),
    [
        ({"over": -12}, [-30, -11], 1),
        ({"under": -40}, [-30, -45], 1),
        ({"change": 6}, [-30, -25], 0),
        ({"change": 6}, [-30, -24], 1),
        ({"change": -6}, [-24, -30], 1),
        ({"change": -6}, [-30, -24], 0),
        ({"change": 4, "against": "average"}, [-30, -30, -20], 1),
        ({"over": -12, "span": 2}, [-11, -30, -11], 0),
        ({"over": -12, "span": 2}, [-30, -11, -11, -11], 3),
        ({"over": -12}, [None, None], 0),
    ],
)
def test_loudness(flagged, options, levels, hits):
    turns = [{"customer": f"话{i}", **({"level": x} if x is not None else {})} for i, x in enumerate(levels)]
    assert len(flagged(one({"loudness": options}), *turns)) == hits


def test_loudness_against_the_other_speaker(flagged):
    turns = [
        {"agent": "您好", "level": -30},
        {"customer": "喂", "level": -29},
        {"customer": "说话", "level": -15},
    ]
    assert flagged(one({"loudness": {"change": 10, "against": "other"}}), *turns) == ["说话"]


@pytest.mark.parametrize(
    ("position", "hit"), [(2, True), (-2, True), (1, False), (-1, False), (9, False), (-9, False)]
)
def test_who_speaks_at_a_place(flagged, position, hit):
    detection = one({"speaks": {"at": position, "who": "agent"}})
    assert bool(flagged(detection, "customer: 喂", "agent: 您好", "customer: 嗯")) is hit


def test_whoever_cuts_in(flagged):
    detection = one({"interruption": {"by": "any", "min_chars": 1}})
    long = {"customer": "我想问一下这个到底是怎么回事", "duration": 4}
    turns = [
        long,
        {"agent": "您先听我说一下这个事", "overlap": 1, "duration": 4},
        {"customer": "我可不听你这么说", "overlap": 1},
    ]
    assert len(flagged(detection, *turns)) == 2


def test_entities_may_have_to_be_valid(flagged):
    cards = ["customer: 4111111111111111", "customer: 4111111111111112"]
    assert len(flagged(one({"entity": ["bank_card"]}), *cards)) == 2
    assert flagged(one({"entity": ["bank_card"], "valid": True}), *cards) == ["4111111111111111"]


def test_many_samples_are_compared(flagged):
    samples = [f"第{i}句完全不同的样本内容" for i in range(199)] + ["你把话说清楚行不行"]
    assert flagged(one({"similar": samples}), "agent: 你把话讲清楚行不行") == ["你把话讲清楚行不行"]


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        (["customer: 好"], "no hit of a"),
        (["agent: 退款"], "no hit of a: a was found, but not by the customer"),
        (["customer: 退款吗？"], "no hit of a: a was found, but in no statement"),
        (["customer: 退款单"], "no hit of a: a was found, but only with what not_inside or unless names"),
        (["customer: 退款"], "no hit of a: a was found 1 times, which is not enough"),
        (["customer: 退款", "customer: 退款，不急"], "'a' was found, but set aside because of b"),
    ],
)
def test_the_first_thing_that_failed_is_named(inspected, turns, reason):
    terms = {"terms": ["退款"], "sentence": "statement", "not_inside": ["退款单"], "at_least": 2}
    detection = {"a": terms, "b": {"terms": ["不急"]}, "condition": "a and not b"}
    inspection = inspected(detection, *turns, "customer: 嗯", scope={"speaker": "customer"})
    assert inspection.results[0].reason == reason


def test_an_anchor_that_is_missing_is_named(inspected):
    detection = {
        "a": {"terms": ["理财"]},
        "b": {"terms": ["风险"], "near": {"anchor": "a", "within": "9 chars", "where": "before"}},
        "condition": "b and a",
    }
    assert inspected({**detection, "condition": "b"}, "agent: 风险").results[0].reason == (
        "no hit of b: b was not looked for, as there is no a to stand near"
    )
    assert inspected({**detection, "condition": "b"}, "agent: 理财", "agent: 风险").results[0].reason == (
        "no hit of b: b was found, but not within 9 chars before a"
    )
