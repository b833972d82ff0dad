"""How far people who judged the same things agree, beyond what chance alone would give."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

Ratings = Mapping[Hashable, Mapping[str, str]]
"""What was judged → who judged → the answer; not everybody needs to have judged everything."""

_SAY = (
    (0.8, "good"),
    (0.667, "tentative"),
)
"""Krippendorff's advice: rely on alpha from 0.8 on, draw tentative conclusions from 0.667 on."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two people gave different answers to the same thing."""

    unit: Hashable
    answers: tuple[tuple[str, str], ...]
    """(who, answer), by name."""


def krippendorff_alpha(ratings: Ratings) -> float | None:
    """Krippendorff's alpha for nominal answers, any number of judges, gaps allowed; None when undefined.

    1 is full agreement, 0 what chance gives. Undefined where fewer than two answers can be compared, or
    where all answers are the same, since then nothing shows that judges would have told others apart.
    Source: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), coincidence matrix.

    >>> krippendorff_alpha({1: {"a": "x", "b": "x"}, 2: {"a": "y", "b": "y"}})
    1.0
    """
    coincidences: Counter[tuple[str, str]] = Counter()
    for answers in ratings.values():
        values = list(answers.values())
        for pair in permutations(values, 2):
            coincidences[pair] += 1 / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[str] = Counter()
    for (value, _), weight in coincidences.items():
        totals[value] += weight
    n = sum(totals.values())
    expected = n * n - sum(total**2 for total in totals.values())
    if expected <= 1e-12:
        return None
    observed = sum(weight for (one, other), weight in coincidences.items() if one != other)
    return 1 - (n - 1) * observed / expected


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa of two judges over the same things, in the same order; None when undefined.

    Source: J. Cohen, "A coefficient of agreement for nominal scales" (1960).

    >>> cohen_kappa(["x", "y"], ["x", "y"])
    1.0
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} answers cannot be compared with {len(second)}")
    n = len(first)
    if not n:
        return None
    one, other = Counter(first), Counter(second)
    chance = sum(one[value] * other[value] for value in one) / n**2
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    return None if chance >= 1 else (agreed - chance) / (1 - chance)


def pairwise_kappa(ratings: Ratings) -> dict[tuple[str, str], float | None]:
    """Cohen's kappa of every two people, over what both have judged."""
    people = sorted({who for answers in ratings.values() for who in answers})
    pairs = [(a, b) for i, a in enumerate(people) for b in people[i + 1 :]]
    return {(a, b): _kappa_of(ratings, a, b) for a, b in pairs}


def _kappa_of(ratings: Ratings, one: str, other: str) -> float | None:
    both = [answers for answers in ratings.values() if one in answers and other in answers]
    return cohen_kappa([answers[one] for answers in both], [answers[other] for answers in both])


def disagreements(ratings: Ratings) -> list[Disagreement]:
    """What people answered differently: the things to talk about, most divided first."""
    split = [
        Disagreement(unit, tuple(sorted(answers.items())))
        for unit, answers in ratings.items()
        if len(set(answers.values())) > 1
    ]
    return sorted(split, key=lambda found: -_division(found))


def _division(found: Disagreement) -> float:
    """Share of those who did not give the most frequent answer."""
    counts = Counter(answer for _, answer in found.answers)
    return 1 - counts.most_common(1)[0][1] / len(found.answers)


def strength(alpha: float | None) -> str:
    """``good``, ``tentative`` or ``poor`` after Krippendorff; ``unknown`` without a value."""
    if alpha is None:
        return "unknown"
    return next((word for least, word in _SAY if alpha >= least), "poor")
