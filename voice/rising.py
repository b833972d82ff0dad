"""What is new or growing: how many calls hold a term, held against the weeks before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import betabinom, norm

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PRIOR_CALLS = 50.0
"""Weight of the prior in calls: a term of one call in the weeks before is no reason for surprise."""
_PRIOR_DAYS = 30.0
"""Weight, in days, of the common dispersion against a term's own."""
_LEAST_CHANCE = 1e-300
LEAST_CALLS = 5
FALSE_SHARE = 0.05
"""Of the terms shown as rising, at most this share are expected to be chance (Benjamini–Hochberg)."""
ALARM = 0.0001
"""Chance that a whole list without any rise raises one alarm (Holm)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many calls each of ``terms`` occurs: ``now`` (terms,) of ``calls_now`` calls; ``before``
    (days, terms) of ``calls_before`` (days,) calls. A call counts once, however often it says the term.
    """

    terms: Sequence[str]
    now: Ints
    calls_now: int
    before: Ints
    calls_before: Ints

    def __post_init__(self) -> None:
        days, terms = self.before.shape
        if terms != len(self.terms) or self.now.shape != (terms,) or self.calls_before.shape != (days,):
            raise ValueError("counts of terms and days do not belong together")


@dataclass(frozen=True, slots=True)
class Rise:
    """One term that occurs more often than before.

    ``expected`` calls would hold it if nothing had changed; ``chance`` is the probability of so many calls
    without a change, ``strength`` the same as a z-score, ``log_odds`` the size of the change; ``is_real``
    when few of its like among all terms are chance, ``is_alarm`` when it stands out of the whole list by
    itself.
    """

    term: str
    calls: int
    expected: float
    strength: float
    chance: float
    log_odds: float
    is_real: bool
    is_alarm: bool

    @property
    def ratio(self) -> float:
        return self.calls / self.expected if self.expected else float("inf")


def rising(
    counts: Counts, *, least_calls: int = LEAST_CALLS, false_share: float = FALSE_SHARE, alarm: float = ALARM
) -> list[Rise]:
    """Terms in more calls than before, strongest first; ``is_real`` tells those that chance does not explain.

    Chance is the tail of a beta-binomial whose variance holds the dispersion from day to day and the
    uncertainty of the days before. The size of the change is the log-odds ratio with an informative prior
    (B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", 2008), over calls instead of words; it also decides
    between terms whose chance is too small to tell apart.
    """
    total = int(counts.calls_before.sum())
    if not counts.calls_now or not total or not len(counts.terms):
        return []
    past = counts.before.sum(axis=0)
    spread = dispersion(counts.before, counts.calls_before)
    size = log_odds(counts.now, counts.calls_now, past, total)
    chance = tail(counts.now, counts.calls_now, past, total, spread)
    strength = norm.isf(np.maximum(chance, _LEAST_CHANCE))
    real = _benjamini_hochberg(chance, false_share)
    alarms = _holm(chance, alarm)
    expected = past / total * counts.calls_now
    shown = (counts.now >= least_calls) & (strength > 0)
    order = [i for i in np.lexsort((-size, -strength)) if shown[i]]
    return [
        Rise(
            counts.terms[i],
            int(counts.now[i]),
            float(expected[i]),
            float(strength[i]),
            float(chance[i]),
            float(size[i]),
            bool(real[i]),
            bool(alarms[i]),
        )
        for i in order
    ]


def log_odds(now: Ints, calls_now: int, past: Ints, calls_past: int) -> Floats:
    """Log-odds ratios (terms,) of a call holding a term, now against before; 0 is no change."""
    share = (now + past + 0.5) / (calls_now + calls_past + 1)
    a, b = share * _PRIOR_CALLS, (1 - share) * _PRIOR_CALLS
    ones, others = now + a, past + a
    difference = np.log(ones / (calls_now - now + b)) - np.log(others / (calls_past - past + b))
    return np.asarray(difference, dtype=np.float64)


def dispersion(before: Ints, calls: Ints) -> Floats:
    """How much more (terms,) counts vary from day to day than chance alone would let them; at least 1.

    Pearson's chi-square over its degrees of freedom, drawn towards what all terms have in common, as few days
    tell little about one term: days change rates by a factor, so that the excess grows with the count.
    """
    seen = calls > 0
    free = int(seen.sum()) - 1
    if free < 1:
        return np.ones(before.shape[1])
    share = (before.sum(axis=0) + 0.5) / (calls.sum() + 1)
    expected = np.outer(calls[seen], share)
    squares = ((before[seen] - expected) ** 2 / (expected * (1 - share))).sum(axis=0)
    mean = expected.mean(axis=0)
    often = mean >= 1
    excess = float((squares - free)[often].sum() / (free * mean[often].sum())) if often.any() else 0.0
    common = 1 + max(0.0, excess) * mean
    drawn = (squares + common * _PRIOR_DAYS) / (free + _PRIOR_DAYS)
    return np.asarray(np.maximum(common, np.where(often, drawn, common)), dtype=np.float64)


def tail(now: Ints, calls_now: int, past: Ints, calls_past: int, spread: Floats) -> Floats:
    """Probability (terms,) of at least ``now`` calls if nothing had changed."""
    share = (past + 0.5) / (calls_past + 1)
    if calls_now == 1:
        return np.where(now > 0, share, 1.0)
    inflation = spread * (1 + calls_now / calls_past)
    alike = np.clip((inflation - 1) / (calls_now - 1), 1e-9, 0.5)
    a, b = share * (1 - alike) / alike, (1 - share) * (1 - alike) / alike
    found = betabinom.sf(now - 1, calls_now, a, b)
    return np.asarray(np.clip(np.nan_to_num(found, nan=1.0), 0.0, 1.0), dtype=np.float64)


def _benjamini_hochberg(chance: Floats, share: float) -> npt.NDArray[np.bool_]:
    order = np.argsort(chance)
    limits = share * np.arange(1, len(chance) + 1) / len(chance)
    passed = np.flatnonzero(chance[order] <= limits)
    found = np.zeros(len(chance), dtype=bool)
    if len(passed):
        found[order[: passed[-1] + 1]] = True
    return found


def _holm(chance: Floats, level: float) -> npt.NDArray[np.bool_]:
    order = np.argsort(chance)
    limits = level / np.arange(len(chance), 0, -1)
    failed = np.flatnonzero(chance[order] > limits)
    found = np.zeros(len(chance), dtype=bool)
    found[order[: failed[0] if len(failed) else len(chance)]] = True
    return found
