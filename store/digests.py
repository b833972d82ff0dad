"""Digests of days: drawn up by the program, curated by people, then published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, case, delete, select, update

from ..errors import UsageError
from .database import Store, writing
from .recordings import recording
from .tables import now
from .voice_tables import digest, digest_clip

CLIP_STATES = ("shown", "pushed", "hidden")


@dataclass(frozen=True, slots=True)
class DigestRow:
    """``content`` is what voice.digest drew up, as JSON."""

    id: int
    day: date
    state: str
    content: Mapping[str, Any]
    made_at: datetime
    published_by: str | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClipRow:
    """A clip of a digest, ``start`` to ``end`` seconds of its call; ``quote`` is without personal data."""

    id: int
    digest_id: int
    recording_id: int
    channel: str
    rank: int
    start: float
    end: float
    quote: str
    state: str
    comment: str
    changed_by: str | None
    name: str
    agent: str | None
    team: str | None


_DIGEST = [digest.c[name] for name in DigestRow.__dataclass_fields__]
_CLIP = [
    *(digest_clip.c[name] for name in ClipRow.__dataclass_fields__ if name in digest_clip.c),
    *(recording.c[name] for name in ("name", "agent", "team")),
]


def save_digest(
    store: Store, day: date, content: Mapping[str, Any], clips: Sequence[Mapping[str, Any]]
) -> int:
    """Keep a draft; a draft of the day is replaced, what people said of the same clips stays.

    Raises UsageError when the day's digest is published already.
    """
    with store.write() as connection:
        old = connection.execute(select(*_DIGEST).where(digest.c.day == day)).one_or_none()
        if old is not None and old.state == "published":
            raise UsageError(f"the digest of {day} is published; it is not drawn up again")
        said = _said(connection, old.id) if old is not None else {}
        if old is not None:
            connection.execute(delete(digest).where(digest.c.id == old.id))
        row = {"day": day, "state": "draft", "content": dict(content), "made_at": now()}
        made = int(connection.execute(digest.insert().values(row).returning(digest.c.id)).scalar_one())
        rows = [
            {"digest_id": made, "state": "shown", "comment": "", "changed_by": None, "changed_at": None}
            | dict(clip)
            | said.get((clip["recording_id"], clip["channel"]), {})
            for clip in clips
        ]
        if rows:
            connection.execute(digest_clip.insert(), rows)
    return made


def _said(connection: Any, digest_id: int) -> dict[tuple[int, str], dict[str, Any]]:
    c = digest_clip.c
    names = ("state", "comment", "changed_by", "changed_at")
    query = select(c.recording_id, c.channel, *(c[name] for name in names)).where(
        c.digest_id == digest_id, c.changed_by.is_not(None)
    )
    return {(row[0], row[1]): dict(zip(names, row[2:], strict=True)) for row in connection.execute(query)}


def get_digest(store: Store, day: date) -> DigestRow | None:
    with store.read() as connection:
        row = connection.execute(select(*_DIGEST).where(digest.c.day == day)).one_or_none()
        return DigestRow(*row) if row else None


def digest_days(store: Store, limit: int = 60) -> list[tuple[date, str]]:
    """Days that have a digest and its state, newest first."""
    query = select(digest.c.day, digest.c.state).order_by(digest.c.day.desc()).limit(limit)
    with store.read() as connection:
        return [(day, state) for day, state in connection.execute(query)]


def clips_of(store: Store, digest_id: int, *, hidden: bool = True) -> list[ClipRow]:
    """The clips by channel, pushed ones first; without ``hidden`` only what goes out."""
    c = digest_clip.c
    first = case((c.state == "pushed", 0), (c.state == "shown", 1), else_=2)
    query = (
        select(*_CLIP)
        .join(recording, recording.c.id == c.recording_id)
        .where(c.digest_id == digest_id)
        .order_by(c.channel, first, c.rank)
    )
    if not hidden:
        query = query.where(c.state != "hidden")
    with store.read() as connection:
        return [ClipRow(**row._asdict()) for row in connection.execute(query)]


def clip_row(store: Store, clip_id: int) -> ClipRow | None:
    """One clip; None when its digest was drawn up again without it."""
    query = select(*_CLIP).join(recording, recording.c.id == digest_clip.c.recording_id)
    with store.read() as connection:
        row = connection.execute(query.where(digest_clip.c.id == clip_id)).one_or_none()
        return ClipRow(**row._asdict()) if row else None


def curate_clip(store: Store, clip_id: int, *, state: str, comment: str, by: str) -> None:
    """Push, show or hide a clip of a draft, with a comment that goes out with it."""
    if state not in CLIP_STATES:
        raise UsageError(f"a clip is {', '.join(CLIP_STATES)}, not {state}")
    draft = select(digest.c.id).where(digest.c.state == "draft")
    mine = (digest_clip.c.id == clip_id) & digest_clip.c.digest_id.in_(draft)
    change = {"state": state, "comment": comment, "changed_by": by, "changed_at": now()}
    with store.write() as connection:
        if not connection.execute(update(digest_clip).where(mine).values(change)).rowcount:
            raise UsageError("the digest is published, or was drawn up again; load it again")


def publish_digest(store: Store | Connection, day: date, *, by: str) -> None:
    """Say that the digest may go out; it is not changed from then on (voice.edition sends it)."""
    draft = (digest.c.day == day) & (digest.c.state == "draft")
    change = {"state": "published", "published_by": by, "published_at": now()}
    with writing(store) as connection:
        if not connection.execute(update(digest).where(draft).values(change)).rowcount:
            raise UsageError(f"there is no draft of {day} to publish")
