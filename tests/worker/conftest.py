"""Recordings and recognisers for tests of the worker.

The recogniser is injected: it answers by the length of a recording, so that a test decides by length what
happens to a file. Everything else is real: files, decoder, database, processes, signals.
"""

import signal
import subprocess
import sys
import textwrap
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callqa.ingest.metadata import Metadata
from callqa.settings import Settings
from callqa.store import Store, open_store
from callqa.worker.messages import Done
from callqa.worker.run import Options, run
from callqa.worker.summary import Summary

RECOGNISERS = '''
"""Recognisers by what they do; each notes the lengths (tenths of a second) it was given."""
import os, signal, time
from callqa.errors import ModelError
from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word

POISON, BROKEN, SILENT, GREEDY, GPU_KILLER = 91, 92, 93, 94, 95

class Fake:
    def __init__(self, log, seconds=0.0, device="cpu"):
        self.log, self.seconds, self.device = log, seconds, device

    def transcribe_many(self, recordings, rate):
        with open(str(self.log) + "-groups", "a") as log:
            log.write(f"{len(recordings)}\\n")
        return [self.transcribe(samples, rate) for samples in recordings]

    def transcribe(self, samples, rate):
        tenths = round(samples.shape[1] / rate * 10)
        with open(self.log, "a") as log:
            log.write(f"{tenths}\\n")
        if tenths == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        if tenths == BROKEN:
            raise RuntimeError("something broke")
        if tenths == GREEDY:
            raise MemoryError("no more")
        if tenths == GPU_KILLER:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        time.sleep(self.seconds)
        text = "" if tenths == SILENT else "这个不归我管您找别人吧"
        words = tuple(Word(i / 10, (i + 1) / 10, c, 0.9) for i, c in enumerate(text))
        lines = (Utterance(0, 0.0, 1.1, "S1", Role.AGENT, text, 0.9, words),) if text else ()
        return Transcript(tenths / 10, samples.shape[0], "zh", lines, Measures(), {"asr": "fake"})

def quick(settings):
    return Fake(settings.home / "log")

def slow(settings):
    return Fake(settings.home / "log", 0.7)

def gpu(settings):
    time.sleep(1.0)  # so that something is queued when it begins
    return Fake(settings.home / "log", 0.2, "cuda")

def without_model(settings):
    raise ModelError("the model is not there: callqa models install")

def dying(settings):
    os._exit(9)
'''

Program = Callable[..., subprocess.Popen[str]]
RULE = """
title: 推诿
name: shirking
version: 1
status: stable
level: high
description: 推诿
scope: {speaker: agent}
detection:
  phrase: {terms: [不归我管]}
  condition: phrase
outcome: {message: 推诿, points: -10}
tests:
  - {name: 直接说出, turns: [{agent: 这个不归我管}], expect: [{turn: 0, quote: 不归我管}]}
  - {name: 没有说, turns: [{agent: 您好}], expect: []}
"""


def write_call(path: Path, tenths: int = 10, hz: int = 440) -> Path:
    """A two-channel recording of ``tenths`` of a second, no two alike unless length and tone are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = np.sin(np.arange(800 * tenths) * 2 * np.pi * hz / 8000) * 8000
    samples = np.stack([tone, tone * 0.5], axis=1).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


@pytest.fixture
def make_call() -> Callable[..., Path]:
    return write_call


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules" / "service").mkdir(parents=True)
    (tmp_path / "rules" / "service" / "shirking.yaml").write_text(RULE)
    return tmp_path / "rules"


@pytest.fixture
def settings(tmp_path: Path, rules: Path) -> Settings:
    return Settings(home=tmp_path / "home", rulebook=rules, retry_seconds=0.2)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings.resolved_database_url)
    yield opened
    opened.close()


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """An empty folder for recordings."""
    (tmp_path / "calls").mkdir()
    return tmp_path / "calls"


@pytest.fixture
def recognisers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the module ``recognisers`` on the path, of worker processes too."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "fake_recognisers.py").write_text(RECOGNISERS)
    monkeypatch.syspath_prepend(folder)
    return folder


class Quiet:
    """A display that remembers what it was told."""

    def __init__(self) -> None:
        self.messages: list[Done] = []
        self.said: list[str] = []
        self.expected = 0

    def __enter__(self) -> "Quiet":
        return self

    def __exit__(self, *_: object) -> None:
        return

    def expect(self, files: int, size_bytes: int) -> None:
        self.expected += files

    def done(self, message: Done) -> None:
        self.messages.append(message)

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture
def display() -> Quiet:
    return Quiet()


@pytest.fixture
def run_batch(
    store: Store, settings: Settings, calls: Path, recognisers: Path, display: Quiet
) -> Callable[..., Summary]:
    """Runs a batch over ``calls`` with the named recogniser."""

    def run_it(recogniser: str = "quick", **options: Any) -> Summary:
        chosen = Options(recogniser=f"fake_recognisers:{recogniser}", **options)
        return run(store, settings, [calls], Metadata.load(), chosen, display)

    return run_it


@pytest.fixture
def heard(settings: Settings) -> Callable[[], list[int]]:
    """The lengths the recogniser was given so far, in tenths of a second."""

    def read() -> list[int]:
        log = settings.home / "log"
        return [int(line) for line in log.read_text().split()] if log.exists() else []

    return read


@pytest.fixture
def program(
    settings: Settings, calls: Path, recognisers: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a batch in a process of its own, to be stopped or killed."""
    code = f"""
        import sys
        from pathlib import Path
        from callqa.ingest.metadata import Metadata
        from callqa.settings import Settings
        from callqa.store import open_store
        from callqa.worker.run import Options, run

        if __name__ == "__main__":
            sys.path.insert(0, {str(recognisers)!r})
            settings = Settings(home=Path({str(settings.home)!r}), rulebook=Path({str(settings.rulebook)!r}))
            options = Options(recogniser="fake_recognisers:" + sys.argv[1], workers=int(sys.argv[2]))
            store = open_store(settings.resolved_database_url)
            summary = run(store, settings, [Path({str(calls)!r})], Metadata.load(), options)
            print(summary.is_complete, dict(summary.statuses))
    """
    script = recognisers / "program.py"
    script.write_text(textwrap.dedent(code))
    started: list[subprocess.Popen[str]] = []

    def start(recogniser: str = "slow", workers: int = 1) -> subprocess.Popen[str]:
        command = [sys.executable, str(script), recogniser, str(workers)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.05)

    return wait
