"""The time all hosts agree on: the database's own."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, DateTime, func, select

from .tables import now


def clock(connection: Connection) -> datetime:
    """The server's time on PostgreSQL, since the clocks of hosts differ; SQLite is on this machine."""
    moment = stamp(connection)
    if isinstance(moment, datetime):
        return moment
    found: datetime = connection.execute(select(moment)).scalar_one()
    return found


def stamp(connection: Connection) -> datetime | ColumnElement[datetime]:
    """The same as a value to store, without asking the server first."""
    if connection.dialect.name != "postgresql":
        return now()
    return func.clock_timestamp(type_=DateTime(timezone=True))


def in_zone(moment: datetime) -> datetime:
    """A time as the database gave it; SQLite leaves its zone away, which is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
