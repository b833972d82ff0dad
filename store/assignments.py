"""Which reviewer is to do which calls."""

from collections.abc import Sequence
from itertools import cycle

from sqlalchemy import case, delete, func, select

from ..errors import UsageError
from .calls import CallFilter, Order, _sorting, where
from .database import Store, insert_into
from .recordings import recording
from .review_tables import assignment
from .tables import Verdict as VerdictTable
from .tables import columns_of, now

_BLOCK = 500
verdict = columns_of(VerdictTable)


def assign(
    store: Store,
    filter: CallFilter,
    reviewers: Sequence[str],
    *,
    by: str,
    order: Order = "worst",
    limit: int | None = None,
) -> dict[str, int]:
    """Share out the first ``limit`` calls of the list, in turn; returns how many each reviewer got.

    A call that was somebody else's changes hands. Raises UsageError without a reviewer.
    """
    names = list(dict.fromkeys(name.strip() for name in reviewers if name.strip()))
    if not names:
        raise UsageError("name at least one reviewer")
    wanted = select(recording.c.id).where(where(filter)).order_by(*_sorting(order)).limit(limit)
    with store.write() as connection:
        ids = connection.execute(wanted).scalars().all()
        rows = [
            {"recording_id": one, "reviewer": name, "assigned_by": by, "assigned_at": now()}
            for one, name in zip(ids, cycle(names))
        ]
        for start in range(0, len(rows), _BLOCK):
            insert = insert_into(connection, assignment).values(rows[start : start + _BLOCK])
            changed = {n: insert.excluded[n] for n in ("reviewer", "assigned_by", "assigned_at")}
            connection.execute(insert.on_conflict_do_update(index_elements=["recording_id"], set_=changed))
    return {name: sum(row["reviewer"] == name for row in rows) for name in names}


def unassign(store: Store, filter: CallFilter) -> int:
    """Take the calls of the list from whoever is to do them; returns how many had somebody."""
    ids = select(recording.c.id).where(where(filter))
    with store.write() as connection:
        return int(connection.execute(delete(assignment).where(assignment.c.recording_id.in_(ids))).rowcount)


def assigned_to(store: Store, recording_ids: Sequence[int]) -> dict[int, str]:
    """Who is to do each of these calls; those of nobody are left out."""
    c = assignment.c
    query = select(c.recording_id, c.reviewer).where(c.recording_id.in_(recording_ids))
    with store.read() as connection:
        return dict(connection.execute(query).all())


def open_by_reviewer(store: Store) -> dict[str, tuple[int, int]]:
    """For each reviewer with assigned calls: calls with an open flag, and all."""
    still_open = func.count(case((recording.c.open_count > 0, 1)))
    query = (
        select(assignment.c.reviewer, still_open, func.count())
        .join(recording, recording.c.id == assignment.c.recording_id)
        .group_by(assignment.c.reviewer)
        .order_by(assignment.c.reviewer)
    )
    with store.read() as connection:
        return {name: (int(left), total) for name, left, total in connection.execute(query)}


def known_reviewers(store: Store) -> list[str]:
    """Everybody who has given a verdict or is to review a call, by name."""
    people = select(verdict.c.reviewer).union(select(assignment.c.reviewer))
    with store.read() as connection:
        return sorted(connection.execute(people).scalars())
