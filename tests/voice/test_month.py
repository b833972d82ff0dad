"""A generated month: planted rises are found, and flat months raise no alarm (see benchmarks/digest.py)."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from callqa.voice.rising import rising


@pytest.fixture(scope="module")
def digest() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "digest.py"
    spec = importlib.util.spec_from_file_location("digest_benchmark", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", range(2))
def test_every_planted_rise_of_20000_transcripts_is_in_the_top_ten(digest: ModuleType, seed: int) -> None:
    places = digest.one(seed, 20_000)["places"]
    assert len(places) == 5
    assert all(place is not None and place <= 10 for place in places.values()), places


def test_labelled_calls_among_them_change_nothing(digest: ModuleType) -> None:
    beside = digest.customers(Path(__file__).parents[2] / "samples" / "truth")
    assert len(beside) == 16
    places = digest.one(7, 20_000, beside)["places"]
    assert all(place is not None and place <= 10 for place in places.values()), places


@pytest.mark.parametrize("seed", range(20))
def test_no_channel_of_a_flat_month_raises_an_alarm(digest: ModuleType, seed: int) -> None:
    _, flat = digest.month(seed + 10_000, 20_000, rise=False)
    counts = digest.counts_of([[{channel} for channel in day] for day in flat])
    assert [rise.term for rise in rising(counts) if rise.is_alarm] == []
