"""The candidate index as a search uses it: always at hand, brought up to date in the background."""

import logging
import threading
import time
from datetime import datetime

from ..review.query import Query
from ..rulebooks.candidates import CandidateIndex
from ..rulebooks.need import ANY
from ..rulebooks.needs import rule_need
from ..settings import Settings
from ..store.database import Store
from ..store.search_rows import changed_since
from ..store.tables import now

_LOG = logging.getLogger(__name__)
FRESH_SECONDS = 120.0
"""The index is looked over no more often; what changed since is searched besides."""
MOST_FRESH = 1000
"""With more changes than that a search waits for the index."""


class SearchIndex:
    """One for each database and process; safe to use from many threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._index = CandidateIndex.of(store, settings)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._made_at = float("-inf")
        self._seen: tuple[datetime | None, int] = (None, 0)
        self.ready = False
        self.parts = 0
        """Files that had to be made so far, while it is being made."""

    def candidates(self, query: Query) -> list[int] | None:
        """Calls that may hold what is looked for, in rising order; None when any may, or nobody knows yet."""
        self.refresh()
        need = rule_need(query.rule)
        if need == ANY or not self.ready:
            return None
        fresh, _ = changed_since(self._store, *self._seen)
        if len(fresh) > MOST_FRESH:
            self.refresh(wait=True, at_once=True)
            fresh, _ = changed_since(self._store, *self._seen)
        try:
            return sorted({*self._index.candidates(need), *fresh})
        except KeyError:  # the index is being replaced at this moment
            return None

    def refresh(self, *, wait: bool = False, at_once: bool = False) -> None:
        """Bring it up to date in the background; with ``wait`` before this returns."""
        with self._lock:
            due = at_once or time.monotonic() - self._made_at > FRESH_SECONDS
            if due and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._sync, daemon=True, name="search index")
                self._thread.start()
            running = self._thread
        if wait and running is not None:
            running.join()

    def _sync(self) -> None:
        self.parts = 0
        try:
            moment = now()
            _, edit = changed_since(self._store, None, 0)
            self._index.sync(self._tick)
            self._seen = (moment, edit)
            self.ready = True
        except Exception:  # a search goes on without it, slower, and it is tried again
            _LOG.exception("the search index could not be brought up to date")
        self._made_at = time.monotonic()

    def _tick(self) -> None:
        self.parts += 1
