"""The command line, called as a user calls it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from callqa.cli import app
from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.store import AudioFacts, NewFile, Store, add_recordings, open_store, save_failure, save_result
from callqa.store import Result as Outcome
from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word

LINES = (
    (Role.AGENT, "您好，工号8023，请问有什么可以帮您？"),
    (Role.CUSTOMER, "我要投诉你们，我的电话是13800138000"),
    (Role.AGENT, "这个不归我管，你自己不会看吗"),
)


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home and a working folder of its own for every test, and no settings of the machine."""
    for name in ("CALLQA_RULEBOOK", "CALLQA_DEVICE", "CALLQA_FILENAME_PATTERN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def callqa() -> Callable[..., Result]:
    """Runs the program with these arguments."""

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return call


def spoken() -> Transcript:
    utterances = []
    for index, (role, text) in enumerate(LINES):
        start = 5.0 * index
        words = tuple(Word(start + 0.1 * i, start + 0.1 * i + 0.1, c, 0.9) for i, c in enumerate(text))
        utterances.append(Utterance(index, start, words[-1].end, role.value, role, text, 0.9, words))
    return Transcript(20.0, 2, "zh", tuple(utterances), Measures(), {"asr": "a", "diarization": "b"})


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """A store with one inspected call of agent 7 and one broken recording."""
    opened = open_store(f"sqlite:///{home / 'callqa.db'}")
    metadata = {"agent": "7", "started_at": "2026-03-04T10:00:00"}
    files = [
        NewFile(Path("/calls/a.wav"), "a.wav", "aa" * 32, 1000, 1, metadata),
        NewFile(Path("/calls/b.wav"), "b.wav", "bb" * 32, 10, 1, {}),
    ]
    add_recordings(opened, files)
    transcript = spoken()
    inspection = inspect_call(transcript, shipped_rulebook(), metadata)
    redacted = [u.text.replace("13800138000", "***") for u in transcript.utterances]
    save_result(
        opened, 1, Outcome(AudioFacts("wav", "pcm_s16le", 8000, 2, 20.0), transcript, inspection, redacted)
    )
    save_failure(opened, 2, kind="damaged", reason="it breaks off", remedy="fetch it again")
    yield opened
    opened.close()
