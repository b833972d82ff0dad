"""What was missed: from a stratified random audit of unflagged calls to an estimate with an interval."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import beta

CONFIDENCE = 0.95
_PRIOR = 0.5
"""Jeffreys' prior for a proportion: Beta(0.5, 0.5)."""
_MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Stratum:
    """Calls of one kind (a business, a queue …) without a flag of the rule: ``calls`` in all, ``heard`` of
    them drawn at random and heard, ``missed`` of those found to hold what the rule should have flagged.
    """

    name: str
    calls: int
    heard: int
    missed: int

    def __post_init__(self) -> None:
        if not 0 <= self.missed <= self.heard <= self.calls:
            raise ValueError(f"{self.name}: {self.missed} of {self.heard} of {self.calls} calls cannot be")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Share of calls with a missed violation, between ``low`` and ``high`` with 95 % confidence.

    ``calls`` is what the share refers to: the calls of all strata of which some were heard.
    """

    rate: float
    low: float
    high: float
    calls: int
    heard: int
    missed: int
    unheard: tuple[str, ...] = ()
    """Strata of which no call was heard: nothing is said about them."""

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def count(self) -> tuple[float, float, float]:
        """Missed calls: estimate, low, high."""
        return self.rate * self.calls, self.low * self.calls, self.high * self.calls


def estimate_missed(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Estimate:
    """The share of missed violations among unflagged calls, each stratum weighted by its calls.

    The variance of the stratified estimate gives the size of a simple random sample that would be as exact
    (E. L. Korn and B. I. Graubard, "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data", 1998); Jeffreys' interval of that sample is the result, which
    for rare events keeps its promise where the normal approximation does not. For the variance the rate of a
    stratum is drawn towards the common one by one call, since no miss among few calls is no proof of none.

    Without any call heard the interval is (0, 1).
    """
    heard = [s for s in strata if s.heard]
    silent = tuple(s.name for s in strata if not s.heard and s.calls)
    if not heard:
        return Estimate(0.0, 0.0, 1.0, 0, 0, 0, silent)
    calls = sum(s.calls for s in heard)
    rate = sum(s.calls / calls * s.missed / s.heard for s in heard)
    low, high = _interval(heard, calls, rate, confidence)
    return Estimate(rate, low, high, calls, sum(s.heard for s in heard), sum(s.missed for s in heard), silent)


def _interval(strata: Sequence[Stratum], calls: int, rate: float, confidence: float) -> tuple[float, float]:
    drawn = _drawn_rates(strata)
    variance = sum((s.calls / calls) ** 2 * drawn[s.name] * _error(s, drawn[s.name]) for s in strata)
    if variance <= 0:  # every call was heard
        return rate, rate
    common = sum(s.calls / calls * drawn[s.name] for s in strata)
    size = common * (1 - common) / variance
    found, tail = size * rate, (1 - confidence) / 2
    low = float(beta.ppf(tail, found + _PRIOR, size - found + _PRIOR)) if rate > 0 else 0.0
    high = float(beta.ppf(1 - tail, found + _PRIOR, size - found + _PRIOR)) if rate < 1 else 1.0
    return min(low, rate), max(high, rate)


def _drawn_rates(strata: Sequence[Stratum]) -> dict[str, float]:
    total = sum(s.heard for s in strata)
    common = max(sum(s.missed for s in strata), 0.5) / total
    return {s.name: (s.missed + common) / (s.heard + 1) for s in strata}


def _error(stratum: Stratum, rate: float) -> float:
    """Variance of the stratum's rate by its rate: binomial, less what was heard of a finite number."""
    return (1 - rate) / stratum.heard * (1 - stratum.heard / stratum.calls)


def calls_to_hear(strata: Sequence[Stratum], width: float, confidence: float = CONFIDENCE) -> int | None:
    """How many more calls to hear until the interval is about ``width`` wide, if misses stay as frequent.

    Calls are spread over the strata by their size. 0 when it is narrow enough already; None when not even
    hearing every call would say more, as there are none.
    """
    if not 0 < width <= 1:
        raise ValueError("the width of an interval of shares lies between 0 and 1")
    now = estimate_missed(strata, confidence)
    if now.calls and now.width <= width and not now.unheard:
        return 0
    total, done = sum(s.calls for s in strata), sum(s.heard for s in strata)
    if not total:
        return None
    low, high = 0, min(total - done, _MOST)
    while low < high:
        middle = (low + high) // 2
        then = estimate_missed(_with_more(strata, middle), confidence)
        narrow = then.width <= width and not then.unheard
        low, high = (low, middle) if narrow else (middle + 1, high)
    return low


def spread(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """``total`` calls over strata by their size, one each at least where it goes (largest remainder).

    >>> spread({"a": 900, "b": 100}, 10)
    {'a': 9, 'b': 1}
    """
    everything = sum(sizes.values())
    total = min(total, everything)
    exact = {name: total * size / everything if everything else 0.0 for name, size in sizes.items()}
    given = {name: min(math.floor(share), sizes[name]) for name, share in exact.items()}
    order = sorted(sizes, key=lambda name: (given[name] > 0, given[name] - exact[name]))
    while sum(given.values()) < total:
        for name in order:
            if sum(given.values()) < total and given[name] < sizes[name]:
                given[name] += 1
    return given


def _with_more(strata: Sequence[Stratum], more: int) -> list[Stratum]:
    """The strata after ``more`` calls, misses found at the rate seen so far."""
    added = spread({s.name: s.calls - s.heard for s in strata}, more)
    total = sum(s.heard for s in strata)
    common = sum(s.missed for s in strata) / total if total else 0.0
    return [_grown(s, added[s.name], s.missed / s.heard if s.heard else common) for s in strata]


def _grown(stratum: Stratum, more: int, rate: float) -> Stratum:
    heard = stratum.heard + more
    return Stratum(stratum.name, stratum.calls, heard, min(heard, round(stratum.missed + more * rate)))
