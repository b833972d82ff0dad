"""What is known of a labelled call: turns, expected flags, personal data.

One JSON file a call, named like the recording (``samples/README.md`` shows the form). What is not labelled is
left out of the file and not scored: imported turns need no text, no roles and no flags.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import CallqaError
from ..transcribe.types import Role

Json = Mapping[str, Any]


class TruthError(CallqaError):
    """A truth file cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's turn; times in seconds, ``text`` empty when only times are known."""

    role: str
    start: float
    end: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """A flag that an inspection must raise."""

    check: str
    """A rule's name or its whole id."""
    turn: int
    quote: str = ""
    style: str = ""
    """How it is said (literal, indirect …), where the labels tell."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data that was said."""

    kind: str
    quote: str


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of one call."""

    name: str
    """The recording's name without its suffix."""
    turns: tuple[Turn, ...]
    expected: tuple[Expected, ...] | None = None
    """None when the flags were never labelled; empty when there is nothing to flag."""
    absent: tuple[str, ...] = ()
    """Checks that a naive scanner might raise here, and must not: hard negatives."""
    personal: tuple[Personal, ...] = ()
    seconds: float | None = None
    raw: Json | None = None
    """The whole file, for what else it says (topic, department, metadata)."""

    @property
    def has_text(self) -> bool:
        return any(t.text for t in self.turns)

    @property
    def has_roles(self) -> bool:
        return any(t.role in (Role.AGENT, Role.CUSTOMER) for t in self.turns)


def read_truths(folder: Path) -> dict[str, Truth]:
    """Truth of every labelled call of a folder (or of its subfolder ``truth``), by recording name.

    Raises TruthError with every file that cannot be read.
    """
    place = folder / "truth" if (folder / "truth").is_dir() else folder
    found: dict[str, Truth] = {}
    problems: list[str] = []
    for path in sorted(place.glob("*.json")):
        try:
            truth = _read(path)
        except (ValueError, KeyError, TypeError) as error:
            problems.append(f"{path}: {_said(error)}")
            continue
        if truth is not None:
            found[truth.name] = truth
    if problems:
        raise TruthError("\n".join(problems))
    if not found:
        raise TruthError(f"{place}: no truth files (JSON with turns, named like the recordings)")
    return found


def parse_truth(raw: Json, name: str) -> Truth:
    """``raw`` as Truth. Raises KeyError, TypeError or ValueError for what is not of the form."""
    turns = tuple(_turn(t) for t in raw["turns"])
    expected = None if raw.get("expected") is None else tuple(_expected(e, turns) for e in raw["expected"])
    audio = raw.get("audio") or {}
    return Truth(
        name,
        turns,
        expected,
        tuple(str(check) for check in raw.get("absent") or ()),
        tuple(Personal(str(p["kind"]), str(p["quote"])) for p in raw.get("pii") or ()),
        float(audio["seconds"]) if audio.get("seconds") else None,
        raw,
    )


def truth_json(turns: Sequence[Turn], **more: Any) -> dict[str, Any]:
    """The form of a truth file, from turns in any order."""
    ordered = sorted(turns, key=lambda t: (t.start, t.end))
    rows = [
        {"turn": i, "start": round(t.start, 3), "end": round(t.end, 3), "role": t.role, "text": t.text}
        for i, t in enumerate(ordered)
    ]
    return {"turns": rows, **more}


def _read(path: Path) -> Truth | None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or "turns" not in raw:
        return None
    return parse_truth(raw, path.stem)


def _turn(raw: Json) -> Turn:
    turn = Turn(str(raw["role"]), float(raw["start"]), float(raw["end"]), str(raw.get("text") or ""))
    if turn.end <= turn.start:
        raise ValueError(f"a turn ends at {turn.end} s, before it begins at {turn.start} s")
    return turn


def _expected(raw: Json, turns: Sequence[Turn]) -> Expected:
    place = int(raw["turn"])
    if not 0 <= place < len(turns):
        raise ValueError(f"expected {raw['check']} in turn {place}, and there are only {len(turns)} turns")
    return Expected(str(raw["check"]), place, str(raw.get("quote") or ""), str(raw.get("style") or ""))


def _said(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
