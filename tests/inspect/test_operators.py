"""Every operator and scope, by what it flags and what it leaves alone."""

import pytest


def near(**place):
    return {
        "claim": {"terms": ["百分之百"]},
        "denial": {"terms": ["不能保证"], "near": {"anchor": "claim", **place}},
        "condition": "claim and not denial",
    }


@pytest.mark.parametrize(
    ("place", "turns", "hit"),
    [
        ({"within": "4 chars", "where": "before"}, ["agent: 不能保证百分之百"], False),
        ({"within": "4 chars", "where": "before"}, ["agent: 不能保证这件事情的百分之百"], True),
        ({"within": "4 chars", "where": "before"}, ["agent: 百分之百不能保证"], True),
        ({"within": "4 chars", "where": "after"}, ["agent: 百分之百不能保证"], False),
        ({"within": "4 chars", "where": "around"}, ["agent: 百分之百，不能保证"], False),
        ({"within": "clause"}, ["agent: 不能保证，百分之百"], True),
        ({"within": "clause"}, ["agent: 好的，不能保证百分之百"], False),
        ({"within": "utterance"}, ["agent: 不能保证，百分之百"], False),
        ({"within": "utterance"}, ["agent: 不能保证", "agent: 百分之百"], True),
        ({"where": "same"}, ["agent: 不能保证，不是百分之百"], False),
        ({"within": "1 utterance"}, ["agent: 不能保证", "agent: 百分之百"], False),
        ({"within": "1 utterance"}, ["agent: 不能保证", "customer: 嗯", "agent: 百分之百"], True),
        ({"within": "3 s", "where": "before"}, ["agent: 不能保证", {"agent": "百分之百", "pause": 2}], False),
        ({"within": "3 s", "where": "before"}, ["agent: 不能保证", {"agent": "百分之百", "pause": 5}], True),
        ({"within": "call", "where": "before"}, ["agent: 不能保证", "agent: 嗯", "agent: 百分之百"], False),
        ({"within": "call", "where": "before"}, ["agent: 百分之百", "agent: 不能保证"], True),
    ],
)
def test_near(flagged, place, turns, hit):
    assert bool(flagged(near(**place), *turns)) is hit


@pytest.mark.parametrize(
    ("which", "expected"),
    [("any", ["好的一", "好的二"]), ("first", ["好的一"]), ("last", ["好的二"])],
)
def test_near_may_ask_for_the_first_or_last_anchor(flagged, which, expected):
    near = {"anchor": "name", "where": "after", "within": "3 chars", "hit": which}
    detection = {"name": {"terms": ["贵姓"]}, "t": {"terms": ["好的"], "near": near}, "condition": "t"}
    assert flagged(detection, "agent: 贵姓", "agent: 好的一", "agent: 贵姓", "agent: 好的二") == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"first": "2 utterances"}, ["投诉一", "投诉二"]),
        ({"last": "1 utterance"}, ["投诉四"]),
        ({"first": "1 s"}, ["投诉一", "投诉二"]),
        ({"last": "50 %"}, ["投诉三", "投诉四"]),
        ({"from": "5s", "to": "15s"}, ["投诉三"]),
        ({"from": "5s", "to": "end"}, ["投诉三", "投诉四"]),
    ],
)
def test_window(flagged, window, expected):
    times = (("投诉一", 0), ("投诉二", 0.9), ("投诉三", 10), ("投诉四", 19))
    turns = [{"customer": text, "at": at, "duration": 0.8} for text, at in times]
    assert flagged({"c": {"terms": ["投诉"], "window": window}, "condition": "c"}, *turns) == expected


@pytest.mark.parametrize(
    ("text", "hit"),
    [("产品和服务", False), ("买了一件和服", True), ("我要报销户口本", False), ("我要销户", True)],
)
def test_boundary_drops_hits_that_cut_words(flagged, text, hit):
    detection = {"t": {"terms": ["和服", "销户"], "boundary": True}, "condition": "t"}
    assert bool(flagged(detection, f"customer: {text}")) is hit


def test_not_inside_is_a_but_not_in_the_phrase_a_b(flagged):
    detection = {"t": {"terms": ["曝光"], "not_inside": ["曝光(?:度|不准)"]}, "condition": "t"}
    assert flagged(detection, "customer: 曝光不准", "customer: 给你们曝光") == ["给你们曝光"]


