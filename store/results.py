"""Writing what came of a recording, each time in one transaction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from ..inspect.types import Flag, Inspection, Level, Outcome
from ..transcribe.types import Measures, Transcript, Utterance
from . import tables
from .clock import stamp
from .database import Store
from .packing import pack_results, pack_transcript
from .recordings import recording
from .tables import columns_of, now
from .verdicts import standing_verdict, verdicts_on

LEVELS = tuple(Level)
_UNCLAIMED = {"worker": None, "claimed_at": None, "heartbeat_at": None}
utterance, content = columns_of(tables.Utterance), columns_of(tables.Content)
waveform, flag = columns_of(tables.Waveform), columns_of(tables.Flag)
inspection_table, rule_result = columns_of(tables.Inspection), columns_of(tables.RuleResult)


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What the decoder found; rate in Hz."""

    container: str
    codec: str
    native_rate: int
    channels: int
    seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Peaks:
    """A waveform for drawing, packed by ingest.peaks; ``per_second`` buckets a second."""

    per_second: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """All that one recording yields. Without speech there is no inspection."""

    audio: AudioFacts
    transcript: Transcript
    inspection: Inspection | None
    redacted: Sequence[str]
    """One text an utterance."""
    peaks: Peaks | None = None
    stage_seconds: Mapping[str, float] | None = None


def save_result(store: Store, recording_id: int, result: Result, *, worker: str | None = None) -> bool:
    """Store a result, replacing an earlier one.

    With ``worker`` it is stored only while the claim is still that worker's; False says that it was not.
    """
    with store.write() as connection:
        return write_result(connection, recording_id, result, worker)


def write_result(
    connection: Connection, recording_id: int, result: Result, worker: str | None = None
) -> bool:
    """As ``save_result``, within the connection's transaction."""
    status = "inspected" if result.transcript.utterances else "empty"
    values = {
        **_audio_columns(result.audio),
        "status": status,
        "error_kind": None if status == "inspected" else "no_speech",
        "error": None if status == "inspected" else "no speech was found in it",
        "remedy": None if status == "inspected" else "listen to it; if somebody speaks, report the file",
        "stage_seconds": dict(result.stage_seconds or {}),
        "language": result.transcript.language,
        "models": dict(result.transcript.models),
        "metrics": metrics_of(result.transcript.measures),
        **_NO_INSPECTION,
    }
    if not _end(connection, recording_id, values, worker):
        return False
    _replace_transcript(connection, recording_id, result)
    if result.inspection is None:
        _clear_inspection(connection, recording_id)
    else:
        write_inspection(connection, recording_id, result.inspection)
    return True


def save_failure(
    store: Store,
    recording_id: int,
    *,
    kind: str,
    reason: str,
    remedy: str,
    worker: str | None = None,
    status: str = "failed",
    audio: AudioFacts | None = None,
) -> bool:
    """End a recording without a result: ``failed``, or ``empty`` when there is nothing in it.

    What an earlier try had stored is removed; verdicts stay.
    """
    audio_columns = _audio_columns(audio) if audio else {}
    values = {**audio_columns, "status": status, "error_kind": kind, "error": reason, "remedy": remedy}
    with store.write() as connection:
        return write_failure(connection, recording_id, values, worker)


def write_failure(
    connection: Connection, recording_id: int, values: Mapping[str, Any], worker: str | None = None
) -> bool:
    """As ``save_failure``, within the connection's transaction; ``values`` are columns of the recording."""
    if not _end(connection, recording_id, {**_NO_INSPECTION, **values}, worker):
        return False
    _clear_transcript(connection, recording_id)
    _clear_inspection(connection, recording_id)
    return True


def replace_inspection(store: Store, recording_id: int, inspection: Inspection) -> None:
    """Store a new inspection of a stored transcript; equal flags keep their verdicts."""
    with store.write() as connection:
        write_inspection(connection, recording_id, inspection)


def metrics_of(measures: Measures) -> dict[str, Any]:
    """The measures as figures for lists and exports; what is not finite becomes None."""
    figures = {
        "talk_ratio": dict(measures.talk_ratio),
        "speech_seconds": dict(measures.speech_seconds),
        "silence_seconds": measures.silence_seconds,
        "longest_silence": max((s.duration for s in measures.silences), default=0.0),
        "overlap_seconds": measures.overlap_seconds,
        "interruptions": len(measures.interruptions),
        "chars_per_minute": dict(measures.chars_per_minute),
        "loudness_dbfs": dict(measures.loudness_dbfs),
    }
    return {name: _finite(value) for name, value in figures.items()}


