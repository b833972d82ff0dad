"""Drafts, published versions and effective dates of rulebooks."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from .tables import Table, now


class Publication(Table, table=True):
    """A rulebook made valid under the next number; never changed.

    ``hash`` is what it says, ``files`` how it was written: its YAML texts, packed.
    """

    __table_args__ = (Index("ix_publication_hash", "hash"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(foreign_key="rulebook.hash")
    files: bytes
    note: str
    author: str
    published_at: datetime = Field(default_factory=now)
    effective_from: date | None = None
    """First day of calls it holds for; None: all days."""
    effective_until: date | None = None
    """Last day, included; None: without end."""
    rollback_of: int | None = None
    """The older version whose content this is."""


class Draft(Table, table=True):
    """Changes to a rulebook that nobody is judged by yet."""

    __tablename__ = "rulebook_draft"

    name: str = Field(primary_key=True)
    author: str
    base: int | None = None
    """The version it began from; None: the shipped rulebook or a folder."""
    base_files: bytes
    """The YAML texts it began from, packed."""
    changes: dict[str, str | None] = Field(default_factory=dict, sa_type=JSON)
    """Changed texts by path; None where the file is taken out."""
    note: str = ""
    revision: int = 1
    """Grows with every change, so that nobody overwrites what he has not seen."""
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    updated_by: str
