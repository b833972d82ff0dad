import json

import pytest

from callqa.errors import CallqaError
from callqa.evaluate.importers import import_labels, role_of
from callqa.evaluate.truth import parse_truth

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 9
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "坐席"
        xmin = 0
        xmax = 9
        intervals: size = 2
        intervals [1]:
            xmin = 0.5
            xmax = 3.25
            text = "您好，""优选""商城。"
        intervals [2]:
            xmin = 3.25
            xmax = 9
            text = ""
    item [2]:
        class = "IntervalTier"
        name = "S2"
        xmin = 0
        xmax = 9
        intervals: size = 1
        intervals [1]:
            xmin = 4
            xmax = 6
            text = "退款。"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
9
<exists>
1
"IntervalTier"
"agent"
0
9
2
0.5
3.25
"您好"
3.25
9
""
"""
RTTM = """;; who spoke when
SPEAKER call-1 1 0.50 2.75 <NA> <NA> left <NA> <NA>
SPEAKER call-1 1 4.00 2.00 <NA> <NA> B <NA> <NA>
SPEAKER call-2 1 1.00 0.00 <NA> <NA> B <NA> <NA>
SPEAKER call-2 1 1.00 1.50 <NA> <NA> C <NA> <NA>
"""


def studio(annotations, audio="upload/1/0a1b2c3d-call-7.wav"):
    return json.dumps([{"id": 1, "data": {"audio": audio}, "annotations": annotations}])


def region(key, start, end, **value):
    return {"id": key, "type": "labels", "value": {"start": start, "end": end, **value}}


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def turns(truth):
    return [(t["role"], t["start"], t["end"], t["text"]) for t in truth["turns"]]


def test_textgrid_with_tiers_of_either_name(tmp_path):
    found = import_labels(written(tmp_path, "call-1.TextGrid", LONG), {"S2": "customer"})
    assert turns(found["call-1"]) == [
        ("agent", 0.5, 3.25, '您好，"优选"商城。'),
        ("customer", 4.0, 6.0, "退款。"),
    ]


def test_short_textgrid(tmp_path):
    found = import_labels(written(tmp_path, "c.TextGrid", SHORT))
    assert turns(found["c"]) == [("agent", 0.5, 3.25, "您好")]


def test_rttm_holds_several_recordings(tmp_path):
    found = import_labels(written(tmp_path, "all.rttm", RTTM), {"B": "customer"})
    assert turns(found["call-1"]) == [("agent", 0.5, 3.25, ""), ("customer", 4.0, 6.0, "")]
    assert turns(found["call-2"]) == [("C", 1.0, 2.5, "")]
    assert "expected" not in found["call-1"]


def test_label_studio_with_speaker_text_and_flags(tmp_path):
    result = [
        region("a", 0.0, 2.0, labels=["坐席"]),
        region("a", 0.0, 2.0, text=["您好。"]),
        region("b", 3.0, 5.0, labels=["客户", "refund_demand"]),
        region("b", 3.0, 5.0, text=["我要退款。"]),
        {"id": "c", "type": "choices", "value": {"choices": ["resolved"]}},
    ]
    cancelled = {"result": [], "was_cancelled": True}
    found = import_labels(written(tmp_path, "x.json", studio([{"result": result}, cancelled])))
    assert turns(found["call-7"]) == [("agent", 0.0, 2.0, "您好。"), ("customer", 3.0, 5.0, "我要退款。")]
    assert found["call-7"]["expected"] == [
        {"check": "refund_demand", "turn": 1, "quote": "我要退款。", "role": "customer"}
    ]


def test_what_is_imported_can_be_read(tmp_path):
    for name, text in (("a.TextGrid", LONG), ("b.rttm", RTTM)):
        for stem, raw in import_labels(written(tmp_path, name, text)).items():
            assert parse_truth(raw, stem).turns


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.TextGrid", "no grid"),
        ("a.rttm", "SPEAKER call 1 0.5"),
        ("a.rttm", "\n"),
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.docx", ""),
    ],
)
def test_what_holds_no_labels_is_refused_with_its_name(tmp_path, name, text):
    with pytest.raises(CallqaError, match=name):
        import_labels(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("Agent 1", "agent"),
        ("客服", "agent"),
        ("客户", "customer"),
        ("Customer", "customer"),
        ("S1", "unknown"),
    ],
)
def test_names_of_speakers(word, role):
    assert role_of(word, {}) == role
