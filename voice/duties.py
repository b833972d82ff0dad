"""What is done by the clock, whoever looks: overdue cases go upwards, announcements and digests leave."""

import logging
import threading
import time
from datetime import date
from email.message import EmailMessage

from ..errors import CallqaError
from ..notify.config import Mail
from ..notify.deliver import Delivered, deliver_due
from ..store.announcements import Waiting
from ..store.database import Store
from .cases import escalate_overdue

DELIVER_SECONDS = 5.0
ESCALATE_SECONDS = 300.0
"""Deadlines are days; five minutes after midnight is soon enough."""
_LOG = logging.getLogger(__name__)


def deliver(store: Store) -> Delivered:
    """Deliver all that may leave now, digests included."""
    return deliver_due(store, letter=_letter)


def escalate(store: Store) -> int:
    """Pass cases upwards that are overdue today; returns how many."""
    return len(escalate_overdue(store, date.today()))


def _letter(store: Store, receiver: Mail, waiting: Waiting) -> EmailMessage:
    from .edition import letter  # what makes sound is not loaded before a digest leaves

    return letter(store, receiver, waiting)


class Duties:
    """A thread that does both while a worker or the dashboard runs."""

    def __init__(self, store: Store, every: float = DELIVER_SECONDS) -> None:
        self._store, self._every = store, every
        self._escalated_at = float("-inf")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="callqa-duties", daemon=True)

    def start(self) -> "Duties":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._escalate_now_and_then()
                deliver(self._store)
            except CallqaError as error:  # the database or the file of receivers: it may be back next time
                _LOG.warning("notify: %s", error)

    def _escalate_now_and_then(self) -> None:
        if time.monotonic() - self._escalated_at >= ESCALATE_SECONDS:
            escalate(self._store)
            self._escalated_at = time.monotonic()
