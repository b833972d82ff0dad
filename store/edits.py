"""Changing a stored transcript, with its history and all that hangs on it, in one step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from ..errors import CallqaError, UsageError
from ..inspect.types import Inspection
from ..transcribe.types import Transcript, Utterance
from .call import StoredCall, _call
from .calls import CallFilter, page_query, to_row
from .claims import check_not_held
from .database import Store
from .edit_history import Edit, edits_on
from .packing import pack_transcript, pack_words
from .recordings import recording
from .results import content, metrics_of, utterance, write_inspection
from .review_tables import transcript_edit
from .tables import now


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit makes of a call; ``inspection`` is None when its rulebook is not at hand."""

    kind: str
    transcript: Transcript
    redacted: Sequence[str]
    inspection: Inspection | None
    position: int | None = None
    undoes: int | None = None


Make = Callable[[StoredCall, tuple[Edit, ...]], Change]


class EditOvertaken(CallqaError):
    """Somebody else changed the line in the meantime."""


def store_edit(store: Store, recording_id: int, make: Make, *, reviewer: str, action: str) -> int:
    """Change a transcript, and what hangs on it, in one step; returns the number of the edit.

    ``make`` is given the call and its history as they are at that moment, and says what becomes of it;
    whatever it raises leaves everything as it was. An ``action`` that was stored before is not done again.
    """
    c = transcript_edit.c
    with store.write() as connection:
        done = connection.execute(select(c.id).where(c.action == action)).scalar()
        if done is not None:
            return int(done)
        check_not_held(connection, recording_id, reviewer)
        call = _load(connection, recording_id)
        assert call.transcript is not None
        change = make(call, edits_on(connection, recording_id))
        _write(connection, recording_id, call.transcript, change)
        row = _row(call.transcript, change) | {"recording_id": recording_id, "reviewer": reviewer}
        added = transcript_edit.insert().values(row | {"action": action, "created_at": now()})
        return int(connection.execute(added.returning(c.id)).scalar_one())


def _load(connection: Connection, recording_id: int) -> StoredCall:
    page = connection.execute(page_query(CallFilter(), recording_id - 1, 1)).one_or_none()
    call = _call(connection, to_row(page)) if page is not None and page.id == recording_id else None
    if call is None or call.transcript is None:
        raise UsageError(f"no recording has the number {recording_id}, or it has no transcript")
    return call


def _row(before: Transcript, change: Change) -> dict[str, Any]:
    about = {"kind": change.kind, "position": change.position, "undoes": change.undoes}
    if change.kind != "text" or change.position is None:
        return about | {"before": None, "after": None, "words": None}
    old, new = before.utterances[change.position], change.transcript.utterances[change.position]
    return about | {"before": old.text, "after": new.text, "words": pack_words(old.words)}


def _write(connection: Connection, recording_id: int, before: Transcript, change: Change) -> None:
    transcript = change.transcript
    u = utterance.c
    for old, new, redacted in zip(before.utterances, transcript.utterances, change.redacted, strict=True):
        row = (u.recording_id == recording_id) & (u.position == old.index)
        connection.execute(update(utterance).where(row).values(_columns(new, redacted)))
    packed = update(content).where(content.c.recording_id == recording_id)
    connection.execute(packed.values(packed=pack_transcript(transcript)))
    figures = update(recording).where(recording.c.id == recording_id)
    connection.execute(figures.values(metrics=metrics_of(transcript.measures)))
    if change.inspection is not None:
        write_inspection(connection, recording_id, change.inspection)


def _columns(u: Utterance, redacted: str) -> dict[str, Any]:
    hidden = None if redacted == u.text else redacted
    return {"role": u.role.value, "text": u.text, "redacted_text": hidden}