@pytest.mark.parametrize(
    ("text", "hit"),
    [("先给我推保证金", False), ("先给我推保那张", True), ("先给我退保那张", True), ("先给我退保正金", True)],
)
def test_what_only_sounds_so_is_dropped_inside_what_only_sounds_so(flagged, text, hit):
    detection = {
        "t": {"regex": ["给我退保"], "match": "pinyin", "not_inside": ["退保证金"]},
        "condition": "t",
    }
    assert bool(flagged(detection, f"customer: {text}")) is hit


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("就法院见", True),
        ("就发院见", True),
        ("就发院，见吧", True),
        ("就发院。见吧", False),
        ("就法院。见", True),
    ],
)
def test_what_only_sounds_so_is_one_sentence(flagged, text, hit):
    detection = {"t": {"regex": ["就法院见"], "match": "pinyin"}, "condition": "t"}
    assert bool(flagged(detection, f"customer: {text}")) is hit


def test_unless_spoils_the_whole_utterance(flagged):
    detection = {"t": {"terms": ["微信"], "unless": ["公众号"]}, "condition": "t"}
    assert flagged(detection, "agent: 关注公众号，在微信里", "agent: 加我微信") == ["加我微信"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [("any", 3), ("statement", 1), ("question", 2)],
)
def test_sentence(flagged, sentence, expected):
    detection = {"t": {"terms": ["起诉"], "sentence": sentence}, "condition": "t"}
    turns = ["customer: 会起诉我吗？好的。", "customer: 是不是要起诉啊？", "customer: 好吗？我要起诉。"]
    assert len(flagged(detection, *turns)) == expected


def test_keywords_may_need_several_different_terms(flagged):
    detection = {"t": {"terms": ["姓名", "身份证"], "distinct": 2}, "condition": "t"}
    assert flagged(detection, "agent: 姓名，姓名") == []
    assert len(flagged(detection, "agent: 姓名，身份证")) == 1


def test_a_detection_may_need_several_hits(flagged):
    detection = {"t": {"terms": ["嗯"], "at_least": 3}, "condition": "t"}
    assert flagged(detection, "agent: 嗯", "agent: 嗯") == []
    assert len(flagged(detection, "agent: 嗯", "agent: 嗯", "agent: 嗯")) == 3


@pytest.mark.parametrize(
    ("text", "hit"),
    [("你把话说清楚行不行啊", True), ("你把话讲清楚行不行", True), ("我把钱交清楚了", False)],
)
def test_similar_sentences(flagged, text, hit):
    detection = {"t": {"similar": ["你把话说清楚行不行"], "threshold": 0.6}, "condition": "t"}
    assert bool(flagged(detection, f"agent: 好的，{text}。")) is hit


@pytest.mark.parametrize(
    ("kind", "text", "hit"),
    [
        ("mobile", "电话幺三七，六四零二，八八幺五", True),
        ("mobile", "工号八零二三", False),
        ("amount", "一共三百二十七块六", True),
        ("id_card", "身份证幺幺零幺零五，幺九四九幺二三幺，零零二叉", True),
    ],
)
def test_entities(flagged, kind, text, hit):
    assert bool(flagged({"t": {"entity": [kind]}, "condition": "t"}, f"customer: {text}")) is hit


@pytest.mark.parametrize(
    ("options", "pause", "next_role", "hit"),
    [
        ({"longer": "10 s"}, 12, "agent", True),
        ({"longer": "10 s"}, 9, "agent", False),
        ({"longer": "10 s", "before": "agent"}, 12, "customer", False),
        ({"longer": "10 s", "before": "agent"}, 12, "agent", True),
        ({"longer": "10 s", "after": "agent"}, 12, "agent", False),
        ({"longer": "10 s", "after": "customer"}, 12, "agent", True),
    ],
)
def test_silence(inspected, options, pause, next_role, hit):
    turns = ["customer: 喂", {next_role: "在的", "pause": pause}]
    flags = inspected({"t": {"silence": options}, "condition": "t"}, *turns).flags
    assert bool(flags) is hit
    if hit:
        assert flags[0].end - flags[0].start == pytest.approx(pause)
        assert flags[0].why == f"{pause:.1f} s of silence, next to speak is the {next_role}."


@pytest.mark.parametrize(
    ("options", "duration", "hit"),
    [
        ({"over": 300}, 3.0, True),
        ({"over": 300}, 5.0, False),
        ({"over": 300, "min_chars": 21}, 3.0, False),
        ({"under": 120}, 11.0, True),
        ({"under": 120}, 9.0, False),
        ({"over": 300, "over_average": 1.2}, 3.0, False),
    ],
)
def test_rate(flagged, options, duration, hit):
    turn = {"agent": "一二三四五六七八九十" * 2, "duration": duration}
    assert bool(flagged({"t": {"rate": options}, "condition": "t"}, turn)) is hit


