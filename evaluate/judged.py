"""Raised flags against expected ones, and an interval for every share."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..review.precision import wilson
from .heard import Raised
from .truth import Expected, Truth

STRETCHES = frozenset(
    ("missing_greeting", "missing_closing", "no_identity_check", "dead_air", "no_hold_notice")
) | {"too_fast", "interrupting"}
"""Checks about a stretch of the call rather than one sentence."""
NEAR = 2.0
"""Seconds by which a flag may miss the turn it belongs to."""
NEAR_STRETCH = 30.0
"""The same for checks about a stretch."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The flags of one call, sorted by what became of them."""

    found: tuple[Expected, ...]
    missed: tuple[Expected, ...]
    right: tuple[Raised, ...]
    wrong: tuple[Raised, ...]
    forbidden: tuple[Raised, ...]
    """Of the wrong ones, those of checks that the truth says are absent (hard negatives)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole with its 95 % interval (Wilson's score interval, 1927)."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        low, high = wilson(self.part, self.whole)
        return round(low, 3), round(high, 3)


def judge(truth: Truth, flags: Sequence[Raised]) -> Judged:
    """Match flags to what the truth expects.

    A flag belongs to an expectation of its rule when it is within 2 s of the turn (30 s for checks about a
    stretch); several flags may belong to one, and one flag to several.
    """
    expected = truth.expected or ()
    belongs = {e: [f for f in flags if _belongs(f, e, truth)] for e in expected}
    used = {id(f) for found in belongs.values() for f in found}
    wrong = tuple(f for f in flags if id(f) not in used)
    return Judged(
        tuple(e for e in expected if belongs[e]),
        tuple(e for e in expected if not belongs[e]),
        tuple(f for f in flags if id(f) in used),
        wrong,
        tuple(f for f in flags if any(f.fits(check) for check in truth.absent)),
    )


def _belongs(flag: Raised, expected: Expected, truth: Truth) -> bool:
    turn = truth.turns[expected.turn]
    slack = NEAR_STRETCH if expected.check.rpartition(".")[2] in STRETCHES else NEAR
    near = flag.start <= turn.end + slack and flag.end >= turn.start - slack
    return near and flag.fits(expected.check)
