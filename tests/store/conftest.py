"""Builders of stored calls."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callqa.benchmarks.servers import postgresql as running_server
from callqa.benchmarks.servers import server_programs
from callqa.inspect.types import Flag, Inspection, Level, Outcome, RuleResult
from callqa.store import AudioFacts, NewFile, Peaks, Result, Store, add_recordings, open_store, save_result
from callqa.store.tables import Table
from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating anew for each test takes most of its time."""
    file = tmp_path_factory.mktemp("empty") / "callqa.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store; once on SQLite, and once on PostgreSQL where its server is installed."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_database"), tmp_path / "callqa.db")
        url = f"sqlite:///{tmp_path / 'callqa.db'}"
    else:
        url = request.getfixturevalue("postgresql").empty()
    opened = open_store(url)
    yield opened
    opened.close()


class Server:
    """A PostgreSQL server of our own, for the time of the tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._store = open_store(url)

    def empty(self) -> str:
        """The URL of a database without rows."""
        names = ", ".join(Table.metadata.tables)
        with self._store.write() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        return self.url

    def close(self) -> None:
        self._store.close()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("pg8000", reason="the PostgreSQL driver is not installed")
    if server_programs() is None:
        pytest.skip("no PostgreSQL server is installed")
    with running_server(safe=False) as url:
        server = Server(url)
        yield server
        server.close()


def new_file(name: str, content: str | None = None, folder: str = "/calls", **metadata: str) -> NewFile:
    sha256 = hashlib.sha256((content or name).encode()).hexdigest()
    return NewFile(Path(folder) / name, name, sha256, 1000, 1, metadata)


def make_transcript(*lines: str, duration: float = 60.0) -> Transcript:
    """Agent and customer in turn, two seconds a line, a word a character."""
    utterances = []
    for index, text in enumerate(lines):
        start, step = 2.0 * index, 1.5 / max(1, len(text))
        words = tuple(Word(start + i * step, start + (i + 1) * step, c, 0.9) for i, c in enumerate(text))
        role = Role.CUSTOMER if index % 2 else Role.AGENT
        speaker = f"S{index % 2 + 1}"
        utterances.append(Utterance(index, start, start + 1.5, speaker, role, text, 0.9, words))
    return Transcript(duration, 2, "zh", tuple(utterances), Measures(), {"asr": "a", "diarization": "b"})


def make_flag(rule: str = "service.abuse", start: float = 1.0, end: float = 2.0, **changes: Any) -> Flag:
    values: dict[str, Any] = {
        "rule_version": 1,
        "severity": Level.HIGH,
        "role": "agent",
        "utterance": 0,
        "quote": "你有病吧",
        "points": -10,
        "match": "exact",
        "why": "the agent says 有病",
    }
    return Flag(rule=rule, start=start, end=end, **{**values, **changes})


def make_inspection(*flags: Flag, score: int = 90, rulebook: str = "sha256:aa") -> Inspection:
    results = tuple(RuleResult(rule, Outcome.HIT, "1 flagged") for rule in {f.rule: 0 for f in flags})
    return Inspection(flags, score, rulebook, (*results, RuleResult("x.other", Outcome.NOT_HIT, "not said")))


def make_result(transcript: Transcript, inspection: Inspection | None, **changes: Any) -> Result:
    values: dict[str, Any] = {
        "audio": AudioFacts("wav", "pcm_mulaw", 8000, 2, transcript.duration),
        "redacted": tuple(u.text for u in transcript.utterances),
        "peaks": Peaks(50, b"peaks"),
        "stage_seconds": {"decode": 0.1},
    }
    return Result(transcript=transcript, inspection=inspection, **{**values, **changes})


@pytest.fixture
def add(store: Store) -> Callable[..., int]:
    """Queue a recording; gives its number."""

    def added(name: str, **metadata: str) -> int:
        from callqa.store import ids_named

        add_recordings(store, [new_file(name, **metadata)])
        return ids_named(store, [name])[0]

    return added


@pytest.fixture
def inspected(store: Store, add: Callable[..., int]) -> Callable[..., int]:
    """A recording with a transcript and these flags; gives its number."""

    def saved(
        name: str, *flags: Flag, lines: tuple[str, ...] = ("您好",), score: int = 90, **data: str
    ) -> int:
        number = add(name, **data)
        inspection = make_inspection(*flags, score=score)
        save_result(store, number, make_result(make_transcript(*lines), inspection))
        return number

    return saved


@pytest.fixture
def build() -> Any:
    """The plain builders, for tests that need no store."""

    class Build:
        file = staticmethod(new_file)
        transcript = staticmethod(make_transcript)
        flag = staticmethod(make_flag)
        inspection = staticmethod(make_inspection)
        result = staticmethod(make_result)

    return Build
