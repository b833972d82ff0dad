"""The queue as the worker sees it: a thin interface, so that another engine can stand behind it."""

from collections.abc import Sequence
from typing import Protocol

from .. import store as db
from ..store import Claimed, Recovered, Store
from .identity import is_dead


class Queue(Protocol):
    """Recordings that wait, and who works on which. Nothing is lost when a worker dies at any moment."""

    def claim(self, worker: str, *, first_try_only: bool = False) -> Claimed | None:
        """Hand out the one that waited longest; with ``first_try_only`` none that a worker died on."""

    def renew(self, worker: str) -> None:
        """Say that the worker lives."""

    def release(self, worker: str, ids: Sequence[int] | None = None) -> None:
        """Give claims (all of the worker's when ``ids`` is None) back, as if never taken."""

    def recover(self, dead: Sequence[str] = ()) -> Recovered:
        """Take back the claims of workers that are gone; quarantine what killed too many of them."""

    def open(self) -> tuple[int, int]:
        """How many recordings wait and how many are worked on."""


class StoreQueue:
    """The queue in callqa's own tables."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, worker: str, *, first_try_only: bool = False) -> Claimed | None:
        return db.claim_next(self._store, worker, first_try_only=first_try_only)

    def renew(self, worker: str) -> None:
        db.renew(self._store, worker)

    def release(self, worker: str, ids: Sequence[int] | None = None) -> None:
        db.release(self._store, worker, ids)

    def recover(self, dead: Sequence[str] = ()) -> Recovered:
        gone = {name for name in db.workers(self._store) if is_dead(name)}
        return db.recover(self._store, sorted(gone.union(dead)))

    def open(self) -> tuple[int, int]:
        return db.open_counts(self._store)
