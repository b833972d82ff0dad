"""The files that ship callqa to servers are well formed, agree with the package, and name real commands."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from callqa.cli import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE = (DEPLOY / "compose.yaml", DEPLOY / "compose.gpu.yaml")
UNITS = sorted((DEPLOY / "systemd").glob("*.service")) + sorted((DEPLOY / "systemd").glob("*.timer"))
_PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def check(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def understood(words: list[str]) -> None:
    """Let the command line take ``words`` apart as it would when started."""
    command: Any = typer.main.get_command(app)
    name, *arguments = words
    command.commands[name].make_context(name, arguments)


def test_the_container_file_has_no_lint():
    check(program("hadolint"), str(DEPLOY / "Containerfile"))


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_compose_files_follow_the_specification(file):
    check(program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(file))


def test_what_compose_starts_are_commands_of_callqa():
    services = yaml.safe_load(COMPOSE[0].read_text("utf-8"))["services"]
    started = [service["command"] for service in services.values() if "command" in service]
    assert len(started) == 2
    for words in started:
        understood(words)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_understood_by_systemd(unit, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd here")
    for file in UNITS:  # a program that exists, as callqa is not installed in /opt here
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", file.read_text("utf-8"), flags=re.M)
        (tmp_path / file.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False
    )
    assert unit.stem not in done.stderr, done.stderr


def test_what_units_start_are_commands_of_callqa():
    lines = [line for unit in UNITS for line in unit.read_text("utf-8").splitlines()]
    started = [shlex.split(line.split("=", 1)[1]) for line in lines if line.startswith("ExecStart=")]
    assert len(started) == 3
    for path, *words in started:
        assert path == "/opt/callqa/bin/callqa"
        understood([word.replace("${CALLQA_RECORDINGS}", str(ROOT)) for word in words])


def test_both_lock_files_pin_the_same_versions():
    every = dict(_PIN.findall((ROOT / "requirements.lock").read_text("utf-8")))
    shipped = dict(_PIN.findall((DEPLOY / "requirements.lock").read_text("utf-8")))
    assert shipped
    assert {name: version for name, version in shipped.items() if every.get(name) != version} == {}


def test_servers_get_no_test_tools():
    shipped = dict(_PIN.findall((DEPLOY / "requirements.lock").read_text("utf-8")))
    assert not {"pytest", "playwright", "mypy", "ruff", "moto"} & shipped.keys()


def test_every_dependency_is_in_the_servers_lock():
    shipped = dict(_PIN.findall((DEPLOY / "requirements.lock").read_text("utf-8")))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[^\w.-]", line)[0].lower().replace("_", "-").replace(".", "-") for line in wanted}
    assert names - {name.replace(".", "-") for name in shipped} == set()


def test_the_image_is_built_from_every_room():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    rooms = {name.split(".")[1] for name in packages if "." in name} | {"rules"}
    taken = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"}
    assert rooms - taken == set()
