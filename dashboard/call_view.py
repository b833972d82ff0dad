"""The call page: all that the review desk in the browser shows, as plain data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..inspect.rule import Rule
from ..privacy.masking import mask_number, mask_phones
from ..privacy.redact import redact_text
from ..review.actions import REASONS
from ..review.verdicts import standing_entry
from ..store.added_flags import AddedFlag
from ..store.call import StoredCall, StoredFlag
from ..store.edit_history import last_edits, originals
from ..store.results import Peaks
from ..store.verdicts import VerdictEntry
from ..transcribe.types import Role
from .bubbles import bubble
from .formats import local_time, score_band
from .lanes import lanes
from .rule_names import RuleNames
from .texts import Texts
from .why import why_text

_KEY_LIST = (
    ("␣", "space"),
    ("← →", "arrows"),
    ("↑ ↓", "flags"),
    ("1 2 3", "verdicts"),
    ("4 – 8", "reasons"),
    ("9", "unclear"),
    ("R", "replay"),
    ("C", "comment"),
    ("U", "undo"),
    ("P N", "calls"),
    ("S", "pick"),
    ("A", "add"),
    ("E", "correct"),
    ("X", "swap"),
    ("T", "take_over"),
    ("[ ]", "speed"),
    ("+ −", "zoom"),
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Where the call stands in the list it was opened from."""

    position: int | None = None
    total: int = 0
    previous: int | None = None
    next: int | None = None
    next_sound: str | None = None
    done: int = 0
    """Calls of the list that are judged throughout."""
    flagged: int = 0
    """Calls of the list that have flags."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the person who looks may do with the call, and who else has it."""

    may_judge: bool = True
    may_correct: bool = True
    held_by: str | None = None
    """Another reviewer who has the call on the desk."""
    may_take_over: bool = False
    renew: str | None = None
    """The address that keeps the claim."""
    at: float | None = None
    """The second to begin with, when the call was opened for one."""
    rules: Sequence[Rule] = ()
    """Rules that a flag may be added to."""
    lead: str | None = None
    """Where a flag may be taken to: ``case``, ``appeal`` or nowhere."""


NOBODY_ELSE = Desk()


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the reviewer's actions: id of the verdict by action, reason by refused action."""

    saved: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def call_view(
    call: StoredCall,
    peaks: Peaks | None,
    history: Sequence[VerdictEntry],
    names: RuleNames,
    texts: Texts,
    *,
    reviewer: str,
    sound: str | None,
    queue: Queue,
    answers: Answers,
    desk: Desk = NOBODY_ELSE,
    have: str = "",
) -> dict[str, Any]:
    """Data for the desk; its shape is read by ``assets/review.js``.

    ``have`` names the bulk that the browser holds already and that is then left out.
    """
    flags = sorted(call.flags, key=lambda f: (f.flag.start, f.id))
    header = _header(call, sound, texts)
    known = have == f"{header['signature']}|{texts.language}"
    bulk = {} if known else _bulk(call, peaks, flags, desk, texts)
    cards = [_card(f, history, names, texts) | {"lead": desk.lead} for f in flags]
    cards += [added_card(f, names, texts) for f in call.added]
    cards.sort(key=lambda card: (card["start"], card["id"] < 0, abs(card["id"])))
    return bulk | {
        "lang": texts.language,
        "call": header,
        "flags": [card | {"n": n} for n, card in enumerate(cards, 1)],
        "queue": {name: getattr(queue, name) for name in Queue.__slots__},
        "claim": _claim(desk),
        "at": desk.at,
        "swap": last_edits(call.edits).get(None),
        "last": last_by(history, call, reviewer),
        "saved": answers.saved,
        "refused": answers.refused,
    }


def _bulk(
    call: StoredCall, peaks: Peaks | None, flags: Sequence[StoredFlag], desk: Desk, texts: Texts
) -> dict[str, Any]:
    """What stays the same while a call is reviewed."""
    utterances = call.transcript.utterances if call.transcript else ()
    words = {"key_list": [[k, texts(f"keys.{name}")] for k, name in _KEY_LIST]}
    words["reasons"] = [[reason, texts(f"reason.{reason}")] for reason in REASONS]
    newest, was = last_edits(call.edits), originals(call.edits)
    return {
        "texts": texts.group("desk") | words,
        "rules": [[r.id, r.title, r.level.value, texts(f"level.{r.level.value}")] for r in desk.rules],
        "lanes": lanes(peaks, utterances, texts),
        "utterances": [
            bubble(u, flags, shown, texts, was=was.get(u.index), edit=newest.get(u.index), added=call.added)
            for u, shown in zip(utterances, call.redacted, strict=True)
        ],
    }


def _claim(desk: Desk) -> dict[str, Any]:
    return {
        "by": desk.held_by,
        "judge": desk.may_judge and desk.held_by is None,
        "correct": desk.may_correct and desk.held_by is None,
        "take_over": desk.held_by is not None and desk.may_take_over,
        "renew": desk.renew,
    }


def last_by(history: Sequence[VerdictEntry], call: StoredCall, reviewer: str) -> dict[str, Any] | None:
    """The newest thing of ``reviewer`` that counts: what undo takes back after a reload."""
    mine = [e for e in history if e.reviewer == reviewer and e.verdict != "undo"]
    counting = [e for e in mine if standing_entry(history, e.rule, e.start, e.end) == e]
    done: list[tuple[datetime, str, int]] = [(local_time(e.created_at), "verdict", e.id) for e in counting]
    newest = set(last_edits(call.edits).values())
    done += [
        (local_time(e.created_at), "edit", e.id)
        for e in call.edits
        if e.reviewer == reviewer and e.id in newest
    ]
    done += [(local_time(a.created_at), "added", a.id) for a in call.added if a.reviewer == reviewer]
    last = max(done, default=None)
    return {"kind": last[1], "id": last[2]} if last else None


