"""What happens when results are stored and batches end: others are told."""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from ..errors import UsageError
from ..settings import Settings
from ..store import Store

log = logging.getLogger(__name__)


def after_result(settings: Settings) -> Callable[[Connection, int], Any]:
    """Called in the transaction that stores a result, so that an announcement is written with it or not."""
    if settings.notify is None:
        return lambda _connection, _recording: 0
    from ..notify.events import announce_result

    told: set[str] = set()

    def announce(connection: Connection, recording: int) -> int:
        try:
            return announce_result(connection, recording)
        except UsageError as error:  # a file that was damaged since; results do not wait for its repair
            if str(error) not in told:
                told.add(str(error))
                log.error("nobody is told of flags: %s", error)
            return 0

    return announce


def after_batch(store: Store, settings: Settings, batch_id: int) -> None:
    """Called when a batch's account is written."""
    if settings.notify is not None:
        from ..notify.events import announce_batch

        try:
            announce_batch(store, batch_id)
        except UsageError as error:
            log.error("nobody is told of batch %d: %s", batch_id, error)
