"""What an attacker might send: bombs, patterns without end, tags, names that lead elsewhere."""

import ast
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import yaml

from callqa.errors import CallqaError, RulebookError, UsageError
from callqa.ingest import tables
from callqa.ingest.tables import read_rows
from callqa.inspect.patterns import compile_pattern, finder, spans

ROOT = Path(__file__).parents[2]


def sources() -> list[Path]:
    """The program's own Python files."""
    listing = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    names = [
        n for n in listing.stdout.split() if not n.startswith(("tests/", "benchmarks/", "samples/", "tools/"))
    ]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def calls(tree: ast.AST) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


DANGEROUS = {
    "eval", "exec", "os.system", "pickle.load", "pickle.loads", "marshal.loads",
    "yaml.unsafe_load", "yaml.full_load", "subprocess.getoutput", "tempfile.mktemp",
}  # fmt: skip


def test_nothing_in_the_program_runs_or_unpickles_what_it_reads() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        for name in calls(ast.parse(path.read_text("utf-8")))
        if name in DANGEROUS
    }
    assert found == set()


def test_no_shell_is_given_a_command() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                assert ast.unparse(node.value) == "False", path


def test_our_scripts_put_text_into_the_page_never_markup() -> None:
    for script in (ROOT / "dashboard" / "assets").glob("*.js"):
        text = script.read_text("utf-8")
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert word not in text, f"{script.name}: {word}"


def test_no_page_draws_markup_of_what_it_was_given() -> None:
    for path in sources():
        text = path.read_text("utf-8")
        assert "unsafe_allow_html=True" not in text or path.name in ("components.py",), path


def test_nothing_is_sent_to_the_makers_of_what_we_use() -> None:
    from callqa.dashboard.theme import streamlit_options

    assert streamlit_options("127.0.0.1", 1)["browser.gatherUsageStats"] is False
    code = "import os; os.environ['PYANNOTE_METRICS_ENABLED'] = '1'; import callqa.transcribe.diarize\n"
    code += "print(os.environ['PYANNOTE_METRICS_ENABLED'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "0"


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch hacked']",
        "a: !!python/name:os.system",
        "!!python/object/new:subprocess.Popen [['touch', 'hacked']]",
    ],
)
def test_a_rule_with_a_tag_is_refused_and_nothing_is_run(tmp_path: Path, text: str) -> None:
    from callqa.inspect.rulebook import load_rulebook

    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "evil.yaml").write_text(text)
    with pytest.raises(RulebookError):
        load_rulebook(tmp_path)
    assert not Path("hacked").exists()


def test_a_yaml_that_unfolds_without_end_is_refused_in_time(tmp_path: Path) -> None:
    """Billion laughs: every line repeats the one before nine times."""
    lines = ["a0: &a0 [lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (tmp_path / "retention.yaml").write_text("\n".join(lines))
    from callqa.privacy.retention import load_policy

    started = time.process_time()
    with pytest.raises(UsageError):
        load_policy(tmp_path / "retention.yaml")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*a){20}", "([a-z]+)*!", "(x+x+)+y"])
def test_an_expression_without_end_ends(pattern: str) -> None:
    started = time.process_time()
    spans(finder(compile_pattern(pattern)), b"a" * 30_000 + b"c")
    assert time.process_time() - started < 2


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?=a)b", r"(?<!x)y"])
def test_expressions_that_only_a_backtracking_engine_can_run_are_refused(pattern: str) -> None:
    with pytest.raises((CallqaError, ValueError)):
        compile_pattern(pattern)


def test_a_workbook_that_unpacks_to_any_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LARGEST_WORKBOOK", 10 << 20)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    assert path.stat().st_size < 100_000
    with pytest.raises(UsageError, match="unpacks to 20 MB"):
        list(read_rows(path))


def test_a_recording_that_unpacks_to_hours_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    """Ten minutes of silence are 100 kB as FLAC; the limit is far below."""
    import av
    import numpy as np

    from callqa.errors import RecordingError
    from callqa.ingest.audio import decode

    path = tmp_path / "bomb.flac"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flac", rate=8000)
        stream.layout = "mono"
        for _ in range(600):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert path.stat().st_size < 300_000
    with pytest.raises(RecordingError, match="longer than"):
        decode(path, max_seconds=60)


@pytest.mark.parametrize(
    "name", ["../../evil", "..\\..\\evil", "/etc/passwd", "a\x00b", "con:evil", "..", ""]
)
def test_a_file_name_from_outside_leads_nowhere(tmp_path: Path, name: str) -> None:
    from types import SimpleNamespace

    from callqa.store.files import subtitle_name

    call = SimpleNamespace(row=SimpleNamespace(name=name, sha256="f" * 64))
    made = subtitle_name(call, set())  # type: ignore[arg-type]
    assert (tmp_path / made).resolve().parent == tmp_path.resolve()
    assert "\x00" not in made


def scan(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "secret_scan.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_no_secret_is_in_the_repository() -> None:
    done = scan()
    assert (done.returncode, done.stdout) == (0, "no secrets found\n")


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "key = AKIA" + "ABCDEFGHIJKLMNOP",
        "token: ghp_" + "a1B2" * 9,
        "password = 'kX9v" + "Qz3LmT7rBw2YpN8s'",
        "url = postgres://callqa:hunter" + "2secret@db/x",
    ],
)
def test_a_secret_is_found_and_not_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.py").write_text(line)
    done = scan("x.py", folder=tmp_path)
    assert done.returncode == 1
    assert "x.py:1:" in done.stdout
    assert line[-8:] not in done.stdout


@pytest.mark.parametrize(
    "line", ["password = 'correct horse'", "token = settings.hub_token", "postgres://user@db/x"]
)
def test_what_is_no_secret_is_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.py").write_text(line)
    assert scan("x.py", folder=tmp_path).returncode == 0


def test_yaml_is_read_safely_everywhere() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.safe_load("!!python/object/apply:os.getcwd []")
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "yaml.load":
                assert "SafeLoader" in ast.unparse(node), path
