"""What callqa made of a call: stored, exported, or inspected anew from perfect transcripts."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CallqaError
from ..inspect.engine import inspect_call
from ..inspect.rulebook import Rulebook
from ..inspect.truth import transcript_of
from ..privacy.redact import redact_utterances
from ..transcribe.types import Role
from .truth import Truth


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance as it was heard; times in seconds."""

    start: float
    end: float
    speaker: str
    role: str
    text: str
    redacted: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag that was raised."""

    rule: str
    start: float
    end: float
    quote: str = ""
    why: str = ""

    def fits(self, check: str) -> bool:
        return check in (self.rule, self.rule.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Heard:
    """One call as callqa has it, in order of time."""

    name: str
    file: str
    channels: int
    utterances: tuple[Said, ...]
    flags: tuple[Raised, ...]


def from_record(record: Mapping[str, Any]) -> Heard:
    """A line of ``callqa export calls --format jsonl``; a reviewer's corrections do not count."""
    utterances = sorted((_said(u) for u in record["utterances"]), key=lambda u: u.start)
    flags = tuple(
        Raised(str(f["rule"]), float(f["start"]), float(f["end"]), f.get("quote") or "", f.get("why") or "")
        for f in record["flags"]
    )
    file = str(record["recording"]["name"])
    channels = int(record["recording"].get("channels") or 1)
    return Heard(Path(file).stem, file, channels, tuple(utterances), flags)


def read_export(path: Path) -> Iterator[Heard]:
    """Every call of an exported file. Raises CallqaError, with the line, for what is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield from_record(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise CallqaError(
                    f"{path}:{number}: no line of `callqa export calls --format jsonl` ({error})"
                ) from error


def perfect(truth: Truth, rulebook: Rulebook) -> Heard:
    """What the rulebook says of the true words, were they recognised without an error."""
    turns = [(Role(t.role), t.start, t.end, t.text) for t in truth.turns]
    transcript = transcript_of(turns, truth.seconds)
    metadata = {k: str(v) for k, v in (truth.raw or {}).items() if isinstance(v, str | int | float)}
    flags = inspect_call(transcript, rulebook, metadata).flags
    hidden = redact_utterances(transcript.utterances)
    return Heard(
        truth.name,
        truth.name,
        2,
        tuple(
            Said(u.start, u.end, u.speaker, str(u.role), u.text, text)
            for u, text in zip(transcript.utterances, hidden, strict=True)
        ),
        tuple(Raised(f.rule, f.start, f.end, f.quote, f.why) for f in flags),
    )


def matched(calls: Iterable[Heard], truths: Container[str]) -> Iterator[Heard]:
    """The calls whose truth is known and in which something was heard, named like their truth.

    A recording is matched by its name without the suffix, or with ``-mono`` left out; one truth may have
    several.
    """
    for call in calls:
        for name in (call.name, call.name.removesuffix("-mono")):
            if name in truths and call.utterances:
                yield replace(call, name=name)
                break


def _said(raw: Mapping[str, Any]) -> Said:
    text = str(raw.get("original_text") or raw.get("text") or "")
    role = str(raw.get("role") or Role.UNKNOWN)
    hidden = raw.get("redacted_text")
    return Said(
        float(raw["start"]),
        float(raw["end"]),
        str(raw.get("speaker") or role),
        role,
        text,
        text if hidden is None else str(hidden),
    )
