"""Services that work on the queue: who they are, and when each was last heard of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, select, update

from .batch_tables import Host
from .clock import clock, in_zone
from .database import Store, insert_into
from .tables import columns_of

SILENT = timedelta(seconds=60)
"""A service not heard of for so long is taken for dead."""
_KEEP = timedelta(days=30)
host = columns_of(Host)


@dataclass(frozen=True, slots=True)
class Service:
    """One callqa service on one host."""

    service: str
    host: str
    workers: int
    device: str
    version: str
    started_at: datetime
    heartbeat_at: datetime
    is_alive: bool


def announce_service(
    store: Store, service: str, *, host_name: str, workers: int, device: str, version: str
) -> None:
    """Say that a service has begun, or is still there; forgets those gone for a month."""
    with store.write() as connection:
        moment = clock(connection)
        values = {"host": host_name, "workers": workers, "device": device, "version": version}
        insert = insert_into(connection, host)
        row = {"service": service, "started_at": moment, "heartbeat_at": moment, **values}
        again = {**values, "heartbeat_at": moment, "ended_at": None}
        connection.execute(insert.on_conflict_do_update(index_elements=["service"], set_=again), [row])
        connection.execute(delete(host).where(host.c.heartbeat_at < moment - _KEEP))


def end_service(store: Store, service: str) -> None:
    with store.write() as connection:
        change = update(host).where(host.c.service == service)
        connection.execute(change.values(ended_at=clock(connection)))


def services(store: Store) -> tuple[Service, ...]:
    """Services that have not said they ended, by host."""
    with store.read() as connection:
        return _services(connection, select(host))


def services_of(connection: Connection, name: str) -> tuple[Service, ...]:
    """Those of one host."""
    return _services(connection, select(host).where(host.c.host == name))


def _services(connection: Connection, query: Select[Any]) -> tuple[Service, ...]:
    query = query.where(host.c.ended_at.is_(None)).order_by(host.c.host, host.c.started_at)
    moment = clock(connection)
    return tuple(_service(row, moment) for row in connection.execute(query))


def _service(row: Any, moment: datetime) -> Service:
    heard: datetime = row.heartbeat_at
    alive = moment - in_zone(heard) < SILENT
    about = row.service, row.host, row.workers, row.device, row.version
    return Service(*about, row.started_at, heard, alive)
