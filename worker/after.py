"""What happens when results are stored and batches end: others are told."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from ..settings import Settings
from ..store import Store


def after_result(settings: Settings) -> Callable[[Connection, int], Any]:
    """Called in the transaction that stores a result, so that an announcement is written with it or not."""
    if settings.notify is None:
        return lambda _connection, _recording: 0
    from ..notify.events import announce_result

    return announce_result


def after_batch(store: Store, settings: Settings, batch_id: int) -> None:
    """Called when a batch's account is written."""
    if settings.notify is not None:
        from ..notify.events import announce_batch

        announce_batch(store, batch_id)