_NO_INSPECTION: dict[str, Any] = {
    "score": None,
    "flag_count": 0,
    "open_count": 0,
    "doubtful_count": 0,
    "worst": None,
    "rulebook": None,
}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value


def _audio_columns(audio: AudioFacts) -> dict[str, Any]:
    return {
        "container": audio.container,
        "codec": audio.codec,
        "native_rate": audio.native_rate,
        "channels": audio.channels,
        "seconds": audio.seconds,
        "warnings": list(audio.warnings) or None,
    }


def _end(connection: Connection, recording_id: int, values: dict[str, Any], worker: str | None) -> bool:
    row = recording.c.id == recording_id
    if worker is not None:
        row &= (recording.c.worker == worker) & (recording.c.status == "running")
    change = update(recording).where(row).values(**values, **_UNCLAIMED, finished_at=stamp(connection))
    return connection.execute(change).rowcount == 1


def _clear_transcript(connection: Connection, recording_id: int) -> None:
    for table in (utterance, content, waveform):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))


def _replace_transcript(connection: Connection, recording_id: int, result: Result) -> None:
    _clear_transcript(connection, recording_id)
    rows = [
        _utterance_row(recording_id, u, redacted)
        for u, redacted in zip(result.transcript.utterances, result.redacted, strict=True)
    ]
    if rows:
        connection.execute(utterance.insert(), rows)
    packed = pack_transcript(result.transcript)
    connection.execute(content.insert(), {"recording_id": recording_id, "packed": packed})
    if result.peaks:
        row = {"per_second": result.peaks.per_second, "peaks": result.peaks.packed}
        connection.execute(waveform.insert(), {"recording_id": recording_id, **row})


def _utterance_row(recording_id: int, u: Utterance, redacted: str) -> dict[str, Any]:
    return {
        "recording_id": recording_id,
        "position": u.index,
        "start": u.start,
        "end": u.end,
        "speaker": u.speaker,
        "role": u.role.value,
        "text": u.text,
        "redacted_text": None if redacted == u.text else redacted,
        "confidence": u.confidence,
        "doubts": ",".join(d.value for d in u.doubts) or None,
        "channel": u.channel,
    }


def _clear_inspection(connection: Connection, recording_id: int) -> None:
    for table in (flag, rule_result):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))


def write_inspection(connection: Connection, recording_id: int, inspection: Inspection) -> None:
    """As ``replace_inspection``, within the connection's transaction."""
    _clear_inspection(connection, recording_id)
    sha256 = connection.execute(select(recording.c.sha256).where(recording.c.id == recording_id)).scalar_one()
    rows = _flag_rows(connection, recording_id, sha256, inspection.flags)
    if rows:
        connection.execute(flag.insert(), rows)
    results = [
        {"rule": r.rule, "outcome": r.outcome.value, "recording_id": recording_id}
        for r in inspection.results
        if r.outcome is not Outcome.NOT_HIT
    ]
    if results:
        connection.execute(rule_result.insert(), results)
    history = {
        "recording_id": recording_id,
        "rulebook": inspection.rulebook,
        "score": inspection.score,
        "flag_count": len(inspection.flags),
        "inspected_at": now(),
        "results": pack_results(inspection.results, inspection.score_items, inspection.scorecard),
    }
    connection.execute(inspection_table.insert(), history)
    summary = {
        "score": inspection.score,
        "rulebook": inspection.rulebook,
        "flag_count": len(rows),
        "open_count": sum(row["verdict"] is None for row in rows),
        "doubtful_count": sum(f.doubtful for f in inspection.flags),
        "worst": max((row["severity"] for row in rows), default=None),
    }
    connection.execute(update(recording).where(recording.c.id == recording_id).values(**summary))


def _flag_rows(
    connection: Connection, recording_id: int, sha256: str, flags: Sequence[Flag]
) -> list[dict[str, Any]]:
    past = verdicts_on(connection, sha256) if flags else ()
    return [
        {
            "recording_id": recording_id,
            "position": position,
            "rule": f.rule,
            "rule_version": f.rule_version,
            "severity": LEVELS.index(f.severity),
            "start": f.start,
            "end": f.end,
            "role": f.role,
            "utterance": f.utterance,
            "quote": f.quote,
            "points": f.points,
            "match": f.match,
            "why": f.why,
            "doubtful": f.doubtful,
            "trace": dict(f.trace) if f.trace is not None else None,
            "verdict": standing_verdict(past, f.rule, f.start, f.end),
        }
        for position, f in enumerate(flags)
    ]
