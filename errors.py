"""The errors callqa raises on purpose.

CallqaError
├── UsageError            the request itself cannot be carried out (exit code 2)
├── RecordingError        one recording cannot be used; the batch goes on
│   ├── EmptyRecording    nothing in it: zero bytes, no samples
│   ├── NotAudio          the content is something else
│   └── DamagedRecording  audio that cannot be decoded
├── ModelError            a model is missing, altered or does not load
├── RulebookError         a rulebook does not load; lists every problem with file:line
└── StoreError            the database cannot be used
"""

from collections.abc import Sequence


class CallqaError(Exception):
    """Base of all; ``str(error)`` is what the user reads, and says what to do."""


class UsageError(CallqaError):
    """The command's arguments do not make sense together or name what is not there."""


class RecordingError(CallqaError):
    """One recording cannot be used.

    ``reason`` says what is wrong, ``remedy`` what a person can do about it, ``kind`` is a short
    stable word for statistics.
    """

    kind = "unusable"

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}; {remedy}" if remedy else reason)


class EmptyRecording(RecordingError):
    """The file holds no sound at all: zero bytes, or a header without samples."""

    kind = "empty"


class NotAudio(RecordingError):
    """The content is text, a picture, or anything else that is not sound."""

    kind = "not_audio"


class DamagedRecording(RecordingError):
    """The file looks like audio but cannot be decoded."""

    kind = "damaged"


class ModelError(CallqaError):
    """A model is missing, altered or does not load."""


class RulebookError(CallqaError):
    """A rulebook does not load; ``problems`` holds one line each, ``file:line: what is wrong``."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class StoreError(CallqaError):
    """The database is missing, locked, newer than this program, or unreachable."""
