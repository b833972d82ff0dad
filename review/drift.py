"""Does a rule get worse? A cumulative sum over its verdicts, in the order they were given.

Page's CUSUM for a yes-or-no outcome (Page, "Continuous inspection schemes", Biometrika 41, 1954; for
proportions Reynolds and Stoumbos, Journal of Quality Technology 31, 1999): every false alarm adds the log
of how much likelier it is when the odds of a false alarm have grown ``ODDS`` times, every confirmed flag
takes off as much as it speaks against that, and the sum never falls below 0. It alarms above ``LIMIT``. The
share it starts from is that of the first BASE verdicts, drawn a little towards a half (Jeffreys), since few
verdicts without a false alarm do not mean that there will be none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .precision import Precision

BASE = 50
"""Verdicts that say how the rule was at first; with fewer than twice as many nothing is said."""
ODDS = 2.5
LIMIT = 4.5
SURE = 2.8
"""What the sum suspects must also show as a difference of two proportions of so many standard errors,
since the share at first is itself known from few verdicts. Both were chosen by simulation, which
tests/review/test_drift.py repeats: under 5 % false alarms over 200 verdicts, and tripled odds of a false
alarm are found within 100 verdicts in most cases."""


@dataclass(frozen=True, slots=True)
class Drift:
    """``worse``: the rule is not what it was. ``since`` is the place of the first verdict of the stretch that
    raised the alarm; ``before`` and ``after`` are the precision up to there and from there."""

    worse: bool
    since: int
    before: Precision
    after: Precision


def drift(confirmed: Sequence[bool]) -> Drift | None:
    """Judge the verdicts of one rule version, oldest first (True: confirmed, False: false alarm).

    None while there are fewer than twice BASE.
    """
    if len(confirmed) < 2 * BASE:
        return None
    wrong = (confirmed[:BASE].count(False) + 0.5) / (BASE + 1)
    worse = ODDS * wrong / (1 - wrong + ODDS * wrong)
    up, down = math.log(worse / wrong), math.log((1 - worse) / (1 - wrong))
    total, since = 0.0, BASE
    for place, right in enumerate(confirmed[BASE:], BASE):
        total = max(0.0, total + (down if right else up))
        if total == 0.0:
            since = place + 1
    before, after = _precision(confirmed[:since]), _precision(confirmed[since:])
    return Drift(total > LIMIT and _apart(before, after) >= SURE, since, before, after)


def _precision(confirmed: Sequence[bool]) -> Precision:
    return Precision(sum(confirmed), len(confirmed))


def _apart(before: Precision, after: Precision) -> float:
    """By how many standard errors the second precision lies below the first."""
    judged = before.judged + after.judged
    both = (before.confirmed + after.confirmed) / judged
    if not before.judged or not after.judged or both in (0.0, 1.0):
        return 0.0
    error = math.sqrt(both * (1 - both) * (1 / before.judged + 1 / after.judged))
    return ((before.value or 0.0) - (after.value or 0.0)) / error