@pytest.mark.parametrize(
    ("options", "overlap", "text", "by", "hit"),
    [
        ({"by": "agent"}, 1.0, "您先听我说", "agent", True),
        ({"by": "agent"}, 0.4, "您先听我说", "agent", False),
        ({"by": "agent"}, 1.0, "嗯", "agent", False),
        ({"by": "agent"}, 1.0, "您先听我说", "customer", False),
        ({"by": "customer"}, 1.0, "你先听我说", "customer", True),
        ({"by": "agent", "delay": "5 s"}, 1.0, "您先听我说", "agent", False),
    ],
)
def test_interruption(flagged, options, overlap, text, by, hit):
    other = "customer" if by == "agent" else "agent"
    turns = [{other: "我想问一下这个到底是怎么回事", "duration": 4}, {by: text, "overlap": overlap}]
    assert bool(flagged({"t": {"interruption": options}, "condition": "t"}, *turns)) is hit


@pytest.mark.parametrize(
    ("options", "hit"),
    [({}, True), ({"times": 3}, False), ({"within": "1 utterance"}, False), ({"min_chars": 20}, False)],
)
def test_repeats(flagged, options, hit):
    turns = [
        "agent: 这个我们只能登记反馈",
        "agent: 好的",
        "customer: 什么时候",
        "agent: 这个我们只能登记反馈",
    ]
    quotes = flagged({"t": {"repeats": options}, "condition": "t"}, *turns)
    assert quotes == (["这个我们只能登记反馈"] if hit else [])


@pytest.mark.parametrize(
    ("speaks", "hit"),
    [({"first": "customer"}, True), ({"first": "agent"}, False), ({"last": "agent"}, True)],
)
def test_who_speaks_first_and_last(flagged, speaks, hit):
    detection = {"t": {"speaks": speaks}, "condition": "t"}
    assert bool(flagged(detection, "customer: 喂", "agent: 您好")) is hit


@pytest.mark.parametrize(
    ("data", "hit"),
    [
        ({"field": "business", "value": "bank"}, True),
        ({"field": "business", "compare": "!=", "value": "bank"}, False),
        ({"field": "business", "compare": "in", "value": ["bank", "telecom"]}, True),
        ({"field": "business", "compare": "not in", "value": ["bank"]}, False),
        ({"field": "business", "compare": "contains", "value": "an"}, True),
        ({"field": "wait", "compare": ">", "value": 9}, True),
        ({"field": "wait", "compare": ">=", "value": 11}, False),
        ({"field": "utterances", "compare": "==", "value": 1}, True),
        ({"field": "last_speaker", "compare": "==", "value": "agent"}, True),
        ({"field": "unknown", "compare": "==", "value": "x"}, False),
    ],
)
def test_call_data(flagged, data, hit):
    detection = {"t": {"terms": ["您好"]}, "d": {"data": data}, "condition": "t and d"}
    metadata = {"business": "bank", "wait": "10"}
    assert bool(flagged(detection, "agent: 您好", metadata=metadata)) is hit


def test_call_data_alone_flags_the_call(inspected):
    detection = {"d": {"data": {"field": "utterances", "compare": "<", "value": 3}}, "condition": "d"}
    (flag,) = inspected(detection, "agent: 您好").flags
    assert (flag.match, flag.utterance, flag.why) == ("call data", None, "Utterances is 1.")


def test_flag_chooses_whose_hits_are_shown(flagged):
    detection = {"a": {"terms": ["逾期"]}, "b": {"terms": ["坐牢"]}, "condition": "a and b"}
    turns = ["agent: 您逾期了", "agent: 会坐牢的"]
    assert flagged(detection, *turns) == ["您逾期了", "会坐牢的"]
    assert flagged(detection, *turns, flag="b") == ["会坐牢的"]


def test_steps_may_be_counted(flagged):
    detection = {
        "step_name": {"terms": ["姓名"]},
        "step_id": {"terms": ["身份证"]},
        "step_phone": {"terms": ["手机号"]},
        "condition": "2 of step*",
    }
    assert flagged(detection, "agent: 您的姓名") == []
    assert len(flagged(detection, "agent: 您的姓名", "agent: 您的手机号")) == 2


def test_lists_serve_as_terms_and_inside_expressions(flagged):
    lists = {"orgs": {"terms": ["消协", "工商局"]}}
    turns = ["customer: 找消协", "customer: 去工商局告你", "customer: 消协在哪"]
    both = {"t": {"regex": "(?:找|去){orgs}"}, "condition": "t"}
    assert flagged(both, *turns, lists=lists) == ["找消协", "去工商局告你"]
    assert len(flagged({"t": {"lists": ["orgs"]}, "condition": "t"}, *turns, lists=lists)) == 3
