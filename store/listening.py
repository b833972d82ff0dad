"""Calls that managers are to hear (亲听), what they noted, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from ..errors import UsageError
from .database import Store
from .recordings import recording
from .tables import now
from .voice_tables import listening_action, listening_item, listening_list

ACTION_STATES = ("open", "done", "dropped")


@dataclass(frozen=True, slots=True)
class ListeningRow:
    """A list for one listener; ``how`` is curated or drawn."""

    id: int
    title: str
    prompt: str
    listener: str
    how: str
    due: date | None
    made_by: str
    made_at: datetime
    calls: int = 0
    heard: int = 0
    open_actions: int = 0


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A call of a list: hear it from ``start`` seconds (to ``end``, or to its end)."""

    id: int
    list_id: int
    recording_id: int
    position: int
    start: float
    end: float | None
    note: str
    heard_by: str | None
    heard_at: datetime | None
    name: str
    day: date
    agent: str | None


@dataclass(frozen=True, slots=True)
class ActionRow:
    id: int
    item_id: int
    second: float
    text: str
    owner: str
    due: date | None
    state: str
    outcome: str
    made_by: str
    made_at: datetime
    closed_at: datetime | None
    recording_id: int


_OF_ITEM = ("id", "list_id", "recording_id", "position", "start", "end", "note", "heard_by", "heard_at")
_OF_ACTION = (
    "id", "item_id", "second", "text", "owner", "due", "state", "outcome", "made_by", "made_at", "closed_at",
)  # fmt: skip


def save_listening(
    store: Store, row: Mapping[str, Any], places: Sequence[tuple[int, float, float | None]]
) -> int:
    """Store a list with its calls, each as (recording, start, end); returns its id."""
    if not places:
        raise UsageError("a listening list needs calls")
    with store.write() as connection:
        made = connection.execute(
            listening_list.insert().values({"made_at": now()} | dict(row)).returning(listening_list.c.id)
        ).scalar_one()
        items = [
            {"list_id": made, "recording_id": one, "position": n, "start": start, "end": end, "note": ""}
            for n, (one, start, end) in enumerate(places)
        ]
        connection.execute(listening_item.insert(), items)
    return int(made)


def listening_lists(store: Store, listener: str | None = None) -> list[ListeningRow]:
    """Lists (of one listener), newest first, with how far they are."""
    c, item, action = listening_list.c, listening_item.c, listening_action.c
    names = [
        name for name in ListeningRow.__dataclass_fields__ if name not in ("calls", "heard", "open_actions")
    ]
    calls = select(func.count()).where(item.list_id == c.id).scalar_subquery()
    heard = select(func.count(item.heard_at)).where(item.list_id == c.id).scalar_subquery()
    undone = (
        select(func.count())
        .select_from(listening_action.join(listening_item, action.item_id == item.id))
        .where(item.list_id == c.id, action.state == "open")
        .scalar_subquery()
    )
    query = select(*(c[name] for name in names), calls, heard, undone).order_by(c.id.desc())
    if listener is not None:
        query = query.where(c.listener == listener)
    with store.read() as connection:
        return [ListeningRow(*row) for row in connection.execute(query)]


def items_of_list(store: Store, list_id: int) -> list[ItemRow]:
    """The calls of a list in their order."""
    c, r = listening_item.c, recording.c
    query = (
        select(*(c[name] for name in _OF_ITEM), r.name, r.day, r.agent)
        .join(recording, r.id == c.recording_id)
        .where(c.list_id == list_id)
        .order_by(c.position)
    )
    with store.read() as connection:
        return [ItemRow(**row._asdict()) for row in connection.execute(query)]


def note_item(store: Store, item_id: int, *, by: str, note: str) -> None:
    """Keep what the listener noted; the call counts as heard from then on."""
    change = {"note": note, "heard_by": by, "heard_at": now()}
    with store.write() as connection:
        done = connection.execute(update(listening_item).where(listening_item.c.id == item_id).values(change))
        if not done.rowcount:
            raise UsageError("this call is not on a listening list any more")


def add_action(
    store: Store, item_id: int, second: float, text: str, *, by: str, owner: str = "", due: date | None = None
) -> int:
    """Ask for something to be done about one second of a call; returns the action's id."""
    if not text.strip():
        raise UsageError("say what is to be done")
    row = {
        "item_id": item_id, "second": second, "text": text.strip(), "owner": owner, "due": due,
        "state": "open", "outcome": "", "made_by": by, "made_at": now(),
    }  # fmt: skip
    with store.write() as connection:
        made = connection.execute(listening_action.insert().values(row).returning(listening_action.c.id))
        return int(made.scalar_one())


def close_action(store: Store, action_id: int, *, state: str, outcome: str) -> None:
    """Say what became of an action; it needs words, and can be said once."""
    if state not in ("done", "dropped") or not outcome.strip():
        raise UsageError("an action is closed as done or dropped, with its outcome")
    c = listening_action.c
    change = {"state": state, "outcome": outcome.strip(), "closed_at": now()}
    still = (c.id == action_id) & (c.state == "open")
    with store.write() as connection:
        if not connection.execute(update(listening_action).where(still).values(change)).rowcount:
            raise UsageError("this action is closed already")


def actions(store: Store, *, list_id: int | None = None, state: str | None = None) -> list[ActionRow]:
    """Actions that fit, the nearest due first."""
    c, item = listening_action.c, listening_item.c
    query = (
        select(*(c[name] for name in _OF_ACTION), item.recording_id)
        .join(listening_item, item.id == c.item_id)
        .order_by(c.due.is_(None), c.due, c.id)
    )
    if list_id is not None:
        query = query.where(item.list_id == list_id)
    if state is not None:
        query = query.where(c.state == state)
    with store.read() as connection:
        return [ActionRow(**row._asdict()) for row in connection.execute(query)]
