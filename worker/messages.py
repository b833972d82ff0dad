"""What a worker process and its supervisor tell each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..ingest.pool import PROGRAM
from ..settings import Settings

RECOGNISER = "callqa.worker.recogniser:open_recogniser"


@dataclass(frozen=True, slots=True)
class Job:
    """All a worker process needs to know at its start."""

    settings: Settings
    rulebook: str
    """Hash of a rulebook in the store."""
    recogniser: str = RECOGNISER
    """``module:function``; called with the settings, gives the recogniser."""
    decoder: str = PROGRAM
    """Module that a decoder process runs."""
    gpu: str | None = None
    """The GPU this worker uses, as CUDA_VISIBLE_DEVICES names it."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker takes recordings under this name."""

    worker: str
    device: str = ""
    """``cpu`` or ``cuda``; empty while no models are loaded."""


@dataclass(frozen=True, slots=True)
class Done:
    """One recording ended; ``seconds`` is its length when it was transcribed."""

    recording: int
    name: str
    status: str
    seconds: float = 0.0
    size_bytes: int = 0
    flags: int = 0
    detail: str = ""
    """The reason when there is no result."""
    unexpected: bool = False
    """An error nobody foresaw."""
    kind: str = "recording"
    batch: int | None = None
    worker: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)
    """Seconds of each step."""


@dataclass(frozen=True, slots=True)
class Fatal:
    """The worker cannot work at all."""

    message: str


@dataclass(frozen=True, slots=True)
class Finish:
    """To the worker: nothing more will be queued, end when the queue is empty."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something the user should read."""

    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker lost its GPU and ends; a new process may find it again, or another."""

    message: str
