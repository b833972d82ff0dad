"""Opening the database: SQLite in WAL mode, or PostgreSQL; migrated to this program's tables."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ..errors import StoreError, UsageError
from . import rollups
from .scope import EVERYTHING, Scope, apply_scope

REVISION = "0007"
"""The newest migration; a database that has it opens without starting Alembic."""
BUSY_SECONDS = 60
_MIGRATION_LOCK = 0x63616C6C7161
"""Any number that only callqa's migrations take."""


@dataclass(frozen=True)
class Store:
    """A handle to the database; safe to share between threads, not between processes.

    With a ``scope`` that limits, calls outside it are not there, for reading and for writing.
    """

    engine: Engine
    scope: Scope = EVERYTHING

    def within(self, scope: Scope) -> "Store":
        """The same database, limited to the calls in ``scope``."""
        return replace(self, scope=scope)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database."""
        with _translated(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield self._limited(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is stored at the end, or nothing."""
        with _translated(), self.engine.connect() as connection:
            writing = self._limited(connection.execution_options(callqa_write=True))
            with writing.begin():
                yield writing

    def _limited(self, connection: Connection) -> Connection:
        if not self.scope.limits:
            return connection
        return connection.execution_options(callqa_scope=self.scope)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def writing(store: Store | Connection) -> Iterator[Connection]:
    """A transaction of its own on a store; within that of a connection, its caller's."""
    if isinstance(store, Connection):
        yield store
        return
    with store.write() as connection:
        yield connection


def open_store(url: str) -> Store:
    """Open (and where needed create or migrate) the database at the SQLAlchemy ``url``.

    Raises StoreError when it cannot be reached or was written by a newer callqa, UsageError when the
    URL makes no sense.
    """
    engine = _engine(url)
    event.listen(engine, "before_execute", apply_scope, retval=True)
    with _translated():
        upgrade(engine)
    return Store(engine)


def is_there(url: str) -> bool:
    """Whether there is a database to open; for a server this is only known when it is opened."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return True  # opening it says what is wrong with it
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return not file or Path(file).is_file()


def upgrade(engine: Engine) -> None:
    """Bring the tables up to this program's; nothing happens when they are."""
    with engine.connect() as connection:
        if _revision(connection) == REVISION:
            return
    with engine.connect() as connection:
        writing = connection.execution_options(callqa_write=True)
        with writing.begin():
            if writing.dialect.name == "postgresql":  # two hosts that begin at once: one migrates
                writing.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            if _revision(writing) != REVISION:
                migrate(writing)


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to ``revision`` within the connection's transaction."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    here = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if here is not None and here not in known:
        raise StoreError(
            f"the database was written by a newer callqa (its tables are at {here}, this program knows "
            f"them up to {REVISION}); update callqa, or name another database"
        )
    command.upgrade(config, revision)
    rollups.install(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+pg8000")
        return create_engine(parsed, json_serializer=_to_json, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(f"not a database URL: {url!r} ({error}); write sqlite:///FILE") from error
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the driver of this database is not installed ({error}): pip install 'callqa[postgres]'"
        ) from error


def _sqlite(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder of the database {file}: {error}") from error
    engine = create_engine(url, json_serializer=_to_json, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(raw: Any, _record: object) -> None:
    # Python's own implicit BEGIN comes too late to give a reader one snapshot or a writer the lock.
    raw.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes fails at once when another wrote in between;
    # one that takes the lock first waits its turn.
    writes = connection.get_execution_options().get("callqa_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database cannot be used: {error.orig}") from error


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT; the databases spell it alike, SQLAlchemy keeps them apart."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
