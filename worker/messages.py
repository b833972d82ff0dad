"""What a worker process and its supervisor tell each other."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded its models and takes recordings under this name."""

    worker: str


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


@dataclass(frozen=True, slots=True)
class Fatal:
    """The worker cannot work at all."""

    message: str


@dataclass(frozen=True, slots=True)
class Finish:
    """To the worker: nothing more will be queued, end when the queue is empty."""
