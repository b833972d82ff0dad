"""Decodes the next recordings while the recogniser is busy with this one."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..store import Claimed
from .process import Heard, Known, Loaded
from .queue import KINDS, Queue

MOST_SECONDS = 3600.0
"""No more sound than this is held decoded; an hour in two channels is 460 MB."""
IDLE_SECONDS = 0.5
STORAGE_PAUSE = 5.0
"""Doubled while storage stays away, up to twelve times: no use in going through the whole queue."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A recording that could not be decoded, or an error nobody foresaw."""

    claimed: Claimed
    error: Exception


Ready = Loaded | Heard | Known | Unusable


class Lookahead:
    """Claims and loads recordings in a thread of its own; ``take`` hands them over in that order.

    A recording that a worker has died on before is taken only when no other is held, and then alone, so
    that it cannot drag others down with it.
    """

    def __init__(
        self,
        queue: Queue,
        worker: str,
        load: Callable[[Claimed], Loaded | Heard | Known],
        *,
        most: int = 4,
        kinds: Callable[[], Sequence[str]] = lambda: KINDS,
        storage_pause: float = STORAGE_PAUSE,
    ) -> None:
        """``most`` recordings are held ready, beside those in hand; ``kinds`` says what may be claimed."""
        self._queue, self._worker, self._load, self._most = queue, worker, load, most
        self._kinds = kinds
        self._storage_pause = 0.0
        self._first_pause = storage_pause
        self._changed = threading.Condition()
        self._held: dict[tuple[int, int | None], Claimed] = {}
        self._ready: deque[Ready] = deque()
        self._stopped = False
        self._empty = False
        self._broken: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="lookahead", daemon=True)
        self._thread.start()

    def take(self, most: int, timeout: float) -> list[Ready]:
        """Up to ``most`` recordings that are ready; none when none came within ``timeout`` seconds.

        Only for the first one it waits, so that a slow decoder never holds up the recogniser.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._broken, timeout)
            if self._broken:
                raise self._broken
            taken = [self._ready.popleft() for _ in range(min(most, len(self._ready)))]
            self._changed.notify_all()
            return taken

    @property
    def idle(self) -> bool:
        """Whether nothing is held and the queue was empty when last asked."""
        with self._changed:
            return self._empty and not self._held

    @property
    def waiting(self) -> int:
        """How many are ready."""
        with self._changed:
            return len(self._ready)

    def done(self, key: tuple[int, int | None]) -> None:
        """That claim is stored; room for another."""
        with self._changed:
            self._held.pop(key, None)
            self._changed.notify_all()

    def stop(self) -> list[int]:
        """Claim no more; returns the ids still held, to be given back."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()
        return [claimed.id for claimed in self._held.values()]

    def _run(self) -> None:
        try:
            while self._wait_for_room():
                claimed = self._claim()
                if claimed is not None:
                    self._put(self._loaded(claimed))
        except Exception as error:  # handed to whoever waits in take()
            with self._changed:
                self._broken = error
                self._changed.notify_all()

    def _wait_for_room(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._has_room())
            return not self._stopped

    def _has_room(self) -> bool:
        if any(claimed.attempts > 1 for claimed in self._held.values()):
            return False
        seconds = sum(item.audio.seconds for item in self._ready if isinstance(item, Loaded))
        return len(self._ready) < self._most and seconds < MOST_SECONDS

    def _claim(self) -> Claimed | None:
        with self._changed:
            holds_others = bool(self._held)
        claimed = self._queue.claim(self._worker, first_try_only=holds_others, kinds=self._kinds())
        with self._changed:
            self._empty = claimed is None and not holds_others
            if claimed is not None:
                self._held[claimed.key] = claimed
            else:
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopped, IDLE_SECONDS)
        return claimed

    def _loaded(self, claimed: Claimed) -> Ready:
        try:
            ready = self._load(claimed)
        except OSError as error:
            self._wait_for_storage()
            return Unusable(claimed, error)
        except Exception as error:  # told apart where it is stored
            return Unusable(claimed, error)
        self._storage_pause = 0.0
        return ready

    def _wait_for_storage(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, self._storage_pause)
        self._storage_pause = min(12 * self._first_pause, 2 * self._storage_pause or self._first_pause)

    def _put(self, item: Ready) -> None:
        with self._changed:
            self._ready.append(item)
            self._changed.notify_all()
