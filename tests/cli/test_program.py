"""The program as a whole: start, help, errors."""

import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import Result

from callqa.cli import app
from callqa.store import open_store

HEAVY = (
    "torch",
    "faster_whisper",
    "ctranslate2",
    "pyannote",
    "streamlit",
    "pandas",
    "numpy",
    "sqlalchemy",
    "av",
)
COMMANDS = {
    "run", "ingest", "worker", "status", "retry", "inspect", "search", "export", "dashboard",
    "rules list", "rules lint", "rules test", "rules explain", "rules export",
    "models install", "models list", "models verify",
}  # fmt: skip


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


ALL = dict(commands(typer.main.get_command(app)))


def test_all_commands_are_there() -> None:
    assert set(ALL) >= COMMANDS


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    text = ALL[name].help
    assert f"Example: callqa {name}" in text


@pytest.mark.parametrize("name", ALL)
def test_every_example_is_a_valid_call(name: str, tmp_path: Path) -> None:
    example = ALL[name].help.partition("Example: callqa ")[2].splitlines()[0].partition(" && ")[0]
    words = shlex.split(example)[len(name.split()) :]
    ALL[name].make_context(name, words)


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_explained(name: str) -> None:
    assert [p.name for p in ALL[name].params if not getattr(p, "help", None)] == []


def test_help_starts_without_anything_heavy() -> None:
    code = f"import sys, callqa.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_takes_less_than_half_a_second() -> None:
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "callqa.cli", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < 0.5  # of the processor: other work on the machine does not count


def test_version(callqa: Callable[..., Result]) -> None:
    result = callqa("--version")
    assert (result.exit_code, result.output.split()[0]) == (0, "callqa")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["status"], 1, "there is no database"),
        (["run", "nowhere"], 2, "there is no such file or folder"),
        (["run", "."], 2, "none/calls.csv: there is no such file"),
        (["export", "calls", "--status", "done"], 2, "no such status: done"),
        (["search", "x", "--since", "yesterday"], 2, "does not match the format"),
        (["rules", "lint", "nowhere"], 2, "there is no such folder"),
        (["export", "letters"], 2, "letters"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_errors_are_one_clear_message(
    callqa: Callable[..., Result], home: Path, arguments: list[str], code: int, message: str
) -> None:
    if arguments == ["run", "."]:
        arguments += ["--metadata", "none/calls.csv"]
    if arguments[0] in ("export", "search"):
        open_store(f"sqlite:///{home / 'callqa.db'}").close()
    result = callqa(*arguments)
    assert result.exit_code == code
    assert message in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_settings_that_make_no_sense(callqa: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLQA_DEVICE", "tpu")
    result = callqa("status")
    assert result.exit_code == 2
    assert "device: Input should be 'auto', 'cpu' or 'cuda'" in result.output


def test_home_names_another_database(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'other' / 'callqa.db'}").close()
    command = [sys.executable, "-m", "callqa.cli", "--home", str(tmp_path / "other"), "status"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=True)
    assert "0  inspected" in done.stdout


def test_database_names_another_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    open_store(url).close()
    command = [sys.executable, "-m", "callqa.cli", "--database", url, "status", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"queued": 0' in done.stdout
