"""What an inspection yields."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


class Level(StrEnum):
    """Severity of a rule, mildest first."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Outcome(StrEnum):
    """How one rule ended on one call; every rule ends in one of these."""

    HIT = "hit"
    NOT_HIT = "not_hit"
    NOT_APPLICABLE = "not_applicable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Flag:
    """One evidenced hit of a rule; the stretch ``start`` to ``end`` can be played."""

    rule: str
    """``area.name``."""
    rule_version: int
    severity: Level
    start: float
    end: float
    role: str
    utterance: int | None
    """Index of the utterance with the quote; None for silence and absence rules."""
    quote: str
    """The original characters of the transcript."""
    points: int
    match: str
    """How it was found: exact, pinyin, regex, entity, absence, acoustic, …"""
    why: str
    """One English sentence a reviewer reads: detections, terms, anchors."""
    doubtful: bool = False
    """The transcript there is not to be trusted (see transcribe.types.Doubt)."""
    trace: Mapping[str, Any] | None = None
    """The same as ``why`` for machines: which detections were true and which were not."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule ended on this call, and why when it did not hit."""

    rule: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One line of how a score came about; the scorecard's start plus all ``points`` is the score."""

    kind: Literal["rule", "cap", "fatal", "bounds"]
    """``rule``: flags of a rule; the rest corrects the sum: a group's cap, a fatal rule, floor, ceiling."""
    points: float
    rule: str = ""
    title: str = ""
    flags: int = 0
    group: str = ""
    """The scorecard's group of the rule, where it has one."""
    fatal: bool = False
    why: str = ""
    """One English phrase: how the points were counted."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that a rulebook says of one transcript."""

    flags: tuple[Flag, ...]
    score: int
    """As the rulebook's scorecard says; without one 100 plus the points of the flags, held between 0 and 100,
    and 0 when a fatal rule hit."""
    rulebook: str
    """``sha256:…`` of the rulebook's content."""
    results: tuple[RuleResult, ...]
    score_items: tuple[ScoreItem, ...] = ()
    """How the score came about, see ``score.score_flags``."""
    scorecard: str = ""
    """The rulebook's scorecard that was used; empty for the usual one."""
