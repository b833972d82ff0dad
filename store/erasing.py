"""Taking recordings, or parts of them, out of the database, so that nothing is left in its files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, delete, or_, select, update
from sqlalchemy import Table as SqlTable

from .access_tables import LegalHold
from .announcements import announcement
from .batches import batch
from .customers import Alias, forget_customers
from .database import Store
from .packing import pack_results, pack_transcript, unpack_transcript
from .recordings import file, recording
from .results import content, inspection_table, waveform
from .tables import Table, columns_of, now
from .voice_tables import appeal, appeal_event, listening_action, listening_item

hold = columns_of(LegalHold)
SPOKEN = ("utterance", "content", "transcript_edit", "checkpoint", "digest_clip")
"""Tables whose rows are what was said."""
_BLANKED = {"quote": "", "why": "", "comment": "", "text": "", "note": "", "reply": "", "trace": None}
"""Columns that hold a piece of what was said, in whatever table belongs to a recording."""
_STEPS = ((appeal_event, "appeal_id", appeal), (listening_action, "item_id", listening_item))
"""Tables whose text belongs to a recording by way of another: (steps, their column, what they belong to)."""


@dataclass(frozen=True, slots=True)
class Due:
    """A recording of which something is to go."""

    id: int
    sha256: str
    business: str | None
    customer: str | None
    day: date
    names: tuple[str, ...]
    paths: tuple[str, ...]


def find_recordings(
    store: Store,
    *,
    ids: Sequence[int] | None = None,
    customers: Sequence[str] | None = None,
    before: date | None = None,
    business: str | None = None,
    other_than: Sequence[str] = (),
) -> list[Due]:
    """Recordings by number, by customer (any of these), older than a day, of one business or all others."""
    c = recording.c
    wanted: list[ColumnElement[bool]] = []
    if ids is not None:
        wanted.append(c.id.in_(ids))
    if customers is not None:
        wanted.append(c.customer.in_(customers))
    if before is not None:
        wanted.append(c.day < before)
    if business is not None:
        wanted.append(c.business == business)
    if other_than:
        wanted.append(or_(c.business.is_(None), c.business.not_in(other_than)))
    query = select(c.id, c.sha256, c.business, c.customer, c.day).where(*wanted).order_by(c.id)
    with store.read() as connection:
        rows = connection.execute(query).all()
        places = _places(connection, [row.id for row in rows])
    return [Due(*row, *places.get(row.id, ((), ()))) for row in rows]


def _places(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    found: dict[int, tuple[list[str], list[str]]] = {}
    for part in _parts(ids):
        query = select(file.c.recording_id, file.c.name, file.c.path).where(file.c.recording_id.in_(part))
        for number, name, path in connection.execute(query):
            names, paths = found.setdefault(number, ([], []))
            names.append(name)
            paths.append(path)
    return {number: (tuple(names), tuple(paths)) for number, (names, paths) in found.items()}


def held(store: Store, due: Sequence[Due], alias: Alias) -> set[int]:
    """Those of the recordings that a legal hold keeps; ``alias`` finds customers whose number is gone."""
    with store.read() as connection:
        rows = connection.execute(select(hold.c.field, hold.c.value).where(hold.c.lifted_at.is_(None)))
        kept = {(field, value) for field, value in rows}
    kept |= {(field, alias(value)) for field, value in kept if field == "customer"}
    marks = {
        one.id: {("business", one.business), ("customer", one.customer), ("call", one.sha256)} for one in due
    }
    return {number for number, mine in marks.items() if mine & kept}


def erase_recordings(store: Store, due: Sequence[Due]) -> dict[str, int]:
    """Everything about these recordings; returns how many rows went, by table."""
    gone: dict[str, int] = {}
    with store.write() as connection:
        _secure(connection)
        for part in _parts(due):
            ids, hashes = [one.id for one in part], [one.sha256 for one in part]
            for table in _linked("recording_id"):
                _count(gone, connection, table, table.c.recording_id.in_(ids))
            for table in _linked("sha256"):
                _count(gone, connection, table, table.c.sha256.in_(hashes))
            _forget_elsewhere(connection, part)
            connection.execute(delete(recording).where(recording.c.id.in_(ids)))
            gone["recording"] = gone.get("recording", 0) + len(part)
    return gone


def erase_transcripts(store: Store, due: Sequence[Due], alias: Alias) -> int:
    """What was said and by which customer; scores, counts and measures stay.

    A stand-in takes the place of the customer's number, so that the customer's other data are still found and
    can be erased. Returns how many calls had any text or a number.
    """
    count = 0
    with store.write() as connection:
        _secure(connection)
        for part in _parts(due):
            ids, hashes = [one.id for one in part], [one.sha256 for one in part]
            said = select(content.c.recording_id).where(content.c.recording_id.in_(ids))
            told = set(connection.execute(said).scalars())
            count += len(told | forget_customers(connection, ids, alias))
            for column, values in (("recording_id", ids), ("sha256", hashes)):
                for table in _linked(column):
                    mine = table.c[column].in_(values)
                    if table.name in SPOKEN:
                        connection.execute(delete(table).where(mine))
                    elif blank := {name: v for name, v in _BLANKED.items() if name in table.c}:
                        connection.execute(update(table).where(mine).values(blank))
            for steps, column, of in _STEPS:
                theirs = select(of.c.id).where(of.c.recording_id.in_(ids))
                connection.execute(update(steps).where(steps.c[column].in_(theirs)).values(text=""))
            empty = {"results": pack_results(())}
            mine = inspection_table.c.recording_id.in_(ids)
            connection.execute(update(inspection_table).where(mine).values(empty))
    return count


def erase_words(store: Store, due: Sequence[Due]) -> int:
    """The times of single words; the text stays. Returns how many calls had any."""
    count = 0
    with store.write() as connection:
        _secure(connection)
        for one in due:
            mine = content.c.recording_id == one.id
            packed = connection.execute(select(content.c.packed).where(mine)).scalar()
            if packed is None or not any(unpack_transcript(packed).words):
                continue
            connection.execute(update(content).where(mine).values(packed=_without_words(packed)))
            count += 1
    return count


def erase_sound(store: Store, due: Sequence[Due], *, forget_files: bool) -> int:
    """Outlines of the sound, and with ``forget_files`` where it lay. Returns how many outlines there were."""
    count = 0
    with store.write() as connection:
        _secure(connection)
        for part in _parts(due):
            ids = [one.id for one in part]
            count += connection.execute(delete(waveform).where(waveform.c.recording_id.in_(ids))).rowcount
            if forget_files:
                connection.execute(delete(file).where(file.c.recording_id.in_(ids)))
                gone = {"path": recording.c.name}
                connection.execute(update(recording).where(recording.c.id.in_(ids)).values(gone))
    return count


def compact(store: Store) -> None:
    """Write the database's files anew, so that freed pages and the log hold nothing of what was deleted.

    It takes as long as copying the database, and as much room; raises StoreError while others write.
    """
    raw: Any = store.engine.raw_connection()
    try:
        if store.engine.dialect.name == "postgresql":
            _vacuum_postgresql(raw)
        else:
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def _vacuum_postgresql(raw: Any) -> None:
    raw.rollback()  # the pool has asked whether the connection lives, which began a transaction
    raw.driver_connection.autocommit = True
    try:
        for command in ("VACUUM (FULL)", "CHECKPOINT"):
            raw.cursor().execute(command)
    finally:
        raw.driver_connection.autocommit = False


def _without_words(packed: bytes) -> bytes:
    """The packed transcript with its measures and no words."""
    from ..transcribe.types import Role, Transcript, Utterance

    extras = unpack_transcript(packed)
    bare = tuple(Utterance(n, 0.0, 0.0, "", Role.UNKNOWN, "", 0.0) for n in range(len(extras.words)))
    return pack_transcript(Transcript(extras.duration, extras.channels, "", bare, extras.measures, {}))


def _linked(column: str) -> Iterator[SqlTable]:
    """Tables whose rows belong to a recording by ``column``, those that others refer to last."""
    for table in reversed(Table.metadata.sorted_tables):
        if table.name != "recording" and column in table.c:
            yield table


def _count(gone: dict[str, int], connection: Connection, table: SqlTable, which: ColumnElement[bool]) -> None:
    rows = connection.execute(delete(table).where(which)).rowcount
    if rows:
        gone[table.name] = gone.get(table.name, 0) + rows


def _forget_elsewhere(connection: Connection, part: Sequence[Due]) -> None:
    """Names and events that tell of a recording without belonging to it."""
    for one in part:
        told = cast(announcement.c.payload, Text).contains(one.sha256, autoescape=True)
        connection.execute(delete(announcement).where(announcement.c.kind == "flag", told))
    names = {name for one in part for name in one.names}
    for row in connection.execute(
        select(batch.c.id, batch.c.summary).where(batch.c.summary.is_not(None))
    ).all():
        problems = row.summary.get("problems") or []
        kept = [p for p in problems if p.get("name") not in names]
        if len(kept) < len(problems):
            changed = {**row.summary, "problems": kept}
            connection.execute(update(batch).where(batch.c.id == row.id).values(summary=changed))


def _secure(connection: Connection) -> None:
    """Overwrite what is deleted, within this connection."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _parts(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]


def add_hold(store: Store, field: str, value: str, reason: str, who: str) -> int:
    row = {"field": field, "value": value, "reason": reason, "who": who, "since": now()}
    with store.write() as connection:
        return int(connection.execute(hold.insert().values(row).returning(hold.c.id)).scalar_one())


def lift_hold(store: Store, number: int) -> bool:
    change = update(hold).where(hold.c.id == number, hold.c.lifted_at.is_(None)).values(lifted_at=now())
    with store.write() as connection:
        return connection.execute(change).rowcount == 1


def list_holds(store: Store) -> list[Any]:
    """Standing holds: id, field, value, reason, who, since."""
    with store.read() as connection:
        return list(connection.execute(select(hold).where(hold.c.lifted_at.is_(None)).order_by(hold.c.id)))
