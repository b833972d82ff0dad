"""Words and short phrases of customers, counted by call."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
import rjieba

from ..store.database import Store
from ..store.terms import (
    DayState,
    counted,
    customer_lines,
    day_states,
    save_counts,
    term_counts,
)
from .rising import Counts

LEAST_CALLS = 2
"""A term of a single call of a day is not kept: most of them are names and mistakes of hearing."""
LONGEST = 8
"""Characters of a phrase."""
Progress = Callable[[date], None]


@cache
def stopwords() -> frozenset[str]:
    """Words that tell nothing of what a call is about."""
    text = (files("callqa.voice") / "data" / "stopwords.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def terms_of(text: str) -> Iterator[str]:
    """Content words of ``text``, and each two of them that stand side by side, as one phrase."""
    before = ""
    for token in rjieba.cut(text):
        tells = _tells(token)
        if tells:
            yield token
        if tells and before and len(before) + len(token) <= LONGEST:
            yield before + token
        before = token if tells else ""


def _tells(token: str) -> bool:
    return len(token) >= 2 and "一" <= token[0] <= "鿿" and token not in stopwords()


def count_terms(calls: Iterable[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Term → calls that hold it, of terms in LEAST_CALLS calls or more."""
    counts: Counter[str] = Counter()
    for _, lines in calls:
        counts.update({term for line in lines for term in terms_of(line)})
    return {term: calls for term, calls in counts.items() if calls >= LEAST_CALLS}


def count_days(store: Store, since: date, until: date, told: Progress = lambda day: None) -> list[DayState]:
    """Count the days of the period that are not counted yet or have changed since; returns all its days."""
    known = counted(store, since, until)
    states = day_states(store, since, until)
    for state in states:
        if state != known.get(state.day):
            save_counts(store, state, count_terms(customer_lines(store, state.day)))
            told(state.day)
    return states


def counts_of(store: Store, day: date, weeks: int = 4, least: int = 5) -> Counts | None:
    """What it takes to say what rises on ``day`` against the ``weeks`` before; None without calls on both."""
    states = {state.day: state for state in count_days(store, day - timedelta(weeks=weeks), day)}
    today = states.pop(day, None)
    if today is None or not states:
        return None
    days = sorted(states)
    by_day = term_counts(store, [*days, day], least)
    terms = sorted({term for found in by_day.values() for term in found})
    now = np.array([by_day[day].get(term, 0) for term in terms], dtype=np.int64)
    before = np.array([[by_day[one].get(term, 0) for term in terms] for one in days], dtype=np.int64)
    sizes = np.array([states[one].calls for one in days], dtype=np.int64)
    return Counts(terms, now, today.calls, before.reshape(len(days), len(terms)), sizes)
