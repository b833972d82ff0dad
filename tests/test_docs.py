"""What the documents say is so: commands, settings, links, tables, and both languages alike."""

import importlib.util
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from callqa import __version__
from callqa.cli import app
from callqa.ingest.fields import canonical_names
from callqa.ingest.filename import NamePattern
from callqa.ingest.headerless import BY_SUFFIX
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.types import Flag, Inspection, Level
from callqa.settings import Settings
from callqa.store import (
    STATUSES,
    VERDICTS,
    AudioFacts,
    NewFile,
    Result,
    add_recordings,
    iter_calls,
    open_store,
    save_result,
)
from callqa.store.records import call_record
from callqa.transcribe.measures import measure
from callqa.transcribe.models import BUNDLED
from callqa.transcribe.types import Doubt, Role, Transcript, Utterance, Word

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
GUIDES = (*READMES, *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_ARGUMENT = re.compile(r'add_argument\("(--[a-z-]+)"')
_FOLDED = re.compile(r"\\\n\s*")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def documents() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def blocks(text: str) -> list[str]:
    return [content for _, content in _BLOCK.findall(text)]


def tables(text: str) -> list[list[list[str]]]:
    """Every table as rows of cells, without its header."""
    found: list[list[list[str]]] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            found.append(rows[2:])
            rows = []
    return found


def table_with(text: str, first: str) -> list[list[str]]:
    """The table one of whose rows begins with ``first``."""
    return next(rows for rows in tables(text) if any(row[0].startswith(first) for row in rows))


def commands(group: Any = None, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that can be typed, with its parts: ("rules", "lint")."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command


def typed(text: str) -> list[str]:
    """Every callqa command in the code blocks of ``text``, without what stands before it."""
    lines = (line for block in blocks(text) for line in _FOLDED.sub(" ", block).splitlines())
    parts = (part for line in lines for part in line.split("&&"))
    return [part.split("callqa ", 1)[1] for part in parts if re.search(r"(^|[\s/])callqa ", part)]


def understand(line: str) -> None:
    """Let the command line take ``line`` apart as it would when typed; raises what it would say."""
    words = shlex.split(line, comments=True)
    known = dict(commands())
    if words[0] == "evaluate" and tuple(words[:2]) not in known:
        words.insert(1, "calls")  # may be left out
    name = max((n for n in known if tuple(words[: len(n)]) == n), key=len, default=None)
    assert name is not None, f"there is no command {line!r}"
    known[name].make_context(" ".join(name), words[len(name) :])


@pytest.mark.parametrize("readme", READMES)
def test_every_command_is_in_the_table(readme):
    rows = table_with(text_of(readme), "`callqa run")
    documented = [row[0].strip("`").removeprefix("callqa ").split() for row in rows]
    for name, _ in commands():
        assert any(tuple(words[: len(name)]) == name for words in documented), f"{' '.join(name)} is missing"


@pytest.mark.parametrize("readme", READMES)
def test_the_table_has_no_other_commands(readme):
    names = {name for name, _ in commands()}
    for row in table_with(text_of(readme), "`callqa run"):
        words = tuple(row[0].strip("`").split()[1:])
        assert words[:1] in names or words[:2] in names, row[0]


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_in_code_blocks_can_be_typed(guide):
    for line in typed(text_of(guide)):
        understand(line)


def test_most_guides_have_commands_to_type():
    assert sum(bool(typed(text_of(guide))) for guide in GUIDES) > len(GUIDES) / 2


@pytest.mark.parametrize("line", ["runn x", "rules", "run x --metdata y", "status --limit 3", "run"])
def test_what_cannot_be_typed_is_noticed(line):
    with pytest.raises(Exception, match=r"(?i)no such option|missing|there is no command"):
        understand(line)


@pytest.mark.parametrize("guide", GUIDES)
def test_options_named_in_the_text_exist(guide):
    programs = [typer.main.get_command(app), *(command for _, command in commands())]
    options = {o for program in programs for p in program.params for o in (*p.opts, *p.secondary_opts)}
    options |= {
        o for file in (ROOT / "benchmarks").glob("*.py") for o in _ARGUMENT.findall(file.read_text("utf-8"))
    }
    named = {o for code in _CODE.findall(text_of(guide)) for o in re.findall(r"(?<![\w-])--[a-z-]+", code)}
    assert named - options - {"--help"} == set()


@pytest.mark.parametrize("readme", READMES)
def test_make_targets_exist(readme):
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(_codes(text_of(readme))))) <= targets


