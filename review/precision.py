"""How often a rule is right, as far as reviewers have judged."""

import math
from dataclasses import dataclass

_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of ``judged`` flags (confirmed or false alarm; unsure ones tell nothing) ``confirmed`` were right."""

    confirmed: int
    judged: int

    @property
    def value(self) -> float | None:
        return self.confirmed / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval after Wilson (1927), which holds for few judgements too."""
        return wilson(self.confirmed, self.judged)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval of a proportion; (0, 1) without trials.

    >>> [round(x, 3) for x in wilson(8, 10)]
    [0.49, 0.943]
    """
    if not trials:
        return 0.0, 1.0
    share, weight = successes / trials, _Z**2 / trials
    centre = (share + weight / 2) / (1 + weight)
    reach = _Z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    return max(0.0, centre - reach), min(1.0, centre + reach)
