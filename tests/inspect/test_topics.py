"""What a call is about: the words decide, the beginning counts more, and the data can be edited."""

import json
import os
from pathlib import Path

import pytest

from callqa.inspect.testing import transcript_of_turns
from callqa.inspect.topics import TopicsError, load_topics, shipped_topics, topic_of
from callqa.inspect.truth import transcript_from_truth

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CALLQA_SHARED", ROOT.parent / "shared"))
LABELLED = sorted((SHARED / "calls" / "dev").glob("*.json"))
SMALL = """
other: {topic: other, title: 其他, department: 总台}
topics:
  - {name: water, title: 水, strong: [水费], terms: [水表, 阀门]}
  - {name: power, title: 电, business: [grid], terms: [电表, 电费, 跳闸]}
departments:
  - {name: 水务科, topics: [water], terms: [水表]}
  - {name: 抢修站, topics: [water, power], terms: [跳闸, 漏], named: '(..)(?:片区|分站)'}
"""


def classify(*turns, topics=None, **metadata):
    return topic_of(transcript_of_turns(list(turns)), topics or shipped_topics(), metadata)


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "topics.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return load_topics(path)


@pytest.mark.parametrize(
    ("topic", "turns"),
    [
        ("fraud", [{"customer": "我的卡被盗刷了三千块，钱没了。"}, {"agent": "马上给您冻结。"}]),
        ("repayment", [{"agent": "您的贷款逾期十二天了。"}, {"customer": "我这两天还款。"}]),
        ("claim", [{"customer": "理赔怎么拒赔了？我住院花了两万。"}, {"agent": "免赔额是一万。"}]),
        ("network_fault", [{"customer": "家里断网了，光猫亮红灯。"}, {"agent": "给您派师傅。"}]),
        ("delivery_delay", [{"customer": "快递滞留三天了，还没派送。"}, {"agent": "我催一下站点。"}]),
        ("quality", [{"customer": "空调坏了，质量问题，我要换货。"}, {"agent": "给您安排检测。"}]),
        ("cancel_service", [{"customer": "我不去了，帮我取消订单。"}, {"agent": "扣百分之二十违约金。"}]),
        ("booking", [{"customer": "我想预约个门诊，挂个骨科。"}, {"agent": "周四上午可以吗？"}]),
        ("price", [{"agent": "跟您介绍一款年金产品，收益高。"}, {"customer": "保费多少？"}]),
        ("billing", [{"customer": "我的电费怎么多扣了？账单不对。"}, {"agent": "我看看明细。"}]),
        ("policy_info", [{"customer": "我想咨询一下公积金政策，需要什么材料？"}, {"agent": "带身份证。"}]),
        ("other", [{"customer": "你好。"}, {"agent": "您好，请讲。"}]),
    ],
)
def test_what_a_call_is_about(topic, turns):
    assert classify(*turns).topic == topic


def test_what_is_said_first_counts_more(small):
    asked = {"customer": "水表怎么看？"}
    others = [{"customer": text} for text in ("哦。", "嗯。", "好。", "电表呢？")]
    assert classify(asked, *others, topics=small).ranking == (("water", 2.0), ("power", 1.0))


def test_a_word_said_again_counts_ever_less(small):
    once = dict(classify({"customer": "水费"}, topics=small).ranking)["water"]
    often = dict(classify(*[{"customer": "水费"}] * 7, topics=small).ranking)["water"]
    assert once < often == 3 * once


def test_misheard_terms_of_three_characters_are_known():
    heard = classify({"customer": "我要清理胚，拒培了。"}, {"agent": "等待其内不赔。"})
    assert "等待期" in [e.term for e in heard.evidence]


def test_the_business_gives_a_head_start(small):
    turns = [{"customer": "水表和电表都看看，阀门也看看。"}]
    assert classify(*turns, topics=small).topic == "water"
    assert classify(*turns, topics=small, business="grid").topic == "power"


def test_the_branch_is_named_where_it_was_said(small):
    leak = classify({"customer": "水费不对，家里漏水，我在城北片区。"}, topics=small)
    assert leak.department == "城北抢修站"
    meter = classify({"customer": "水费不对，水表也不对。"}, topics=small)
    assert meter.department == "水务科"


def test_evidence_says_which_words_and_where(small):
    found = classify({"agent": "您好。"}, {"customer": "水费太高了。"}, topics=small)
    assert [(e.term, e.utterances) for e in found.evidence] == [("水费", (1,))]


def test_a_call_in_which_nothing_is_said(small):
    found = classify(topics=small)
    assert (found.topic, found.department, found.ranking) == ("other", "总台", ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("topics: [water]", "topics: [wather]", "水务科 answers for wather"),
        ("name: power", "name: water", "water is given twice"),
        ("strong: [水费], terms: [水表, 阀门]", "terms: []", "water has no terms"),
        ("name: water, ", "", "name is missing"),
        ("topics:\n", "topics: 3\nx:\n", "topics.yaml"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path, old, new, message):
    path = tmp_path / "topics.yaml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TopicsError, match=message):
        load_topics(path)


@pytest.mark.skipif(not LABELLED, reason="no labelled calls here")
@pytest.mark.parametrize("with_business", [True, False])
def test_topic_and_department_of_labelled_calls(with_business):
    right = {"topic": 0, "department": 0}
    for file in LABELLED:
        truth = json.loads(file.read_text(encoding="utf-8"))
        metadata = {"business": truth["business"]} if with_business else {}
        found = topic_of(transcript_from_truth(truth), shipped_topics(), metadata)
        right["topic"] += found.topic == truth["topic"]
        right["department"] += found.department == truth["department"]
    assert min(right.values()) >= 0.8 * len(LABELLED), right