def _codes(text: str) -> list[str]:
    return [*_CODE.findall(_BLOCK.sub("", text)), *blocks(text)]


@pytest.mark.parametrize("readme", READMES)
def test_every_setting_is_in_the_table_with_its_default(readme):
    rows = table_with(text_of(readme), "`CALLQA_HOME")
    documented = {row[0].strip("`"): row[1] for row in rows}
    fields = {f"CALLQA_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert set(documented) == set(fields)
    plain = {name: str(value) for name, value in fields.items() if isinstance(value, str | Path)}
    assert {name: documented[name].strip("`") for name in plain} == plain


def test_both_tutorials_have_the_same_commands_and_outline():
    pages = [text_of(name) for name in ("docs/tutorial.md", "docs/tutorial.zh-CN.md")]
    english, chinese = ((blocks(page), re.findall(r"^#+ ", page, re.MULTILINE)) for page in pages)
    assert english == chinese


def test_the_rule_of_the_tutorial_passes_its_tests(tmp_path):
    block = next(b for b in blocks(text_of("docs/tutorial.md")) if b.startswith("title:"))
    (tmp_path / "customer").mkdir()
    (tmp_path / "customer" / "asks_delay.yaml").write_text(block, "utf-8")
    done = CliRunner().invoke(app, ["rules", "test", str(tmp_path)])
    assert "3 of 3 tests passed" in done.output
    assert CliRunner().invoke(app, ["rules", "lint", str(tmp_path)]).exit_code == 0


def test_the_capacity_page_reckons_as_the_program_does():
    rows = table_with(text_of("docs/capacity.md"), "5")
    for speed, work, workers in rows:
        done = CliRunner().invoke(app, ["capacity", "--speed", speed, "--json"])
        found = json.loads(done.stdout)["machines"][0]
        assert f"{found['worker_hours']:,.0f}" == work
        assert f"{found['workers']:,}" == workers


def test_every_page_of_the_site_is_in_its_navigation():
    text = text_of("mkdocs.yml")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f": {page.name}\n" not in text] == []


@pytest.mark.parametrize("readme", READMES)
def test_every_headerless_suffix_is_in_the_table(readme):
    rows = table_with(text_of(readme), "`.alaw")
    assert {code for row in rows for code in _CODE.findall(row[0])} == set(BY_SUFFIX)


@pytest.mark.parametrize("readme", READMES)
def test_headers_of_call_data_mean_their_field(readme):
    for field, headers in table_with(text_of(readme), "`call_id"):
        examples = re.split(r"[,、]\s*", re.split(r"[;；]", headers)[0].replace("`", ""))
        for header in examples:
            assert canonical_names([header]) == {header: field.strip("`")}


@pytest.mark.parametrize("readme", READMES)
def test_the_file_name_pattern_reads_the_name_beside_it(readme):
    text = text_of(readme)
    pattern = re.search(r"CALLQA_FILENAME_PATTERN='(.+)'", text)
    name = re.search(r"`(\d{8}-\S+\.wav)`", text)
    assert pattern and name
    assert NamePattern(pattern[1]).read(Path(name[1])) == {
        "started_at": "2026-11-02T09:14:05",
        "agent": "6021",
        "customer": "16000001234",
    }


@pytest.mark.parametrize("readme", READMES)
def test_models_stand_with_their_licence(readme):
    rows = table_with(text_of(readme), "Whisper base")
    assert [row[-1] for row in rows] == [model.licence for model in BUNDLED]


@pytest.mark.parametrize(("readme", "unit"), [("README.md", " rules"), ("README.zh-CN.md", " 条规则")])
def test_the_number_of_rules_is_right(readme, unit):
    assert f"{len(shipped_rulebook().rules)}{unit}" in text_of(readme)


