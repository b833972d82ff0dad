"""A store with two calls, and receivers of what is announced."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callqa.inspect.types import Flag, Inspection, Level
from callqa.store import (
    AudioFacts,
    NewFile,
    Result,
    Store,
    add_recordings,
    ids_named,
    open_store,
    save_result,
)
from callqa.transcribe.types import Measures, Role, Transcript, Utterance

SPOKEN = "我的电话幺三八零零零零幺幺幺幺"
SECRET = "a-secret-of-enough-characters"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    yield opened
    opened.close()


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "hook.key"
    file.write_text(SECRET)
    file.chmod(0o600)
    return file


@pytest.fixture
def add_call(store: Store) -> Callable[..., int]:
    """A call with flags of these severities; gives its number."""

    def add(name: str, *severities: str, business: str = "贷款") -> int:
        content = hashlib.sha256(name.encode()).hexdigest()
        file = NewFile(Path("/calls") / name, name, content, 1, 1, {"business": business})
        add_recordings(store, [file])
        number = ids_named(store, [name])[0]
        inspect(store, number, *severities)
        return number

    return add


def inspect(store: Store, number: int, *severities: str) -> None:
    """Store a transcript and flags, one second apart."""
    said = Utterance(0, 0.0, 30.0, "S1", Role.AGENT, SPOKEN, 0.9)
    flags = tuple(make_flag(n, word) for n, word in enumerate(severities))
    transcript = Transcript(30.0, 1, "zh", (said,), Measures(), {"asr": "a"})
    audio, inspection = AudioFacts("wav", "pcm", 8000, 1, 30.0), Inspection(flags, 80, "sha256:aa", ())
    save_result(store, number, Result(audio, transcript, inspection, (said.text,)))


def make_flag(n: int, severity: str) -> Flag:
    start = float(n)
    rest: Any = ("agent", 0, SPOKEN, -10, "exact", "why")
    return Flag("service.abuse", 1, Level(severity), start, start + 1, *rest)
