"""A store with one call that has two flags."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.types import Flag, Inspection, Level
from callqa.store.call import get_call
from callqa.store.database import Store, open_store
from callqa.store.recordings import NewFile, add_recordings, recording
from callqa.store.results import AudioFacts, Result, save_result
from callqa.store.rulebooks import save_rulebook
from callqa.store.verdicts import verdict_history
from callqa.transcribe.types import Measures, Role, Transcript, Utterance

RULEBOOK = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Case:
    """One call; ``flags`` are the numbers of its flags in order of time."""

    store: Store
    call: int = 1

    @property
    def flags(self) -> list[int]:
        return [f.id for f in get_call(self.store, self.call).flags]

    @property
    def verdicts(self) -> list[str | None]:
        """What counts, as the flag's own copy says."""
        return [f.verdict for f in get_call(self.store, self.call).flags]

    @property
    def history(self) -> list[tuple[str, str, str]]:
        return [(e.verdict, e.reviewer, e.comment) for e in verdict_history(self.store, self.call)]

    def inspect(self, *starts: float) -> None:
        """Give the call flags of one rule at these times, in place of those it had."""
        lines = (Utterance(0, 0.0, 30.0, "S0", Role.AGENT, "不归我管"),)
        transcript = Transcript(30.0, 1, "zh", lines, Measures())
        flags = tuple(
            Flag("service.shirking", 1, Level.HIGH, s, s + 1, "agent", 0, "不归我管", 0, "exact", "")
            for s in starts
        )
        audio = AudioFacts("wav", "pcm_s16le", 8000, 1, 30.0)
        result = Result(audio, transcript, Inspection(flags, 90, RULEBOOK, ()), ["不归我管"])
        assert save_result(self.store, self.call, result)


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    store = open_store(f"sqlite:///{tmp_path / 'callqa.db'}")
    add_recordings(store, [NewFile(tmp_path / "a.wav", "a.wav", "a" * 64, 1, 0, {})])
    made = Case(store)
    made.inspect(2.0, 9.0)
    yield made
    store.close()


RULE = "service.shirking"
BOOK = shipped_rulebook()


@dataclass(frozen=True)
class Calls:
    """A store that is filled by the dozen."""

    store: Store

    def add(
        self, count: int, *, flagged: int = 0, seconds: float = 60.0, score: int = 100, **data: str
    ) -> list[int]:
        """Inspected calls with this call data, the first ``flagged`` of them with a flag of RULE."""
        start = self._next()
        metadata = {"started_at": "2026-03-04T10:00:00"} | data
        numbers = list(range(start, start + count))
        add_recordings(
            self.store,
            [NewFile(Path(f"/calls/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, metadata) for n in numbers],
        )
        for place, number in enumerate(numbers):
            self._inspect(number, seconds, score, flagged=place < flagged)
        return numbers

    def _inspect(self, number: int, seconds: float, score: int, *, flagged: bool) -> None:
        lines = (Utterance(0, 0.0, 30.0, "S0", Role.AGENT, "不归我管"),)
        flag = Flag(RULE, 1, Level.HIGH, 1.0, 2.0, "agent", 0, "不归我管", -10, "exact", "")
        found = Inspection((flag,) if flagged else (), score - 10 * flagged, BOOK.hash, ())
        transcript = Transcript(seconds, 1, "zh", lines, Measures())
        result = Result(AudioFacts("wav", "pcm", 8000, 1, seconds), transcript, found, ["不归我管"])
        assert save_result(self.store, number, result)

    def _next(self) -> int:
        with self.store.read() as connection:
            return (connection.execute(select(func.max(recording.c.id))).scalar() or 0) + 1


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    store = open_store(f"sqlite:///{tmp_path / 'calls.db'}")
    save_rulebook(store, BOOK.hash, BOOK.to_bytes())
    yield Calls(store)
    store.close()
