"""One call with all it has, as the value types the other rooms work with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ..errors import UsageError
from ..inspect.types import Flag, Inspection
from ..transcribe.types import Doubt, Role, Transcript, Utterance
from .added_flags import AddedFlag, added_to
from .calls import CallFilter, CallRow, page_query, to_row
from .database import Store
from .edit_history import Edit, edits_on_many
from .packing import unpack_results, unpack_score, unpack_transcript
from .paths import to_path
from .recordings import file
from .results import LEVELS, Peaks, content, flag, inspection_table, utterance, waveform

_PAGE = 200


@dataclass(frozen=True, slots=True)
class StoredFlag:
    """A flag with its number in the store and the verdict that counts now (None: not judged)."""

    id: int
    flag: Flag
    verdict: str | None


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call; ``transcript`` and ``inspection`` are None until there is one."""

    row: CallRow
    names: tuple[str, ...]
    """Every file name the content was seen under."""
    transcript: Transcript | None
    redacted: tuple[str, ...]
    """The utterances' texts without personal data, one each."""
    inspection: Inspection | None
    flags: tuple[StoredFlag, ...]
    added: tuple[AddedFlag, ...] = ()
    """Flags that reviewers added."""
    edits: tuple[Edit, ...] = ()
    """Reviewers' changes to the transcript, oldest first; ``transcript`` is as they left it."""


def get_call(store: Store, recording_id: int) -> StoredCall:
    """The call with that number; raises UsageError when there is none."""
    with store.read() as connection:
        page = connection.execute(page_query(CallFilter(), recording_id - 1, 1)).one_or_none()
        if page is None or page.id != recording_id:
            raise UsageError(f"no recording has the number {recording_id}")
        return _with_reviews(connection, [_call(connection, to_row(page))])[0]


def iter_calls(store: Store, filter: CallFilter | None = None) -> Iterator[StoredCall]:
    """All calls that fit, by id, read a page at a time."""
    after = 0
    while True:
        with store.read() as connection:
            rows = connection.execute(page_query(filter or CallFilter(), after, _PAGE)).all()
            calls = _with_reviews(connection, [_call(connection, to_row(row)) for row in rows])
        yield from calls
        if len(calls) < _PAGE:
            return
        after = calls[-1].row.id


def get_peaks(store: Store, recording_id: int) -> Peaks | None:
    """The waveform, packed by ingest.peaks."""
    query = select(waveform.c.per_second, waveform.c.peaks).where(waveform.c.recording_id == recording_id)
    with store.read() as connection:
        found = connection.execute(query).one_or_none()
        return Peaks(found.per_second, bytes(found.peaks)) if found else None


def audio_path(store: Store, recording_id: int) -> Path | None:
    """A file that is there and holds the recording; None when every known place is empty."""
    return next((p for p in audio_paths(store, recording_id) if p.is_file()), None)


def audio_paths(store: Store, recording_id: int) -> tuple[Path, ...]:
    """Every place where the recording was seen, objects of a store (see ingest.remote) included."""
    query = select(file.c.path).where(file.c.recording_id == recording_id).order_by(file.c.id)
    with store.read() as connection:
        return tuple(to_path(p) for p in connection.execute(query).scalars())


def recording_of_flag(store: Store, flag_id: int) -> int | None:
    with store.read() as connection:
        return connection.execute(select(flag.c.recording_id).where(flag.c.id == flag_id)).scalar()


def _with_reviews(connection: Connection, calls: Sequence[StoredCall]) -> list[StoredCall]:
    ids = [call.row.id for call in calls]
    edits = edits_on_many(connection, ids)
    added: dict[int, list[AddedFlag]] = {}
    for one in added_to(connection, ids):
        added.setdefault(one.recording_id, []).append(one)
    return [
        replace(call, added=_spoken_by(call, added.get(call.row.id, ())), edits=edits.get(call.row.id, ()))
        if call.row.id in added or call.row.id in edits
        else call
        for call in calls
    ]


def _spoken_by(call: StoredCall, added: Sequence[AddedFlag]) -> tuple[AddedFlag, ...]:
    """Who says it as the transcript has it now: the sides may have been swapped since."""
    roles = {u.index: u.role.value for u in call.transcript.utterances} if call.transcript else {}
    return tuple(replace(one, role=roles.get(one.utterance, one.role)) for one in added)


def _call(connection: Connection, row: CallRow) -> StoredCall:
    names = select(file.c.name).where(file.c.recording_id == row.id).order_by(file.c.id)
    transcript, redacted = _transcript(connection, row)
    flags = _flags(connection, row.id)
    return StoredCall(
        row=row,
        names=tuple(connection.execute(names).scalars()),
        transcript=transcript,
        redacted=redacted,
        inspection=_inspection(connection, row, [f.flag for f in flags]),
        flags=flags,
    )


def _transcript(connection: Connection, row: CallRow) -> tuple[Transcript | None, tuple[str, ...]]:
    packed = connection.execute(select(content.c.packed).where(content.c.recording_id == row.id)).scalar()
    if packed is None:
        return None, ()
    extras = unpack_transcript(packed)
    query = select(utterance).where(utterance.c.recording_id == row.id).order_by(utterance.c.position)
    lines = connection.execute(query).all()
    utterances = tuple(_utterance(line, words) for line, words in zip(lines, extras.words, strict=True))
    transcript = Transcript(
        duration=extras.duration,
        channels=extras.channels,
        language=row.language or "",
        utterances=utterances,
        measures=extras.measures,
        models=row.models or {},
    )
    redacted = (line.text if line.redacted_text is None else line.redacted_text for line in lines)
    return transcript, tuple(redacted)


def _utterance(line: Any, words: Sequence[Any]) -> Utterance:
    return Utterance(
        index=line.position,
        start=line.start,
        end=line.end,
        speaker=line.speaker,
        role=Role(line.role),
        text=line.text,
        confidence=line.confidence,
        words=tuple(words),
        doubts=tuple(Doubt(name) for name in (line.doubts or "").split(",") if name),
        channel=line.channel,
    )


def _flags(connection: Connection, recording_id: int) -> tuple[StoredFlag, ...]:
    query = select(flag).where(flag.c.recording_id == recording_id).order_by(flag.c.position)
    return tuple(StoredFlag(row.id, _flag(row._asdict()), row.verdict) for row in connection.execute(query))


def _flag(values: dict[str, Any]) -> Flag:
    fields = {name: values[name] for name in Flag.__dataclass_fields__}
    return Flag(**{**fields, "severity": LEVELS[fields["severity"]]})


def _inspection(connection: Connection, row: CallRow, flags: Sequence[Flag]) -> Inspection | None:
    if row.score is None or row.rulebook is None:
        return None
    query = select(inspection_table.c.results).where(inspection_table.c.recording_id == row.id)
    packed = connection.execute(query.order_by(inspection_table.c.id.desc()).limit(1)).scalar_one()
    items, scorecard = unpack_score(packed)
    return Inspection(tuple(flags), row.score, row.rulebook, unpack_results(packed), items, scorecard)
