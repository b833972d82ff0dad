"""What calls are about, as the topic rules said when they were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, delete, func, or_, select

from .database import Store
from .recordings import recording
from .voice_tables import call_topic


@dataclass(frozen=True, slots=True)
class TopicRow:
    recording_id: int
    topic: str
    department: str
    version: str


def without_topic(store: Store, since: date, until: date, version: str, limit: int = 500) -> list[int]:
    """Inspected calls of the period whose topic by the rules of ``version`` is not known, by number."""
    c, t = recording.c, call_topic.c
    query = (
        select(c.id)
        .outerjoin(call_topic, t.recording_id == c.id)
        .where(c.day.between(since, until), c.status == "inspected")
        .where(or_(t.recording_id.is_(None), t.version != version))
        .order_by(c.id)
        .limit(limit)
    )
    with store.read() as connection:
        return list(connection.execute(query).scalars())


def save_topics(store: Store, rows: Sequence[TopicRow]) -> None:
    """Store topics; those of the same calls known before are replaced."""
    values = [
        {
            "recording_id": r.recording_id,
            "topic": r.topic,
            "department": r.department,
            "version": r.version,
            "channels": [],
        }
        for r in rows
    ]
    if not values:
        return
    with store.write() as connection:
        known = call_topic.c.recording_id.in_([r.recording_id for r in rows])
        connection.execute(delete(call_topic).where(known))
        connection.execute(call_topic.insert(), values)


def topic_days(store: Store, since: date, until: date) -> dict[date, dict[str, int]]:
    """Day → topic → calls."""
    c, t = recording.c, call_topic.c
    query = (
        select(c.day, t.topic, func.count())
        .join(call_topic, t.recording_id == c.id)
        .where(c.day.between(since, until), c.status == "inspected")
        .group_by(c.day, t.topic)
    )
    found: dict[date, dict[str, int]] = {}
    with store.read() as connection:
        for day, topic, calls in connection.execute(query):
            found.setdefault(day, {})[topic] = calls
    return found


def calls_of_topic(store: Store, day: date, topic: str, limit: int = 60) -> list[int]:
    """Calls of a day about a topic: those with the gravest flags first, then the newest."""
    c = recording.c
    query = (
        select(c.id)
        .join(call_topic, call_topic.c.recording_id == c.id)
        .where(and_(c.day == day, c.status == "inspected", call_topic.c.topic == topic))
        .order_by(c.urgency, c.id.desc())
        .limit(limit)
    )
    with store.read() as connection:
        return list(connection.execute(query).scalars())
