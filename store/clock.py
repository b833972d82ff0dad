"""The time all hosts agree on: the database's own."""

from datetime import datetime

from sqlalchemy import Connection, DateTime, func, select

from .tables import now


def clock(connection: Connection) -> datetime:
    """The server's time on PostgreSQL, since the clocks of hosts differ; SQLite is on this machine."""
    if connection.dialect.name != "postgresql":
        return now()
    moment = func.clock_timestamp(type_=DateTime(timezone=True))
    found: datetime = connection.execute(select(moment)).scalar_one()
    return found
