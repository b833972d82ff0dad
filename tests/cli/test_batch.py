"""run, ingest, status, retry."""

import json
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from callqa.store import Store, claim_next, get_call, status_counts

Callqa = Callable[..., Result]


def write_silence(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))


def test_a_run_over_nothing_ends_well(callqa: Callqa, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "notes.txt").write_text("nothing here")
    result = callqa("run", "calls")
    assert result.exit_code == 0
    assert "0  files" in result.output
    assert "Left aside: 1 document." in result.output


def test_the_account_as_json(callqa: Callqa, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    summary = json.loads(callqa("run", "calls", "--json").stdout)
    assert (summary["files"], summary["unaccounted"], summary["complete"]) == (0, 0, True)


def test_ingest_queues_with_call_data(callqa: Callqa, tmp_path: Path, home: Path) -> None:
    (tmp_path / "calls").mkdir()
    write_silence(tmp_path / "calls" / "a.wav")
    (tmp_path / "calls.csv").write_text("文件,坐席\na.wav,7\nb.wav,8\n", encoding="gb18030")
    result = callqa("ingest", "calls", "--metadata", "calls.csv")
    assert result.exit_code == 0
    assert "rows of call data that fit no recording: 1" in result.output
    from callqa.store import open_store

    store = open_store(f"sqlite:///{home / 'callqa.db'}")
    assert get_call(store, 1).row.agent == "7"


def test_status_counts_and_lists_problems(callqa: Callqa, store: Store) -> None:
    assert "1  inspected" in callqa("status").output
    assert "failed b.wav" not in callqa("status").output
    assert "failed b.wav: it breaks off; fetch it again" in callqa("status", "--problems").output


def test_status_as_json(callqa: Callqa, store: Store) -> None:
    status = json.loads(callqa("status", "--json", "--problems").stdout)
    assert status["counts"]["failed"] == 1
    assert status["problems"][0]["reason"] == "it breaks off"


def test_status_notices_that_nobody_works(callqa: Callqa, store: Store) -> None:
    callqa("retry")
    assert "nobody works on them" in callqa("status").output


def test_status_knows_workers_that_were_killed(callqa: Callqa, store: Store) -> None:
    code = "from callqa.worker.identity import own_name; print(own_name())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    callqa("retry")
    claim_next(store, ended.stdout.strip())
    output = callqa("status").output
    assert "0 workers are busy" in output
    assert "1 workers were killed" in output
    assert "nobody works on them" in output


@pytest.mark.parametrize(
    ("arguments", "queued"), [([], 1), (["b.wav"], 1), (["a.wav"], 0), (["--quarantined", "--empty"], 1)]
)
def test_retry(callqa: Callqa, store: Store, arguments: list[str], queued: int) -> None:
    result = callqa("retry", *arguments)
    assert result.exit_code == 0
    assert f"{queued} recordings queued again" in result.output
    assert status_counts(store)["queued"] == queued


def test_retry_of_a_name_that_is_not_there(callqa: Callqa, store: Store) -> None:
    result = callqa("retry", "z.wav")
    assert (result.exit_code, "no recording is called z.wav" in result.output) == (2, True)


@pytest.mark.models
def test_run_with_the_real_models(callqa: Callqa, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    write_silence(tmp_path / "calls" / "silent.wav")
    (tmp_path / "calls" / "page.wav").write_text("<html>")
    result = callqa("run", "calls", "--json", "--strict", "--device", "cpu")
    assert result.exit_code == 3
    summary = json.loads(result.stdout)
    assert summary["statuses"] == {"empty": 1, "failed": 1}
