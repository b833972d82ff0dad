"""The house keeps its order: rooms, imports, and nothing of anybody's machine in a file."""

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    "ingest": {"store"},
    "transcribe": set(),
    "inspect": set(),
    "store": set(),
    "worker": {"ingest", "transcribe", "inspect", "store", "privacy", "notify", "rulebooks", "voice"},
    "rulebooks": {"store", "inspect", "review", "notify", "privacy"},
    "evaluate": {"store", "inspect", "privacy", "review"},
    "review": {"store", "inspect", "privacy"},
    "voice": {"store", "inspect", "review", "privacy", "ingest", "notify"},
    "privacy": {"store", "inspect", "ingest"},
    "notify": {"store"},
    "dashboard": {
        "store",
        "inspect",
        "review",
        "voice",
        "privacy",
        "ingest",
        "rulebooks",
        "worker",
        "notify",
        "evaluate",
    },
}
"""Room → rooms it may import, besides its own and what is for all."""
VALUE_TYPES = {"transcribe.types", "transcribe.measures", "inspect.types"}
FOR_ALL = {"errors", "settings", "__init__"}
"""Root modules that every room may use."""
TEXT = {
    ".py", ".md", ".toml", ".yaml", ".yml", ".json", ".jsonl", ".csv", ".cfg", ".ini", ".sh", ".js", ".css",
    ".lock",
}  # fmt: skip
LOCAL_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|home/\w+|Users/\w+|tmp|mnt|data)/[\w.-]+")
REGISTRY = re.compile(
    r"https?://[^\s\"')]*(?:artifactory|nexus|devpi|/simple/|pypi\.|npmjs\.|registry\.)", re.IGNORECASE
)


def committed() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[Path]:
    return [path for path in committed() if path.suffix in TEXT or path.name in ("Makefile", "run")]


def imports(path: Path) -> set[str]:
    """``room.module`` or root module for everything of callqa that ``path`` imports."""
    package = path.relative_to(ROOT).parent.parts
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.update(_from(node, package))
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names if alias.name.startswith("callqa."))
    return {".".join(name.removeprefix("callqa.").split(".")[:2]) for name in found}


def _from(node: ast.ImportFrom, package: tuple[str, ...]) -> list[str]:
    module = node.module.split(".") if node.module else []
    if node.level:
        assert node.level <= len(package) + 1, f"{package}: a relative import leaves the package"
        module = [*package[: len(package) - node.level + 1], *module]
    elif module[:1] == ["callqa"]:
        module = module[1:]
    else:
        return []
    return [".".join([*module, alias.name]) for alias in node.names]


def allowed(name: str, room: str) -> bool:
    first = name.split(".")[0]
    return name in VALUE_TYPES or first == room or first in ROOMS[room] | FOR_ALL


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    wrong = {
        str(path.relative_to(ROOT)): others
        for path in sorted((ROOT / room).rglob("*.py"))
        if (others := [name for name in sorted(imports(path)) if not allowed(name, room)])
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from ..store import queue, calls", {"store.queue", "store.calls"}),
        ("from ..store.queue import x", {"store.queue"}),
        ("from .audio import decode", {"ingest.audio"}),
        ("from .. import errors, settings", {"errors", "settings"}),
        ("from ..errors import UsageError", {"errors.UsageError"}),
        ("from callqa.review import x", {"review.x"}),
        ("from callqa import cli", {"cli"}),
        ("import callqa.worker.run as run", {"worker.run"}),
        ("import inspect, store", set()),
        ("from inspect import signature", set()),
        ("def f():\n    from ..worker.run import x", {"worker.run"}),
    ],
)
def test_imports_are_seen_however_they_are_written(tmp_path, monkeypatch, source, expected):
    path = tmp_path / "ingest/module.py"
    path.parent.mkdir()
    path.write_text(source)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    assert imports(path) == expected


@pytest.mark.parametrize(
    ("room", "name", "expected"),
    [
        ("store", "transcribe.types", True),
        ("store", "transcribe.transcriber", False),
        ("transcribe", "store.queue", False),
        ("inspect", "store.queue", False),
        ("ingest", "errors.UsageError", True),
        ("review", "cli", False),
    ],
)
def test_what_a_room_may_import(room, name, expected):
    assert allowed(name, room) is expected


def test_rooms_do_not_need_each_other_in_a_circle():
    assert list(graphlib.TopologicalSorter(ROOMS).static_order())


def test_inspect_is_no_regular_package():
    assert not (ROOT / "inspect/__init__.py").exists()


def test_the_standard_library_stays_visible_from_the_root():
    code = "import inspect, dataclasses, streamlit; print(inspect.signature(inspect.stack))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_room_is_in_the_wheel():
    listed = set(re.findall(r'"callqa\.([\w.]+)"', (ROOT / "pyproject.toml").read_text("utf-8")))
    with_code = {path.parent.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {".".join(folder.parts) for folder in with_code} <= listed


@pytest.mark.parametrize("pattern", [LOCAL_PATH, REGISTRY], ids=["machine path", "registry"])
def test_no_file_names_anybodys_machine(pattern):
    here = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in texts()
        if path.resolve() != here and "vendor" not in path.parts
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        (LOCAL_PATH, "see /mnt/calls/x", True),
        (LOCAL_PATH, 'open("/tmp/x.wav")', True),
        (LOCAL_PATH, "/home/anna/calls", True),
        (LOCAL_PATH, "https://example.org/mnt/x", False),
        (LOCAL_PATH, "docs/mnt/x", False),
        (LOCAL_PATH, "/data/", False),
        (REGISTRY, "--index-url https://mirror.example.org/simple/", True),
        (REGISTRY, "https://docs.python.org/3/", False),
    ],
)
def test_what_counts_as_somebodys_machine(pattern, line, found):
    assert bool(pattern.search(line)) is found
