"""Stores with real calls, inspected by the real engine."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import Rulebook, read_rulebook
from callqa.inspect.testing import transcript_of_turns
from callqa.rulebooks.current import keep
from callqa.settings import Settings
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

RULE = """\
title: {title}
name: {name}
version: {version}
status: test
level: {level}
description: 说明
scope: {{speaker: {speaker}}}
detection:
  phrase: {{terms: [{terms}]}}
  condition: phrase
outcome: {{message: 注意, points: {points}}}
tests:
  - {{name: 说了, turns: [{{{speaker}: {first}}}], expect: [{{turn: 0}}]}}
"""
Turns = Sequence[Mapping[str, Any]]


def rule_text(name: str, *terms: str, **changes: Any) -> str:
    values = {"title": "规则", "version": 1, "level": "low", "speaker": "agent", "points": -5, **changes}
    return RULE.format(name=name, terms=", ".join(terms), first=terms[0], **values)


@pytest.fixture(autouse=True)
def no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine."""
    for name in ("CALLQA_DATABASE_URL", "CALLQA_RULEBOOK", "CALLQA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A migrated database: migrating anew for each test takes most of its time."""
    file = tmp_path_factory.mktemp("empty") / "callqa.db"
    open_store(f"sqlite:///{file}").close()
    return file.read_bytes()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings, empty_database: bytes) -> Iterator[Store]:
    settings.home.mkdir()
    (settings.home / "callqa.db").write_bytes(empty_database)
    opened = open_store(settings.resolved_database_url)
    yield opened
    opened.close()


@pytest.fixture
def make_rule() -> Callable[..., str]:
    """The YAML text of a rule on these terms."""
    return rule_text


@pytest.fixture
def inspected(store: Store) -> Callable[..., int]:
    """A stored call of these turns, inspected with this rulebook (or its texts); gives its number."""

    def saved(name: str, turns: Turns, rulebook: Rulebook | Mapping[str, str], **data: str) -> int:
        book = rulebook if isinstance(rulebook, Rulebook) else read_rulebook(rulebook)
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        add_recordings(store, [NewFile(Path("/calls") / name, name, sha256, 1000, 1, data)])
        number = ids_named(store, [name])[0]
        transcript = transcript_of_turns(turns)
        inspection = inspect_call(transcript, keep(store, book), data)
        audio = AudioFacts("wav", "pcm_s16le", 8000, 2, transcript.duration)
        save_result(
            store, number, Result(audio, transcript, inspection, [u.text for u in transcript.utterances])
        )
        return number

    return saved
