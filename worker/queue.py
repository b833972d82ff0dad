"""The queue as the worker sees it: a thin interface, so that another engine can stand behind it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from ..store import Claimed, Recovered, Store
from ..store import queue as rows
from ..store.attempts import Step
from ..store.ends import Also, End, save_ends
from .identity import host_name, is_dead
from .patience import Patience

KINDS = ("recording", "retranscribe", "reinspect")


class Queue(Protocol):
    """Recordings that wait, and who works on which. Nothing is lost when a worker dies at any moment."""

    def claim(
        self, worker: str, *, first_try_only: bool = False, kinds: Sequence[str] = KINDS
    ) -> Claimed | None:
        """Hand out the next one; with ``first_try_only`` none that a worker died on."""

    def renew(self, worker: str) -> None:
        """Say that the worker lives."""

    def release(self, worker: str, ids: Sequence[int] | None = None) -> None:
        """Give claims (all of the worker's when ``ids`` is None) back, as if never taken."""

    def postpone(
        self, worker: str, claimed: Claimed, delay: timedelta, detail: str, steps: Sequence[Step] = ()
    ) -> bool:
        """Give one back that is not to be taken before ``delay`` is over."""

    def blame(self, worker: str, ids: Sequence[int]) -> None:
        """Say that the worker hangs because of these: twice, and they are quarantined."""

    def finish(self, worker: str, ends: Sequence[End], also: Also) -> list[bool]:
        """Store what became of claims; False for those that are no longer the worker's."""

    def recover(self, dead: Sequence[str] = ()) -> Recovered:
        """Take back the claims of workers that are gone; quarantine what killed too many of them."""

    def open(self) -> tuple[int, int]:
        """How many recordings wait and how many are worked on."""

    def needs_models(self) -> bool:
        """Whether anything waits that must be transcribed."""


class StoreQueue:
    """The queue in callqa's own tables; waits out a database that is locked, full or away."""

    def __init__(
        self,
        store: Store,
        patience: Patience | None = None,
        host: str | None = None,
        lease: timedelta = rows.LEASE,
    ) -> None:
        self._store = store
        self._patiently = patience or Patience(0.0)
        self._host = host or host_name()
        self._lease = lease

    def claim(
        self, worker: str, *, first_try_only: bool = False, kinds: Sequence[str] = KINDS
    ) -> Claimed | None:
        def ask() -> list[Claimed]:
            return rows.claim(
                self._store, worker, host=self._host, first_try_only=first_try_only, kinds=kinds
            )

        return next(iter(self._patiently(ask)), None)

    def renew(self, worker: str) -> None:
        rows.renew(self._store, worker)  # asked for again and again anyway

    def release(self, worker: str, ids: Sequence[int] | None = None) -> None:
        self._patiently(lambda: rows.release(self._store, worker, ids))

    def postpone(
        self, worker: str, claimed: Claimed, delay: timedelta, detail: str, steps: Sequence[Step] = ()
    ) -> bool:
        return self._patiently(lambda: rows.postpone(self._store, worker, claimed, delay, detail, steps))

    def blame(self, worker: str, ids: Sequence[int]) -> None:
        rows.blame(self._store, worker, ids, rows.MAX_ATTEMPTS // 2)

    def finish(self, worker: str, ends: Sequence[End], also: Also) -> list[bool]:
        return self._patiently(lambda: save_ends(self._store, worker, ends, also))

    def recover(self, dead: Sequence[str] = ()) -> Recovered:
        def take_back() -> Recovered:
            gone = {name for name in rows.workers(self._store) if is_dead(name)}
            return rows.recover(self._store, sorted(gone.union(dead)), lease=self._lease)

        return self._patiently(take_back)

    def open(self) -> tuple[int, int]:
        return self._patiently(lambda: rows.open_counts(self._store))

    def needs_models(self) -> bool:
        return self._patiently(lambda: rows.needs_models(self._store))
