"""Comparing agents and teams fairly: enough calls, intervals, and what chance alone would do.

A league table always has a last place. A funnel plot asks instead which units lie outside the range that
chance gives to a unit with that many calls (Spiegelhalter, "Funnel plots for comparing institutional
performance", Statistics in Medicine 24, 2005): control limits around the share of all at 95 % (a look) and
99.8 % (chance is no explanation). They say nothing of the reason: another product or queue is one too.
"""

import math
from typing import Literal

from .precision import wilson

ENOUGH_CALLS = 20
"""Fewer say nothing about a person."""
Z_LOOK, Z_CLEAR = 1.959963984540054, 3.090232306167813
"""Two-sided 95 % and 99.8 % of the normal distribution."""
Standing = Literal["too_few", "clearly_more", "more", "usual", "fewer", "clearly_fewer"]


def mean_interval(mean: float, deviation: float, count: int) -> tuple[float, float] | None:
    """95 % interval of a mean of ``count`` values; None with fewer than ENOUGH_CALLS.

    >>> mean_interval(80.0, 10.0, 100)
    (78.04, 81.96)
    """
    if count < ENOUGH_CALLS:
        return None
    reach = Z_LOOK * deviation / math.sqrt(count)
    return round(mean - reach, 2), round(mean + reach, 2)


def share_interval(part: int, count: int) -> tuple[float, float] | None:
    """95 % interval of a share after Wilson; None with fewer than ENOUGH_CALLS."""
    return wilson(part, count) if count >= ENOUGH_CALLS else None


def funnel(share: float, count: float, z: float) -> tuple[float, float]:
    """Between which shares a unit with ``count`` calls lies by chance when all have the same ``share``.

    >>> [round(x, 3) for x in funnel(0.2, 100, Z_LOOK)]
    [0.133, 0.289]
    """
    # The score interval around the common share keeps within 0 and 1 where few calls meet a rare event.
    weight = z**2 / count
    centre = (share + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return max(0.0, centre - reach), min(1.0, centre + reach)


def standing(part: int, count: int, whole_part: int, whole: int) -> Standing:
    """How the share ``part`` of ``count`` stands to that of all the others together.

    ``whole`` and ``whole_part`` hold the unit itself, which is taken out: a big one is not compared with
    itself.
    """
    others, of_others = whole - count, whole_part - part
    if count < ENOUGH_CALLS or others < ENOUGH_CALLS:
        return "too_few"
    z = _difference(part, count, of_others, others)
    if abs(z) < Z_LOOK:
        return "usual"
    if z > 0:
        return "clearly_more" if z >= Z_CLEAR else "more"
    return "clearly_fewer" if -z >= Z_CLEAR else "fewer"


def _difference(a: int, n: int, b: int, m: int) -> float:
    """The two-proportion z statistic with the pooled share; 0 when nothing or everything is counted."""
    pooled = (a + b) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return (a / n - b / m) / spread if spread else 0.0
