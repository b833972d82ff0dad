"""`make bench` runs every benchmark there is, with options it has, and the page names them all."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
HELPERS = {
    *("accuracy.py", "big_store.py", "day.py", "servers.py", "simulated.py"),
    *("clips.py", "hearing.py", "whisperx_peer.py"),
}
"""What the others measure on or beside, a short form of ``callqa evaluate``, what needs clips of your own."""


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench", ROOT / "tools/bench.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCH = load()
PAGE = (ROOT / "docs/benchmarks.md").read_text("utf-8")


def test_every_benchmark_is_run():
    there = {file.name for file in (ROOT / "benchmarks").glob("*.py")} - HELPERS
    assert {script for script, *_ in BENCH.BENCHMARKS.values()} - {"callqa"} == there


@pytest.mark.parametrize("name", BENCH.BENCHMARKS)
def test_it_has_the_options_it_is_run_with(name):
    script, *arguments = BENCH.BENCHMARKS[name]
    if script == "callqa":
        pytest.skip("tests/test_docs.py takes commands of callqa apart")
    text = (ROOT / "benchmarks" / script).read_text("utf-8")
    options = {argument for argument in arguments if argument.startswith("--")}
    assert options - set(re.findall(r'"(--[a-z-]+)"', text)) == set()


@pytest.mark.parametrize("name", BENCH.BENCHMARKS)
def test_it_is_on_the_page(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    ("printed", "figures"),
    [
        ('{"a": 1}', {"a": 1}),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("a table\nof two lines", ["a table", "of two lines"]),
        ("", []),
    ],
)
def test_figures_are_kept_in_whatever_form_they_come(printed, figures):
    assert BENCH.as_json(printed) == figures


def test_an_unknown_name_is_refused():
    done = subprocess.run(
        [sys.executable, "tools/bench.py", "speed"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no such benchmark: speed" in done.stdout


def test_a_benchmark_leaves_its_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(BENCH, "OUT", tmp_path)
    assert BENCH.main(["redaction"]) == 0
    assert (tmp_path / "redaction.json").stat().st_size > 100
    assert (tmp_path / "machine.json").exists()


def test_one_that_fails_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(BENCH, "OUT", tmp_path)
    monkeypatch.setitem(BENCH.BENCHMARKS, "broken", ("worker.py", "no-such-benchmark"))
    assert BENCH.main(["broken"]) == 1
    assert "failed: broken" in capsys.readouterr().out