def _header(call: StoredCall, sound: str | None, texts: Texts) -> dict[str, Any]:
    row = call.row
    duration = call.transcript.duration if call.transcript else row.seconds
    return {
        "id": row.id,
        "signature": _signature(call),
        "title": mask_phones(row.call_id or row.name),
        "facts": _facts(call, texts),
        "details": _details(call, texts),
        "score": row.score,
        "score_band": score_band(row.score) if row.score is not None else "",
        "status": row.status,
        "notice": _notice(call, texts),
        "duration": duration or 0.0,
        "audio": sound,
    }


def _facts(call: StoredCall, texts: Texts) -> list[list[str]]:
    row = call.row
    started = f"{row.started_at:%Y-%m-%d %H:%M}" if row.started_at else None
    facts = [
        ("agent", row.agent),
        ("team", row.team),
        ("business", row.business),
        ("customer", mask_number(row.customer) if row.customer else None),
        ("started", started),
    ]
    return [[texts(f"fact.{name}"), value] for name, value in facts if value]


def _details(call: StoredCall, texts: Texts) -> str:
    """What is rarely needed, one thing a line."""
    row = call.row
    details = [
        ("file", mask_phones("、".join(call.names) or row.name)),
        ("channels", {1: texts("fact.mono"), 2: texts("fact.stereo")}.get(row.channels or 0)),
        ("models", (row.models or {}).get("asr")),
        ("rulebook", (row.rulebook or "").removeprefix("sha256:")[:12]),
    ]
    return "\n".join(f"{texts(f'fact.{name}')}{texts('colon')}{value}" for name, value in details if value)


def _notice(call: StoredCall, texts: Texts) -> str:
    row = call.row
    if row.status != "inspected":
        why = texts.get(f"failure.{row.error_kind}", row.error or "")
        remedy = texts.get(f"remedy.{row.error_kind}", row.remedy or "")
        details = row.error if row.error != why else ""
        reason = "\n".join(part for part in (why, remedy, details) if part)
        status = texts(f"status.{row.status}")
        return f"{status}{texts('colon')}{reason}" if reason else status
    return texts("review.warnings", text="；".join(row.warnings)) if row.warnings else ""


def added_card(added: AddedFlag, names: RuleNames, texts: Texts) -> dict[str, Any]:
    """A flag that a reviewer added; its id is negative, so that it is taken for none of the engine's."""
    at = local_time(added.created_at)
    return {
        "id": -added.id,
        "rule": added.rule,
        "rule_version": added.rule_version,
        "title": names.title(added.rule),
        "message": "",
        "severity": added.severity.value,
        "severity_label": texts(f"level.{added.severity.value}"),
        "start": added.start,
        "end": added.end,
        "role_label": texts(f"role.{added.role}"),
        "utterance": added.utterance,
        "quote": redact_text(added.quote),
        "spot": True,
        "why": redact_text(added.comment),
        "match_label": texts("match.reviewer"),
        "points": 0,
        "doubtful": False,
        "verdict": None,
        "added": {"by": added.reviewer, "at": f"{at:%m-%d %H:%M}"},
    }


def _card(
    stored: StoredFlag, history: Sequence[VerdictEntry], names: RuleNames, texts: Texts
) -> dict[str, Any]:
    flag = stored.flag
    role = flag.role if flag.role in tuple(Role) else "any"
    title, message = names.title(flag.rule), names.message(flag.rule)
    return {
        "id": stored.id,
        "rule": flag.rule,
        "rule_version": flag.rule_version,
        "title": title,
        "message": "" if message == title else message,
        "severity": flag.severity.value,
        "severity_label": texts(f"level.{flag.severity.value}"),
        "start": flag.start,
        "end": flag.end,
        "role_label": texts(f"role.{role}"),
        "utterance": flag.utterance,
        "quote": redact_text(flag.quote),
        "spot": flag.match != "absence",
        "why": redact_text(why_text(flag, texts)),
        "match_label": texts.get(f"match.{flag.match}", texts("match.other")),
        "points": flag.points,
        "doubtful": flag.doubtful,
        "verdict": _verdict(standing_entry(history, flag.rule, flag.start, flag.end)),
    }


def _verdict(entry: VerdictEntry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    at = local_time(entry.created_at)
    return {
        "id": entry.id,
        "value": entry.verdict,
        "comment": entry.comment,
        "reason": entry.reason,
        "by": entry.reviewer,
        "at": f"{at:%m-%d %H:%M}",
    }


def _signature(call: StoredCall) -> str:
    """Changes when flags or transcript do, so that the page knows when to draw anew."""
    flags = [(f.id, f.flag.rule, f.flag.start) for f in call.flags]
    lines = len(call.transcript.utterances) if call.transcript else 0
    reviewed = [a.id for a in call.added], [(e.id, e.kind) for e in call.edits]
    shown = hash(call.redacted)
    content = f"{call.row.id}|{call.row.status}|{call.row.rulebook}|{lines}|{flags}|{reviewed}|{shown}"
    return hashlib.sha256(content.encode()).hexdigest()[:16]
