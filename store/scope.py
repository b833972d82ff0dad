"""The calls a person reaches, put into every statement, whoever wrote it.

A store handle that is limited to a scope adds a condition to each SELECT, UPDATE and DELETE on
recordings and on whatever belongs to one (a table with ``recording_id``, or tied to content by
``sha256``), and on sums by business, team or agent, subqueries included. A call outside the scope is
then not there, by list or by number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Alias, ColumnElement, Connection, Join, TextClause, and_, exists, false, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.sql import visitors

from ..errors import StoreError


@dataclass(frozen=True, slots=True)
class Scope:
    """Calls of any of these businesses, and of any of these teams, and of any of these agents.

    What is empty does not limit.
    """

    businesses: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()

    @property
    def limits(self) -> bool:
        return bool(self.businesses or self.teams or self.agents)

    def holds(self, business: str | None, team: str | None, agent: str | None) -> bool:
        """Whether a call of these lies within."""
        pairs = ((self.businesses, business), (self.teams, team), (self.agents, agent))
        return all(not allowed or value in allowed for allowed, value in pairs)


EVERYTHING = Scope()
ABOUT_NO_CALL = frozenset(
    ("account", "alembic_version", "announcement", "appeal_event", "audit_line", "batch",
     "batch_file", "calibration", "case_event", "counted_day", "digest", "erasure", "host",
     "legal_hold", "listening_action", "listening_list", "miss_audit", "publication", "quality_form",
     "review_list", "rulebook", "rulebook_draft", "sampling_draw", "sign_in", "term_day")
)  # fmt: skip
"""Tables that are not limited: whoever reaches the page that shows them may see all rows. Events of a case or
an appeal and actions of a list are reached through what they belong to, which is limited.
"""
_WHOSE = ("business", "team", "agent")


def limited(statement: Any, scope: Scope) -> Any:
    """``statement`` such that it reads and changes only what lies in ``scope``.

    Raises StoreError for SQL given as text, which cannot be limited.
    """
    if isinstance(statement, TextClause):
        if statement.text.startswith("LOCK TABLE "):
            return statement
        raise StoreError("a statement given as text cannot be limited to the calls of one person")
    visit = {name: _narrower(scope) for name in ("select", "update", "delete")}
    return visitors.cloned_traverse(statement, {}, visit)


def apply_scope(
    connection: Connection, statement: Any, multiparams: Any, params: Any, _options: Any
) -> tuple[Any, Any, Any]:
    """SQLAlchemy's before_execute: limits the statements of a connection that carries a scope."""
    scope = connection.get_execution_options().get("callqa_scope")
    return (limited(statement, scope) if scope else statement), multiparams, params


def _narrower(scope: Scope) -> Any:
    def narrow(statement: Any) -> None:
        tables = list(_tables_of(statement))
        own = [t for t in tables if _name(t) == "recording"]
        conditions = [_within(t, scope) for t in own]
        conditions += [c for t in tables if t not in own and (c := _belongs(t, scope)) is not None]
        statement._where_criteria += tuple(conditions)

    return narrow


def _tables_of(statement: Any) -> Iterator[Any]:
    sources = statement.get_final_froms() if hasattr(statement, "get_final_froms") else [statement.table]
    while sources:
        source = sources.pop()
        if isinstance(source, Join):
            sources += [source.left, source.right]
        elif _name(source):
            yield source


def _name(source: Any) -> str | None:
    """The table that a FROM entry names, also under another name."""
    table = source.element if isinstance(source, Alias) else source
    return str(table.name) if isinstance(table, SqlTable) else None


def _within(table: Any, scope: Scope) -> ColumnElement[bool]:
    """Sums that do not tell what the scope asks for are nobody's: they might hold others' calls."""
    wanted = zip(_WHOSE, (scope.businesses, scope.teams, scope.agents), strict=True)
    asked = [(name, values) for name, values in wanted if values]
    return and_(*(table.c[name].in_(values) if name in table.c else false() for name, values in asked))


def _belongs(table: Any, scope: Scope) -> ColumnElement[bool] | None:
    """The condition that a row's recording lies in scope; None when rows belong to no recording."""
    column = link_of(table)
    if column is None or column in _WHOSE:
        return _within(table, scope) if column else None
    whole: Any = table.element if isinstance(table, Alias) else table
    recording = whole.metadata.tables["recording"].alias()
    same = recording.c["id" if column == "recording_id" else "sha256"] == table.c[column]
    inner = select(recording.c.id).where(same, _within(recording, scope)).correlate(table)
    return exists(inner)


def link_of(table: Any) -> str | None:
    """The column that ties a table's rows to a recording, or tells whose calls they sum up."""
    if _name(table) in ABOUT_NO_CALL:
        return None
    return next((name for name in ("recording_id", "sha256", *_WHOSE) if name in table.c), None)
