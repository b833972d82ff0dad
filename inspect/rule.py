"""What a rule is, once it has been read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from ..transcribe.types import Role
from .arithmetic import Formula
from .condition import Condition
from .sounds import Precision
from .terms import Term
from .types import Level


class Status(StrEnum):
    """Where a rule is in its life; deprecated rules are kept but no longer run."""

    EXPERIMENTAL = "experimental"
    TEST = "test"
    STABLE = "stable"
    DEPRECATED = "deprecated"


Unit = Literal["chars", "words", "utterances", "apart", "s", "%", "clause", "utterance", "call"]
"""``apart``: whole utterances of the detection's own speaker, that of the anchor not among them."""


@dataclass(frozen=True, slots=True)
class Amount:
    """``6 chars``, ``2 utterances``, ``30 s``, ``10 %``; or a whole clause, utterance or call."""

    value: float
    unit: Unit


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a call is searched; counted in the searched speaker's utterances, seconds or percent."""

    first: Amount | None = None
    last: Amount | None = None
    start: float | None = None
    end: float | None = None


Where = Literal["before", "after", "around", "same"]


@dataclass(frozen=True, slots=True)
class Near:
    """A hit counts only at this place relative to a hit of the detection ``anchor``."""

    anchor: str
    within: Amount
    where: Where
    hit: Literal["any", "first", "last", "every"] | int = "any"
    """Which hit of the anchor; a number: those in the so manieth utterance that has any; every: there must be
    one in place for each."""


@dataclass(frozen=True, slots=True)
class Keywords:
    entries: tuple[Term, ...]
    precision: Precision = Precision.EXACT
    """How exactly terms are heard that do not say otherwise."""
    distinct: int = 1
    """How many different terms the call must hold."""

    @property
    def terms(self) -> tuple[str, ...]:
        return tuple(term.text for term in self.entries)


@dataclass(frozen=True, slots=True)
class Patterns:
    """RE2 expressions over folded text, list references already expanded."""

    sources: tuple[str, ...]
    precision: Precision = Precision.EXACT


@dataclass(frozen=True, slots=True)
class Similar:
    """Clauses that share at least ``threshold`` of their character pairs with a sample."""

    samples: tuple[str, ...]
    """200 at most."""
    threshold: float = 0.6
    precision: Precision = Precision.EXACT


@dataclass(frozen=True, slots=True)
class Entities:
    kinds: tuple[str, ...]
    valid: bool = False
    """Only numbers whose check digit is right."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks for ``longer`` seconds; ``before`` and ``after`` name who speaks next and spoke last."""

    longer: float
    before: Role | None = None
    after: Role | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """``by`` (or anyone) answers the other speaker only after ``longer`` seconds."""

    longer: float
    by: Role | None = None


@dataclass(frozen=True, slots=True)
class Hangup:
    """The call goes on for ``longer`` (or ends within ``shorter``) seconds after the last word.

    ``last`` names who said that.
    """

    longer: float | None = None
    shorter: float | None = None
    last: Role | None = None


@dataclass(frozen=True, slots=True)
class Loudness:
    """Utterances as loud (``over``) or as quiet (``under``) as that, in dBFS."""

    over: float | None = None
    under: float | None = None
    change: float | None = None
    """Or so many dB louder than what it is compared with; quieter where this is negative."""
    against: Literal["previous", "other", "average"] = "previous"
    """The same speaker's utterance before, the other's utterance before, or the speaker's average."""
    span: int = 1
    """So many utterances of the speaker in a row."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Utterances of at least ``min_chars`` spoken faster (or slower) than so many characters a minute."""

    over: float | None = None
    under: float | None = None
    min_chars: int = 20
    over_average: float = 0.0
    """And this many times the same speaker's average over the call."""
    average: bool = False
    """Judge each speaker's average over the call instead of single utterances."""


@dataclass(frozen=True, slots=True)
class Interruptions:
    by: Role | None
    """Whoever cuts in; None for either."""
    overlap: float = 0.5
    min_chars: int = 3
    delay: float = 0.0
    """How long the other must have spoken already."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """An utterance that says again what the same speaker said within ``within`` utterances."""

    within: int = 5
    times: int = 2
    min_chars: int = 6
    threshold: float = 0.8
    excluding: tuple[str, ...] = ()
    """Expressions; an utterance that holds one may be repeated."""


@dataclass(frozen=True, slots=True)
class Speaks:
    """``who`` speaks first, last or n-th in the call (from 1, or from -1 at the end)."""

    position: Literal["first", "last"] | int
    who: Role


Comparison = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "contains"]


@dataclass(frozen=True, slots=True)
class CallData:
    """``field`` is call metadata, or one of the measured: duration, utterances, silence_seconds, …

    With ``formula`` it is the result of arithmetic over such fields, and ``field`` is what it is called.
    """

    field: str
    compare: Comparison
    value: Any
    formula: Formula | None = None
    limit: Formula | None = None
    """Arithmetic in the place of ``value``."""


Finder = (
    Keywords
    | Patterns
    | Similar
    | Entities
    | Silence
    | Response
    | Hangup
    | Loudness
    | Rate
    | Interruptions
    | Repeats
    | Speaks
    | CallData
)


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing to find, and which of its hits count."""

    name: str
    finder: Finder
    speaker: Role | None = None
    window: Window | None = None
    not_inside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    sentence: Literal["any", "statement", "question"] = "any"
    near: tuple[Near, ...] = ()
    at_least: int = 1
    extent: Literal["utterance", "clause", "merged"] = "utterance"
    """What is read as one text: each utterance, each clause, or the whole range that is searched."""
    together: Amount | None = None
    """The stretch in which ``at_least`` hits and ``distinct`` terms must come; the call where it is None."""


@dataclass(frozen=True, slots=True)
class Scope:
    speaker: Role | None = None
    window: Window | None = None
    calls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_utterances: int = 0


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a hit means for the call."""

    message: str = ""
    points: int = 0
    fatal: bool = False
    once: bool = False
    """Deduct once a call, however many flags there are."""
    department: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    title: str
    version: int
    status: Status
    level: Level
    description: str
    scope: Scope
    detections: Mapping[str, Detection]
    condition: Condition
    condition_source: str
    flag: tuple[str, ...]
    """Detections whose hits become flags; empty when the rule is about something absent."""
    outcome: Consequence
    falsepositives: tuple[str, ...] = ()
    tests: tuple[Mapping[str, Any], ...] = ()

    @property
    def name(self) -> str:
        return self.id.split(".", 1)[1]

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]
