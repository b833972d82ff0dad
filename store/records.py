"""Calls, flags and transcripts as plain data for exports.

The field names are a contract with other programs: fields may be added, never renamed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ..inspect.types import Flag
from ..transcribe.types import Utterance
from .added_flags import AddedFlag
from .call import StoredCall
from .edit_history import originals

Redact = Callable[[str], str]


def call_record(call: StoredCall, redact: Redact | None = None) -> dict[str, Any]:
    """One call with everything: recording, utterances with words, flags, metrics.

    With ``redact`` the texts are those without personal data and the words, which would give it away, are
    left out; ``redact`` does the same to quotes.
    """
    row = call.row
    utterances = call.transcript.utterances if call.transcript else ()
    changed = originals(call.edits)
    return {
        "recording": _recording(call, redact),
        "utterances": [
            _utterance(u, redacted, redact is not None) | _correction(u, changed, redact)
            for u, redacted in zip(utterances, call.redacted, strict=True)
        ],
        "flags": _flags(call, redact),
        "metrics": dict(row.metrics or {}),
        "score": row.score,
        "score_items": [asdict(item) for item in call.inspection.score_items] if call.inspection else [],
        "scorecard": call.inspection.scorecard if call.inspection else None,
        "rulebook": row.rulebook,
        "models": dict(row.models or {}),
    }


def call_row(call: StoredCall, redact: Redact | None = None) -> dict[str, Any]:
    """One call as a line of a table."""
    row, metrics = call.row, call.row.metrics or {}
    figures = {
        f"{name}_{role}": (metrics.get(name) or {}).get(role)
        for name in ("talk_ratio", "chars_per_minute", "loudness_dbfs")
        for role in ("agent", "customer")
    }
    return {
        **_identity(call, redact),
        "seconds": row.seconds,
        "channels": row.channels,
        "status": row.status,
        "error": row.error,
        "remedy": row.remedy,
        "call_id": row.call_id,
        "agent": row.agent,
        "team": row.team,
        "business": row.business,
        "direction": row.direction,
        "queue": row.queue,
        "started_at": row.started_at.isoformat(sep=" ") if row.started_at else None,
        "score": row.score,
        "flags": row.flag_count,
        "worst": row.worst.value if row.worst else None,
        "open_flags": row.open_count,
        "doubtful_flags": row.doubtful_count,
        "rules": " ".join(sorted({f.flag.rule for f in call.flags})),
        "silence_seconds": metrics.get("silence_seconds"),
        "interruptions": metrics.get("interruptions"),
        **figures,
        "rulebook": row.rulebook,
    }


def flag_rows(call: StoredCall, redact: Redact | None = None) -> Iterator[dict[str, Any]]:
    """Each flag of a call as a line of a table."""
    row = call.row
    about = {"call_id": row.call_id, "agent": row.agent, "team": row.team, "business": row.business}
    ids = [stored.id for stored in call.flags] + [None for _ in call.added]
    for number, flag in zip(ids, _flags(call, redact), strict=True):
        yield {**_identity(call, redact), **about, "flag": number, **flag}


def utterance_rows(call: StoredCall, redact: Redact | None = None) -> Iterator[dict[str, Any]]:
    """Each utterance of a call as a line of a table."""
    utterances = call.transcript.utterances if call.transcript else ()
    for u, redacted in zip(utterances, call.redacted, strict=True):
        line = _utterance(u, redacted, redact is not None)
        del line["words"]
        yield {**_identity(call, redact), **line}


def mask_mobiles(name: str) -> str:
    """A file's name without the mobile numbers that recorders put there; dates and serials stay.

    >>> mask_mobiles("20261121-093000_13812345678.wav")
    '20261121-093000_[手机号].wav'
    """
    return _MOBILE.sub("[手机号]", name)


_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
NOBODYS = frozenset(("call_id", "agent", "team", "business", "direction", "queue", "started_at", "duration"))
"""Call data that tells of no customer."""


def _identity(call: StoredCall, redact: Redact | None = None) -> dict[str, Any]:
    name = mask_mobiles(call.row.name) if redact else call.row.name
    return {"recording": name, "sha256": call.row.sha256}


def _recording(call: StoredCall, redact: Redact | None) -> dict[str, Any]:
    row = call.row
    data, names = dict(row.call_data), list(call.names)
    if redact:
        data = {n: v if n in NOBODYS else redact(v) for n, v in data.items()}
        names = [mask_mobiles(name) for name in names]
    return {
        "name": mask_mobiles(row.name) if redact else row.name,
        "sha256": row.sha256,
        "seconds": row.seconds,
        "channels": row.channels,
        "status": row.status,
        "error": row.error,
        "metadata": data,
        "remedy": row.remedy,
        "names": names,
        "codec": row.codec,
        "native_rate": row.native_rate,
        "warnings": list(row.warnings or []),
        "language": row.language,
    }


def _utterance(u: Utterance, redacted: str, hide: bool) -> dict[str, Any]:
    words = [{"start": w.start, "end": w.end, "text": w.text, "confidence": w.confidence} for w in u.words]
    return {
        "index": u.index,
        "start": u.start,
        "end": u.end,
        "speaker": u.speaker,
        "role": u.role.value,
        "text": redacted if hide else u.text,
        "redacted_text": redacted,
        "confidence": u.confidence,
        "words": [] if hide else words,
        "doubts": [d.value for d in u.doubts],
        "channel": u.channel,
    }


def _correction(u: Utterance, changed: Mapping[int, str], redact: Redact | None) -> dict[str, str]:
    """What the recogniser had written, where a reviewer corrected it."""
    before = changed.get(u.index)
    if before is None:
        return {}
    return {"original_text": redact(before) if redact else before}


def _flags(call: StoredCall, redact: Redact | None) -> list[dict[str, Any]]:
    """Those of the rules, then those that reviewers added; ``source`` tells them apart."""
    about = {"source": "engine", "reviewer": None}
    engine = [_flag(f.flag, redact) | {"verdict": f.verdict} | about for f in call.flags]
    return engine + [_added(flag, redact) for flag in call.added]


def _added(flag: AddedFlag, redact: Redact | None) -> dict[str, Any]:
    return {
        "rule": flag.rule,
        "rule_version": flag.rule_version,
        "severity": flag.severity.value,
        "start": flag.start,
        "end": flag.end,
        "role": flag.role,
        "utterance": flag.utterance,
        "quote": redact(flag.quote) if redact else flag.quote,
        "points": 0,
        "match": "reviewer",
        "why": redact(flag.comment) if redact else flag.comment,
        "doubtful": False,
        "verdict": "confirmed",
        "source": "reviewer",
        "reviewer": flag.reviewer,
    }


def _flag(flag: Flag, redact: Redact | None) -> dict[str, Any]:
    return {
        "rule": flag.rule,
        "rule_version": flag.rule_version,
        "severity": flag.severity.value,
        "start": flag.start,
        "end": flag.end,
        "role": str(flag.role),
        "utterance": flag.utterance,
        "quote": redact(flag.quote) if redact else flag.quote,
        "points": flag.points,
        "match": flag.match,
        "why": redact(flag.why) if redact else flag.why,
        "doubtful": flag.doubtful,
    }
