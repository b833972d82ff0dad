"""Lists of calls with a name: what a search found, to be worked through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import UsageError
from .database import Store
from .review_tables import review_list, review_list_call
from .tables import now

_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list, how many calls it has, and how many of them somebody was through with."""

    id: int
    name: str
    query: str
    made_by: str
    made_at: datetime
    calls: int
    done: int


def save_list(store: Store, name: str, places: Iterable[tuple[int, float]], *, query: str, by: str) -> int:
    """Keep calls, each with the second to hear, under a name; returns the list's number.

    Of a call that comes more than once the first place counts. Raises UsageError when the name is taken.
    """
    row = {"name": name.strip(), "query": query, "made_by": by, "made_at": now()}
    if not row["name"]:
        raise UsageError("the list needs a name")
    try:
        with store.write() as connection:
            made = connection.execute(
                review_list.insert().values(row).returning(review_list.c.id)
            ).scalar_one()
            members = [
                {"list_id": made, "recording_id": one, "start": at} for one, at in _first_places(places)
            ]
            for start in range(0, len(members), _BLOCK):
                connection.execute(review_list_call.insert(), members[start : start + _BLOCK])
    except Exception as error:
        if isinstance(error.__cause__, IntegrityError):
            raise UsageError(f"there is a list named {row['name']} already; choose another name") from error
        raise
    return int(made)


def lists(store: Store) -> list[ListRow]:
    """All lists, newest first."""
    c, member = review_list.c, review_list_call.c
    counts = func.count(member.recording_id), func.count(member.done_at)
    query = (
        select(c.id, c.name, c.query, c.made_by, c.made_at, *counts)
        .outerjoin(review_list_call, member.list_id == c.id)
        .group_by(c.id, c.name, c.query, c.made_by, c.made_at)
        .order_by(c.id.desc())
    )
    with store.read() as connection:
        return [ListRow(*row) for row in connection.execute(query)]


def place_in_list(store: Store, list_id: int, recording_id: int) -> float | None:
    """The second of the call that the list is about; None when it is not in the list."""
    c = review_list_call.c
    query = select(c.start).where(c.list_id == list_id, c.recording_id == recording_id)
    with store.read() as connection:
        found: float | None = connection.execute(query).scalar()
        return found


def places_of(store: Store, list_id: int) -> list[tuple[int, float]]:
    """The calls of a list, each with the second it is about, in order of number."""
    c = review_list_call.c
    query = select(c.recording_id, c.start).where(c.list_id == list_id).order_by(c.recording_id)
    with store.read() as connection:
        return [(number, start) for number, start in connection.execute(query)]


def mark_done(store: Store, list_id: int, recording_id: int, *, by: str) -> None:
    """Note that somebody is through with a call of a list; the first one counts."""
    c = review_list_call.c
    row = (c.list_id == list_id) & (c.recording_id == recording_id) & c.done_at.is_(None)
    with store.write() as connection:
        connection.execute(update(review_list_call).where(row).values(done_at=now(), done_by=by))


def _first_places(places: Iterable[tuple[int, float]]) -> Iterable[tuple[int, float]]:
    first: dict[int, float] = {}
    for recording_id, start in places:
        first.setdefault(recording_id, start)
    return first.items()
