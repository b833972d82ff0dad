"""The command on the sample calls' truth, and against results in a store."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callqa.cli import app
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.truth import transcript_from_truth
from callqa.privacy.redact import redact_utterances
from callqa.store import AudioFacts, NewFile, Result, add_recordings, open_store, save_result

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
pytestmark = pytest.mark.usefixtures("home")


def run(*words):
    return CliRunner().invoke(app, ["evaluate", *map(str, words)])


def saved(folder, *words):
    out = folder / "out.json"
    result = run(SAMPLES, *words, "--format", "json", "--out", out)
    assert result.exit_code == 0, result.output
    return json.loads(out.read_text(encoding="utf-8"))


def test_perfect_transcripts_of_the_samples(tmp_path):
    found = saved(tmp_path, "--truth")
    assert found["figures"]["all"]["calls"] == 16
    assert found["figures"]["all"]["CER"] is None
    assert found["figures"]["all"]["flag recall"] >= 0.95
    assert found["missing"] == []


def test_stored_results_by_their_names(tmp_path):
    name = "16-near-misses"
    truth = json.loads((SAMPLES / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    transcript = transcript_from_truth(truth)
    store = open_store(f"sqlite:///{tmp_path / 'home' / 'callqa.db'}")
    file = NewFile(SAMPLES / f"{name}.wav", f"{name}.wav", "a" * 64, 1, 0, {})
    add_recordings(store, [file])
    inspection = inspect_call(transcript, shipped_rulebook())
    facts = AudioFacts("wav", "pcm_mulaw", 8000, 2, transcript.duration)
    redacted = redact_utterances(transcript.utterances)
    save_result(store, 1, Result(facts, transcript, inspection, redacted))
    store.close()
    found = saved(tmp_path)
    assert found["figures"]["all"]["calls"] == 1
    assert found["figures"]["all"]["CER"] == 0
    assert len(found["missing"]) == 15


def test_without_any_result_it_says_what_to_do():
    result = run(SAMPLES)
    assert result.exit_code == 1
    assert "callqa run" in result.output


def test_the_gate_passes_on_the_same_and_stops_on_worse(tmp_path):
    base = tmp_path / "base.json"
    assert run(SAMPLES, "--truth", "--format", "json", "--out", base).exit_code == 0
    assert run(SAMPLES, "--truth", "--gate", base).exit_code == 0
    better = json.loads(base.read_text(encoding="utf-8"))
    better["figures"]["all"]["calls"] = 17
    base.write_text(json.dumps(better), encoding="utf-8")
    result = run(SAMPLES, "--truth", "--gate", base)
    assert result.exit_code == 1
    assert "worse: all: calls 16, was 17" in result.output


def test_the_page_is_one_file_and_escapes_what_it_quotes(tmp_path):
    out = tmp_path / "page.html"
    turns = [{"role": "customer", "start": 0, "end": 3, "text": "<script>我要退款</script>"}]
    expected = [{"check": "abuse", "turn": 0, "quote": "<script>"}]
    (tmp_path / "c.json").write_text(json.dumps({"turns": turns, "expected": expected}), encoding="utf-8")
    assert run(tmp_path, "--truth", "--format", "html", "--out", out).exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert "refund_demand" in page
    assert "<script" not in page
    assert "http" not in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((SAMPLES, "--truth", "--run"), "take one"),
        ((SAMPLES, "--rulebook", "x"), "goes with --truth"),
        (("nowhere",), "no such folder"),
    ],
)
def test_wrong_usage(words, message):
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.output


def test_imported_labels_can_be_evaluated_at_once(tmp_path):
    rttm = tmp_path / "a.rttm"
    rttm.write_text("SPEAKER a 1 0.5 2 <NA> <NA> S1 <NA> <NA>\n")
    out = tmp_path / "truth"
    assert run("import", rttm, "--agent", "S1", "--out", out).exit_code == 0
    assert json.loads((out / "a.json").read_text())["turns"][0]["role"] == "agent"
    again = run("import", rttm, "--out", out)
    assert (again.exit_code, "--force" in again.output) == (2, True)