def test_links_lead_somewhere():
    broken = [
        f"{name}: {target}"
        for name in documents()
        for target in _LINK.findall(_BLOCK.sub("", text_of(name)))
        if "://" not in target and not (ROOT / name).parent.joinpath(target.partition("#")[0]).exists()
    ]
    assert broken == []


def test_both_readmes_have_the_same_code_blocks():
    english, chinese = (blocks(text_of(name)) for name in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_outline():
    english, chinese = (re.findall(r"^#+ ", _BLOCK.sub("", text_of(name)), re.MULTILINE) for name in READMES)
    assert english == chinese


def test_both_readmes_have_the_same_tables():
    english, chinese = ([len(rows) for rows in tables(text_of(name))] for name in READMES)
    assert english == chinese


def test_both_readmes_link_to_the_same():
    english, chinese = ([t for t in _LINK.findall(text_of(n)) if not t.startswith("README")] for n in READMES)
    assert english == chinese


def test_the_architecture_tells_which_room_may_import_which():
    spec = importlib.util.spec_from_file_location("layout", ROOT / "tests/test_layout.py")
    assert spec and spec.loader
    layout = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(layout)
    there = {room for room in layout.ROOMS if (ROOT / room).is_dir()}
    rows = {row[0].strip("`/"): row[-1] for row in table_with(text_of("docs/architecture.md"), "`ingest/`")}
    told = {room: set(re.findall(r"\w+", cell)) for room, cell in rows.items() if room in layout.ROOMS}
    assert told == {room: layout.ROOMS[room] & there for room in there}


def test_the_example_of_an_export_has_the_fields_of_one(tmp_path):
    example = next(json.loads(block) for block in blocks(text_of("docs/export.md")) if block.startswith("{"))
    assert shape(example, {"metadata"}) == shape(exported(tmp_path), {"metadata"})


@pytest.mark.parametrize(
    ("field", "values"),
    [("status", STATUSES), ("role", Role), ("doubts", Doubt), ("severity", Level), ("verdict", VERDICTS)],
)
def test_every_value_of_an_exported_field_is_named(field, values):
    named = dict(table_with(text_of("docs/export.md"), "`status`"))[f"`{field}`"]
    assert {value for value in values if not re.search(rf"\b{value}\b", named)} == set()


def test_every_state_of_a_recording_is_explained():
    rows = table_with(text_of("docs/operations.md"), "queued")
    assert {state for row in rows for state in row[0].split(", ")} == set(STATUSES)


def exported(folder: Path) -> dict[str, Any]:
    """One call as it would be written, both having spoken."""
    said = [
        Utterance(0, 0.0, 1.0, "S1", Role.AGENT, "您好", words=(Word(0.0, 1.0, "您好", 0.9),), channel=0),
        Utterance(1, 1.0, 2.0, "S2", Role.CUSTOMER, "你好", words=(Word(1.0, 2.0, "你好", 0.9),), channel=1),
    ]
    measures = measure(said, 2.0, {"agent": -20.0, "customer": -20.0})
    transcript = Transcript(2.0, 2, "zh", tuple(said), measures, {"asr": "a", "diarization": "b"})
    flag = Flag("service.abuse", 1, Level.HIGH, 0.0, 1.0, "agent", 0, "您好", -10, "exact", "why")
    inspection = Inspection((flag,), 90, "sha256:00", ())
    store = open_store(f"sqlite:///{folder / 'callqa.db'}")
    add_recordings(store, [NewFile(folder / "a.wav", "a.wav", "00", 1, 1, {"agent": "7"})])
    audio = AudioFacts("wav", "pcm_mulaw", 8000, 2, 2.0)
    save_result(store, 1, Result(audio, transcript, inspection, ("您好", "你好")))
    record = call_record(next(iter(iter_calls(store))))
    store.close()
    return record


def shape(value: Any, free: set[str]) -> Any:
    """The names in ``value``, of a list those in its first item; not those within ``free`` ones."""
    if isinstance(value, dict):
        return {name: None if name in free else shape(part, free) for name, part in value.items()}
    return [shape(part, free) for part in value[:1]] if isinstance(value, list) else None


def test_the_changelog_knows_this_version():
    assert re.search(rf"^## \[{re.escape(__version__)}\]", text_of("CHANGELOG.md"), re.MULTILINE)
