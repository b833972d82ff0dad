"""Delivers what waits in the outbox; what fails is tried again later and later, and at last given up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from ..errors import CallqaError
from ..settings import get_settings
from ..store.announcements import Waiting, mark_delivered, mark_failed, take_due
from ..store.database import Store
from ..store.tables import now
from .config import Mail, NotifyConfig, Webhook, load_config
from .digest import send, send_digest
from .webhooks import NotDelivered, post

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
MOST_TRIES = 12
"""With the waits above about a day and a half."""
LEASE = timedelta(minutes=5)
"""Longer than a batch takes: nobody else delivers it meanwhile."""
AT_ONCE = 20
Letter = Callable[[Store, Mail, Waiting], EmailMessage]
"""Makes the mail about a published digest (voice.edition.letter)."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round came to, in announcements."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.delivered + other.delivered, self.failed + other.failed, self.given_up + other.given_up
        )


def deliver_due(
    store: Store,
    config: NotifyConfig | None = None,
    at: datetime | None = None,
    *,
    letter: Letter | None = None,
) -> Delivered:
    """Deliver all that may leave now, or at ``at``. Safe to run in several processes at the same time.

    Published digests wait where there is no ``letter`` to make their mails.
    """
    known = load_config(get_settings().notify) if config is None else config
    total = Delivered()
    hooks = [hook.name for hook in known.webhooks]
    while hooks and (taken := take_due(store, hooks, LEASE, AT_ONCE, at)):
        for waiting in taken:
            hook = known.endpoints[waiting.endpoint]
            assert isinstance(hook, Webhook)
            total += _try(store, [waiting], lambda h=hook, w=waiting: post(h, w), at)  # type: ignore[misc]
    for mail in known.mail:
        taken = take_due(store, [mail.name], LEASE, 1000, at)
        if taken:
            total += _try(store, taken, lambda m=mail, t=taken: send_digest(m, t), at)  # type: ignore[misc]
        total += _deliver_digests(store, mail, letter, at) if letter else Delivered()
    return total


def _deliver_digests(store: Store, mail: Mail, letter: Letter, at: datetime | None) -> Delivered:
    total = Delivered()
    for one in take_due(store, [mail.name], LEASE, AT_ONCE, at, digests=True):
        total += _try(store, [one], lambda w=one: send(mail, letter(store, mail, w)), at)  # type: ignore[misc]
    return total


def _try(store: Store, taken: list[Waiting], send: Callable[[], None], at: datetime | None) -> Delivered:
    ids = [one.id for one in taken]
    try:
        send()
    except (NotDelivered, CallqaError) as error:
        tries = max(one.attempts for one in taken) + 1
        final = getattr(error, "final", False) or tries >= MOST_TRIES
        mark_failed(store, ids, str(error), None if final else (at or now()) + wait_after(tries))
        return Delivered(given_up=len(ids)) if final else Delivered(failed=len(ids))
    mark_delivered(store, ids)
    return Delivered(delivered=len(ids))


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries that failed; doubled each time."""
    return min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
