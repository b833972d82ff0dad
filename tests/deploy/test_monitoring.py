"""Board and alerts ask only for what callqa tells, by the labels it tells it with."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callqa.store import open_store
from callqa.store.hosts import announce_service
from callqa.worker.messages import Done
from callqa.worker.metrics import Metrics

ROOT = Path(__file__).parents[2]
BOARD = json.loads((ROOT / "deploy/grafana/callqa.json").read_text("utf-8"))
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))
QUERIES = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
_FROM_PROMETHEUS = {"job", "instance"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every series that ``/metrics`` gives after one recording, with its labels."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('told') / 'callqa.db'}")
    announce_service(store, "s", host_name="a", workers=1, device="cpu", version="1")
    metrics = Metrics(store, lambda: (1, 1))
    metrics.heard(Done(1, "a.wav", "inspected", seconds=10.0, steps={"decode": 0.1, "transcribe": 1.0}))
    found: dict[str, set[str]] = {}
    for family in metrics.registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    store.close()
    return found


def series(query: str) -> Iterator[tuple[str, set[str]]]:
    """Every callqa series in a query, with the labels it is chosen by."""
    for name, _, chosen in re.findall(r"(callqa_\w+)(\{([^}]*)\})?", query):
        yield name, set(re.findall(r"(\w+)\s*[=!]~?", chosen))


def grouped(query: str) -> set[str]:
    return {
        label.strip()
        for labels in re.findall(r"(?:by|without|ignoring|on)\s*\(([^)]*)\)", query)
        for label in labels.split(",")
    }


def problems(query: str, told: dict[str, set[str]]) -> list[str]:
    asked = list(series(query))
    wrong = [name for name, _ in asked if name not in told]
    known = set().union(*(told.get(name, set()) for name, _ in asked)) | _FROM_PROMETHEUS
    wrong += [f"{name}: {label}" for name, chosen in asked for label in chosen - told.get(name, set())]
    return wrong + sorted(grouped(query) - known)


@pytest.mark.parametrize("query", QUERIES)
def test_the_board_asks_for_what_there_is(query, told):
    assert list(series(query))
    assert problems(query, told) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_ask_for_what_there_is(rule, told):
    assert problems(rule["expr"], told) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_alerts_are_whole(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"]


@pytest.mark.parametrize(
    "query",
    [
        "callqa_recordings",  # without _total it is not told
        'callqa_queue{state="queued"}',
        "sum by (stage) (callqa_flags_total)",
        "callqa_recording_seconds",
    ],
)
def test_what_is_not_told_is_noticed(query, told):
    assert problems(query, told)


def test_everything_told_is_on_the_board(told):
    shown = {name for query in QUERIES for name, _ in series(query)}
    plain = {
        re.sub(r"_(bucket|count|sum)$", "_count", name) for name in told if not name.endswith("_created")
    }
    assert plain - {re.sub(r"_(bucket|count|sum)$", "_count", name) for name in shown} == set()


def test_every_panel_has_a_place_of_its_own():
    taken = [
        (x, y)
        for panel in BOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_every_alert_and_series_is_explained(told):
    page = (ROOT / "docs/monitoring.md").read_text("utf-8")
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in told if not name.endswith("_created")}
    assert [name for name in (*sorted(names), *(rule["alert"] for rule in RULES)) if name not in page] == []
