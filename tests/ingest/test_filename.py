from pathlib import Path

import pytest

from callqa.errors import UsageError
from callqa.ingest.filename import NamePattern

STANDARD = "{start:%Y%m%d%H%M%S}_{agent}_{customer}"


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        (
            STANDARD,
            "20261121090501_8023_13800000000.wav",
            {"started_at": "2026-11-21T09:05:01", "agent": "8023", "customer": "13800000000"},
        ),
        (STANDARD, "20261121090501_8023.wav", None),
        (STANDARD, "x20261121090501_8023_1.wav", None),
        (STANDARD, "2026112109050_8023_1.wav", None),
        ("{agent}-{call_id}", "8023-a-b.c.wav", {"agent": "8023", "call_id": "a-b.c"}),
        ("{agent}_{}_{队列}", "1_ignored_退换货.wav", {"agent": "1", "queue": "退换货"}),
        ("{班组}（{工号}）", "售后一组（8023）.mp3", {"team": "售后一组", "agent": "8023"}),
        (
            "{start:%Y%m%d}-{agent}-{start:%H%M}",
            "20261121-7-0905.wav",
            {"started_at": "2026-11-21T09:05:00", "agent": "7"},
        ),
        ("{start:%Y-%m-%d %H.%M.%S}", "2026-11-21 09.05.01.wav", {"started_at": "2026-11-21T09:05:01"}),
        ("{start:%Y%m%d}{agent}", "202611218023.wav", {"started_at": "2026-11-21T00:00:00", "agent": "8023"}),
        ("{call_id}.{direction}", "C1.in.wav", {"call_id": "C1", "direction": "inbound"}),
        ("{call_id}+{x}", "C1+2.wav", {"call_id": "C1", "x": "2"}),
        ("{call_id}+{x}", "C112.wav", None),
        ("{name}", "王芳.wav", {"name": "王芳"}),
        (
            r"(?P<agent>\d{4})_(?P<customer>1\d{10})",
            "rec_8023_13800000000_x.wav",
            {"agent": "8023", "customer": "13800000000"},
        ),
        (r"(?P<agent>\d{4})_(?P<customer>1\d{10})", "8023_23800000000.wav", None),
        (r"^(?P<工号>\d+)(?:_(?P<team>.+))?$", "8023.wav", {"agent": "8023"}),
    ],
)
def test_fields_in_a_name(pattern, name, expected):
    assert NamePattern(pattern).read(Path("/rec") / name) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{business}/{agent}_{customer}", {"business": "loans", "agent": "1", "customer": "2"}),
        ("{team}/{business}/{agent}_{}", {"team": "a", "business": "loans", "agent": "1"}),
        (r"(?P<business>\w+)/(?P<agent>\d+)_", {"business": "loans", "agent": "1"}),
        ("{x}/{team}/{business}/{agent}_{}/", None),
    ],
)
def test_folders_count_when_the_pattern_has_slashes(pattern, expected):
    assert NamePattern(pattern).read(Path("/rec/a/loans/1_2.wav")) == expected


@pytest.mark.parametrize("name", ["20261321090501_1_2.wav", "20260230000000_1_2.wav"])
def test_a_date_that_is_none(name):
    with pytest.raises(ValueError, match="is no time"):
        NamePattern(STANDARD).read(Path(name))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("plain", "names no field"),
        ("{}", "names no field"),
        (r"(\d+)_(\d+)", "names no field"),
        (r"(?P<agent>\d+", "missing"),
        (r"(?P<agent>\d+)(?=x)", "invalid perl operator"),
        ("{start:%Q}", "'%Q' is not one of"),
        ("{start:%}", "'%' is not one of"),
    ],
)
def test_what_is_wrong_with_a_pattern(pattern, message):
    with pytest.raises(UsageError, match=message):
        NamePattern(pattern)


def test_a_careless_expression_takes_no_time():
    pattern = NamePattern(r"^(?P<agent>(a+)+)$")
    assert pattern.read(Path("a" * 200 + "b.wav")) is None
