"""The speed benchmark: what it counts is right, and it runs on a machine without a GPU."""

import json
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callqa.benchmarks import gpu
from callqa.ingest.audio import decode
from callqa.transcribe.types import Measures, Role, Transcript, Utterance

ROOT = Path(__file__).parents[2]


def transcript(*said):
    """A transcript of (role, text) pairs."""
    utterances = tuple(
        Utterance(i, float(i), i + 1.0, "S1", Role(role), text, 0.9, ())
        for i, (role, text) in enumerate(said)
    )
    return Transcript(10.0, 2, "zh", utterances, Measures(), {})


def call(truth, channels=2, seconds=1):
    return gpu.Call("a.wav", np.zeros((channels, seconds * 16000), dtype=np.float32), truth)


@pytest.mark.parametrize(
    ("said", "heard", "error"),
    [
        ({"agent": "您好，工号八零二三。"}, [("agent", "您好工号8023")], 0.0),
        ({"agent": "您好"}, [("agent", "你好")], 0.5),
        ({"agent": "您好"}, [("customer", "您好")], 1.0),
        ({"agent": "您好"}, [], 1.0),
        ({"agent": "您好"}, [("agent", "您好您好")], 1.0),
        ({"agent": "我要退款", "customer": "好的"}, [("agent", "我要退款"), ("customer", "好")], 1 / 6),
        ({"agent": "您好吗"}, [("agent", "您"), ("agent", "好吗")], 0.0),
    ],
)
def test_errors_are_counted_by_role(said, heard, error):
    assert gpu.error_by_role([call(said)], [transcript(*heard)]) == pytest.approx(error)


def test_errors_weigh_by_length_and_calls_without_truth_do_not_count():
    calls = [call({"agent": "一二三四五六七八"}), call({"agent": "好的"}), call(None)]
    made = [transcript(("agent", "12345678")), transcript(("agent", "不的")), transcript(("agent", "谁"))]
    assert gpu.error_by_role(calls, made) == pytest.approx(0.1)


def test_without_any_truth_there_is_no_error_to_tell():
    assert gpu.error_by_role([call(None)], [transcript(("agent", "您好"))]) is None


@pytest.mark.parametrize("place", ["a.json", "truth/a.json"])
def test_truth_lies_beside_the_recording_or_in_a_folder(tmp_path, place):
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    turns = [
        {"role": "agent", "text": "您"},
        {"role": "customer", "text": "嗯"},
        {"role": "agent", "text": "好"},
    ]
    path.write_text(json.dumps({"turns": turns}), encoding="utf-8")
    assert gpu.truth_of(tmp_path / "a.wav") == {"agent": "您好", "customer": "嗯"}
    assert gpu.truth_of(tmp_path / "b.wav") is None


def test_every_call_is_also_run_as_mono_and_repeated():
    loud = replace(call(None), samples=np.stack([np.full(4, 1.0), np.full(4, 0.5)]))
    runs = dict(gpu.layouts([loud, call(None, channels=1)], 3))
    assert [len(c.samples) for c in runs["two channels"]] == [2, 2, 2]
    assert [len(c.samples) for c in runs["mono"]] == [1] * 6
    assert runs["mono"][0].samples == pytest.approx(np.full((1, 4), 0.75))


def test_without_two_channel_calls_only_mono_is_run():
    assert [name for name, _ in gpu.layouts([call(None, channels=1)], 1)] == ["mono"]


def test_what_is_no_recording_is_passed_over(tmp_path):
    (tmp_path / "notes.wav").write_text("no sound")
    calls, seconds = gpu.load([ROOT / "samples" / "11-channels-swapped.wav", tmp_path])
    assert [c.name for c in calls] == ["11-channels-swapped.wav"]
    assert calls[0].truth is not None
    assert seconds > 0


def test_a_table_has_a_cell_for_every_column():
    shares = {**dict.fromkeys(gpu.STAGES, 0.1), "rest": 0.3}
    result = gpu.Result("mono", "float16", 32, 8, 1.5, 60.0, 70.0, 90.0, shares, 1234, None)
    head, line, row = gpu.table([result]).splitlines()
    assert head.count("|") == line.count("|") == row.count("|")
    assert "90.0" in row
    assert "30.0%" in row


@pytest.fixture
def short_mono(tmp_path):
    """The first seconds of a call, both people in one channel."""
    samples = decode(ROOT / "samples" / "11-channels-swapped.wav").samples[:, : 12 * gpu.RATE].mean(axis=0)
    path = tmp_path / "short.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, gpu.RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.mark.models
def test_it_measures_every_stage(tmp_path, short_mono):
    found = tmp_path / "found.json"
    gpu.main([str(short_mono), "--device", "cpu", "--batch-size", "4", "--json", str(found)])
    (result,) = json.loads(found.read_text(encoding="utf-8"))["results"]
    assert (result["layout"], result["compute_type"], result["batch_size"]) == ("mono", "int8", 4)
    assert min(result["shares"].values()) > 0
    assert sum(result["shares"].values()) == pytest.approx(1, abs=0.01)
    assert result["times_real_time"] == pytest.approx(12 / result["wall"], rel=0.1)
