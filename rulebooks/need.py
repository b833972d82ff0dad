"""Trees of texts that a call must hold."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """This text must occur within a line; with ``sound`` in the text as it sounds."""

    text: str
    sound: bool


@dataclass(frozen=True, slots=True)
class All:
    """Every part must; without parts nothing is needed: any call may do."""

    parts: tuple["Need", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One part must; without parts no call can do."""

    parts: tuple["Need", ...]


Need = Text | All | Some
ANY = All(())
NEVER = Some(())


def all_of(parts: Iterable[Need]) -> Need:
    """
    >>> all_of([ANY, Text("投诉", False)])
    Text(text='投诉', sound=False)
    """
    flat: dict[Need, None] = {}
    for part in parts:
        if part == NEVER:
            return NEVER
        flat.update(dict.fromkeys(part.parts if isinstance(part, All) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else All(tuple(flat))


def any_of(parts: Iterable[Need]) -> Need:
    """
    >>> any_of([ANY, Text("投诉", False)]) == ANY
    True
    """
    flat: dict[Need, None] = {}
    for part in parts:
        if part == ANY:
            return ANY
        flat.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else Some(tuple(flat))


def holds(need: Need, folded: str, heard: str) -> bool:
    """Whether a call with this text, and this as it sounds, satisfies the need."""
    match need:
        case Text(text=text, sound=sound):
            return text in (heard if sound else folded)
        case All(parts=parts):
            return all(holds(part, folded, heard) for part in parts)
        case Some(parts=parts):
            return any(holds(part, folded, heard) for part in parts)
