"""Published rulebooks: numbered, never changed, each with the days it holds for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select, text

from . import rulebook_tables as tables
from .database import Store
from .rulebooks import rulebook
from .tables import columns_of, now

publication = columns_of(tables.Publication)


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of the rulebook; see rulebook_tables.Publication for the meaning of each field."""

    number: int
    hash: str
    note: str
    author: str
    published_at: datetime
    effective_from: date | None
    effective_until: date | None
    rollback_of: int | None

    @property
    def in_force_since(self) -> date:
        """The day from which it outranks what came into force before: its first day, or its publication's."""
        return self.effective_from or self.published_at.astimezone().date()

    def holds_on(self, day: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_until is None or day <= self.effective_until)


@dataclass(frozen=True, slots=True)
class NewPublication:
    hash: str
    files: bytes
    """The YAML texts, packed."""
    note: str
    author: str
    effective_from: date | None = None
    effective_until: date | None = None
    rollback_of: int | None = None


_COLUMNS = [publication.c[name] for name in Publication.__dataclass_fields__]


def add_publication(
    store: Store,
    new: NewPublication,
    *,
    first: Callable[[Connection, int | None], None],
    then: Callable[[Connection, Publication], None],
) -> Publication:
    """Publish under the next number.

    In the same transaction ``first`` is told the newest number so far, and ``then`` what was published; what
    they raise undoes all.
    """
    with store.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE"))
        newest: int | None = connection.execute(select(func.max(publication.c.number))).scalar()
        first(connection, newest)
        row = {name: getattr(new, name) for name in NewPublication.__dataclass_fields__}
        row |= {"number": (newest or 0) + 1, "published_at": now()}
        query = publication.insert().values(row).returning(*_COLUMNS)
        added = _publication(connection.execute(query).one())
        then(connection, added)
        return added


def publications(store: Store) -> tuple[Publication, ...]:
    """All versions, newest first."""
    with store.read() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(publication.c.number.desc()))
        return tuple(_publication(row) for row in rows)


def publication_files(store: Store, number: int) -> bytes | None:
    """The packed YAML texts of a version; None when there is none of that number."""
    with store.read() as connection:
        query = select(publication.c.files).where(publication.c.number == number)
        found = connection.execute(query).scalar_one_or_none()
        return None if found is None else bytes(found)


def published_contents(store: Store) -> list[bytes]:
    """The content of every rulebook that was ever published, each once."""
    query = select(rulebook.c.content).where(rulebook.c.hash.in_(select(publication.c.hash)))
    with store.read() as connection:
        return [bytes(content) for content in connection.execute(query).scalars()]


def _publication(row: tuple[object, ...]) -> Publication:
    values = dict(zip(Publication.__dataclass_fields__, row, strict=True))
    return Publication(**values)  # type: ignore[arg-type]
