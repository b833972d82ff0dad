"""How long reviewers need for a verdict, measured from those they gave."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

PAUSE = timedelta(minutes=10)
"""Who gives no verdict for longer was doing something else."""
ENOUGH = 20
ASSUMED_MINUTES = 1.0


def minutes_a_verdict(verdicts: Iterable[tuple[str, datetime]]) -> tuple[float, bool]:
    """The median time between two verdicts of a reviewer in minutes, and whether that was measured.

    ``verdicts`` are reviewer and time, in any order. Where there are too few: ``ASSUMED_MINUTES``.
    """
    by_reviewer: dict[str, list[datetime]] = {}
    for reviewer, moment in verdicts:
        by_reviewer.setdefault(reviewer, []).append(moment)
    gaps = [b - a for moments in by_reviewer.values() for a, b in pairwise(sorted(moments)) if b - a <= PAUSE]
    if len(gaps) < ENOUGH:
        return ASSUMED_MINUTES, False
    return median(gap.total_seconds() for gap in gaps) / 60, True
