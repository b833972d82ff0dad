"""The wheel: it holds the program and nothing else, and works where the repository is not."""

import os
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path, PurePosixPath

import pytest

from callqa import __version__
from callqa.store.database import REVISION

ROOT = Path(__file__).parents[1]
NOT_SHIPPED = {".ci", "benchmarks", "deploy", "docs", "samples", "tests", "tools"}
"""Folders of the repository that are no part of the program."""
JUNK = ("dashboard/__pycache__/app.cpython-311.pyc", "rules/service/notes.txt", "callqa-data/callqa.db")
"""What lies about in a working tree and must stay out."""


def checkout() -> list[PurePosixPath]:
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = filter(None, listing.stdout.split("\0"))
    return [PurePosixPath(name) for name in names if (ROOT / name).is_file()]


def is_program(file: PurePosixPath) -> bool:
    if len(file.parts) == 1:
        return file.suffix == ".py" or file.name == "py.typed"
    return file.parts[0] not in NOT_SHIPPED


@dataclass(frozen=True)
class Elsewhere:
    """A fresh environment with the wheel in it, and an empty folder to work in."""

    environment: Path
    folder: Path

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("CALLQA_", "PYTHON"))}
        return subprocess.run(
            [str(self.environment / "bin" / command[0]), *command[1:]],
            cwd=cwd or self.folder,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for file in checkout():
        if file.parts[0] != "samples":
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tree / file)
    for name in JUNK:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("junk")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    done = subprocess.run(build, cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((tree / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    base = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", base / "env"], check=True)
    python = base / "env/bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--disable-pip-version-check", wheel], check=True)
    # The packages callqa needs are borrowed; a folder added like this runs no .pth files of its own, so
    # the repository, which is installed there as editable, stays out of sight.
    borrowed = base / sysconfig.get_path("purelib", vars={"base": str(base / "env")})
    (borrowed / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    (base / "empty").mkdir()
    return Elsewhere(base / "env", base / "empty")


def test_the_wheel_holds_the_program_and_nothing_else(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {f"callqa/{file}" for file in checkout() if is_program(file)}


def test_the_wheel_carries_licence_and_notice(wheel):
    packed = zipfile.ZipFile(wheel)
    folder = f"callqa-{__version__}.dist-info/licenses"
    for name in ("LICENSE", "NOTICE"):
        assert packed.read(f"{folder}/{name}") == (ROOT / name).read_bytes()


def test_the_wheel_says_what_it_is(wheel):
    text = zipfile.ZipFile(wheel).read(f"callqa-{__version__}.dist-info/METADATA").decode()
    metadata = Parser().parsestr(text)
    assert metadata["Name"] == "callqa"
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "faster-whisper==1.2.1" in metadata.get_all("Requires-Dist", [])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["--help"], "callqa [OPTIONS] COMMAND"),
        (["--version"], f"callqa {__version__}"),
        (["models", "list"], "segmentation-3.0"),
        (["rules", "lint"], "no problems"),
        (["rules", "list"], "service.forbidden_phrase"),
    ],
)
def test_a_command_works_from_an_empty_folder(elsewhere, command, expected):
    done = elsewhere.run("callqa", *command)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_the_database_is_made_with_the_migrations_of_the_wheel(elsewhere, tmp_path):
    for command in (["ingest", "."], ["status"]):
        done = elsewhere.run("callqa", *command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    with sqlite3.connect(tmp_path / "callqa-data/callqa.db") as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchall() == [(REVISION,)]


def test_every_module_comes_from_the_wheel(elsewhere, wheel):
    names = zipfile.ZipFile(wheel).namelist()
    modules = [name.removesuffix(".py").replace("/", ".") for name in names if name.endswith(".py")]
    code = (
        "import sys; from importlib.util import find_spec\n"
        "print(*(find_spec(name.removesuffix('.__init__')).origin for name in sys.argv[1:]), sep='\\n')"
    )
    done = elsewhere.run("python", "-c", code, *modules)
    assert done.returncode == 0, done.stderr
    origins = done.stdout.split()
    assert len(origins) == len(modules)
    assert [o for o in origins if not o.startswith(str(elsewhere.environment))] == []


@pytest.mark.parametrize("inside", [False, True], ids=["empty folder", "the installed package's folder"])
def test_the_standard_library_is_not_shadowed(elsewhere, inside):
    package = next(elsewhere.environment.glob("lib/python*/site-packages/callqa"))
    code = "import inspect, dataclasses, callqa.inspect.engine; print(inspect.__file__)"
    done = elsewhere.run("python", "-c", code, cwd=package if inside else None)
    assert done.returncode == 0, done.stderr
    assert "site-packages" not in done.stdout


def test_the_dashboard_finds_its_files(elsewhere):
    code = (
        "from callqa.dashboard import routes, serve, texts\n"
        "print(serve.SCRIPT.is_file(), sorted(routes.asset_files()), texts.texts_in('zh')('app.name'))"
    )
    done = elsewhere.run("python", "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True")
    assert "wavesurfer/wavesurfer.esm.js" in done.stdout
    assert "'review.js'" in done.stdout
