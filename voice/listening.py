"""Listening lists for managers: chosen by a person, or drawn so that they hear trouble and the usual."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from ..errors import UsageError
from ..review.sampling import Plan, draw
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.listening import save_listening
from ..store.review_lists import places_of
from ..store.review_queries import first_flags
from ..store.sampling import candidates

BEFORE = 3.0
"""Seconds that a list begins before what is to be heard."""


def curate(
    store: Store,
    title: str,
    places: Sequence[tuple[int, float]],
    *,
    listener: str,
    by: str,
    prompt: str = "",
    due: date | None = None,
) -> int:
    """A list of calls that a person chose, each with the second to hear; returns its id."""
    row = _row(title, listener, by, prompt, due, "curated")
    return save_listening(store, row, [(one, max(0.0, at - BEFORE), None) for one, at in places])


def curate_list(store: Store, title: str, list_id: int, **about: Any) -> int:
    """The calls of a kept list (of a search, a digest, a sample), each from the second it is about."""
    return curate(store, title, places_of(store, list_id), **about)


def draw_list(
    store: Store,
    title: str,
    filter: CallFilter,
    size: int,
    *,
    listener: str,
    by: str,
    seed: int = 0,
    prompt: str = "",
    due: date | None = None,
) -> int:
    """A drawn list, half of it by risk and half at random; each call begins at its gravest flag.

    Returns its id; raises UsageError when no call fits.
    """
    found = candidates(store, filter)
    risky = draw(found, Plan("risk", (size + 1) // 2, seed)) if found else []
    rest = [c for c in found if c.id not in set(risky)]
    usual = draw(rest, Plan("random", size - len(risky), seed)) if rest and size > len(risky) else []
    chosen = [*risky, *usual]
    if not chosen:
        raise UsageError("no call fits: loosen the filter")
    starts = first_flags(store, chosen)
    places = [(one, max(0.0, starts.get(one, 0.0) - BEFORE), None) for one in chosen]
    return save_listening(store, _row(title, listener, by, prompt, due, "drawn"), places)


def _row(title: str, listener: str, by: str, prompt: str, due: date | None, how: str) -> dict[str, object]:
    if not title.strip() or not listener.strip():
        raise UsageError("a listening list needs a title and a listener")
    return {
        "title": title.strip(), "listener": listener.strip(), "made_by": by, "how": how,
        "prompt": prompt.strip(), "due": due,
    }  # fmt: skip
