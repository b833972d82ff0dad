"""Finders of what a call is as a whole: who speaks when, how it ends, how loud it is, its call data."""

from collections.abc import Iterator, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from .document import Document
from .hits import Hit
from .rule import CallData, Hangup, Loudness, Speaks

_NUMERIC = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def find_position(finder: Speaks, doc: Document) -> Iterator[Hit]:
    at = {"first": 1, "last": -1}.get(str(finder.position), finder.position)
    place = int(at) - 1 if int(at) > 0 else len(doc.spoken) + int(at)
    if not 0 <= place < len(doc.spoken):
        return
    line = doc.spoken[place]
    if doc.utterances[line].role is finder.who:
        when = finder.position if isinstance(finder.position, str) else f"as number {finder.position}"
        yield Hit(line, *doc.span(line), "position", f"{finder.who} speaks {when}")


def find_hangup(finder: Hangup, doc: Document) -> Iterator[Hit]:
    if not doc.spoken:
        return
    line = max(doc.spoken, key=lambda i: doc.utterances[i].end)
    last = doc.utterances[line]
    tail = max(0.0, doc.transcript.duration - last.end)
    if finder.last is not None and last.role is not finder.last:
        return
    if finder.longer is not None and tail < finder.longer:
        return
    if finder.shorter is not None and tail > finder.shorter:
        return
    about = f"the call ends {tail:.1f} s after the last word"
    yield Hit(line, *doc.span(line), "hang-up", about, (last.start, doc.transcript.duration))


def find_loudness(finder: Loudness, doc: Document) -> Iterator[Hit]:
    """Utterances whose level was measured and fits, so many of one speaker in a row."""
    for lines in doc.by_role.values():
        run: list[int] = []
        for line in lines:
            run = [*run, line] if _is_loud(finder, doc, line) else []
            if len(run) >= finder.span:
                for member in run if len(run) == finder.span else run[-1:]:
                    about = f"{_level(doc, member):.1f} dBFS"
                    yield Hit(member, *doc.span(member), "loudness", about)


def _level(doc: Document, line: int) -> float | None:
    return doc.transcript.measures.utterance_dbfs.get(str(doc.utterances[line].index))


def _is_loud(finder: Loudness, doc: Document, line: int) -> bool:
    level = _level(doc, line)
    if level is None:
        return False
    if finder.over is not None and level < finder.over:
        return False
    if finder.under is not None and level > finder.under:
        return False
    if finder.change is None:
        return True
    usual = _compared_with(finder, doc, line)
    if usual is None:
        return False
    return level - usual >= finder.change if finder.change >= 0 else level - usual <= finder.change


def _compared_with(finder: Loudness, doc: Document, line: int) -> float | None:
    role = doc.utterances[line].role
    if finder.against == "average":
        return doc.transcript.measures.loudness_dbfs.get(str(role))
    same = finder.against == "previous"
    before = (i for i in reversed(doc.spoken) if i < line and (doc.utterances[i].role is role) == same)
    return next((level for i in before if (level := _level(doc, i)) is not None), None)


def call_fields(doc: Document, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What call data rules may ask for: the metadata and the measured figures of the call."""
    measures = doc.transcript.measures
    last = max((u.end for u in doc.utterances), default=0.0)
    return {
        **metadata,
        "duration": doc.transcript.duration,
        "utterances": sum(1 for line in doc.lines if line),
        "silence_seconds": measures.silence_seconds,
        "overlap_seconds": measures.overlap_seconds,
        "interruptions": len(measures.interruptions),
        "tail_seconds": max(0.0, doc.transcript.duration - last),
        "last_speaker": str(doc.utterances[-1].role) if doc.utterances else "",
        **{f"{role}_utterances": len(lines) for role, lines in doc.by_role.items()},
        **{f"{role}_talk_ratio": ratio for role, ratio in measures.talk_ratio.items()},
        **{f"{role}_chars_per_minute": rate for role, rate in measures.chars_per_minute.items()},
        **{f"{role}_loudness_dbfs": level for role, level in measures.loudness_dbfs.items()},
    }


def find_call_data(finder: CallData, doc: Document, metadata: Mapping[str, str]) -> Iterator[Hit]:
    fields = call_fields(doc, metadata)
    actual = finder.formula.value(fields) if finder.formula else fields.get(finder.field)
    wanted = finder.limit.value(fields) if finder.limit else finder.value
    if actual is not None and wanted is not None and compare(actual, finder.compare, wanted):
        shown = f"{actual:g}" if finder.formula else actual
        yield Hit(None, 0, 0, "call data", f"{finder.field} is {shown}", (0.0, doc.transcript.duration))


def compare(actual: Any, how: str, wanted: Any) -> bool:
    """Compare as numbers where both are, else as texts."""
    if how in ("in", "not in"):
        return (str(actual) in {str(w) for w in wanted}) == (how == "in")
    if how == "contains":
        return str(wanted) in str(actual)
    try:
        return bool(_NUMERIC[how](float(actual), float(wanted)))
    except (TypeError, ValueError):
        return bool(_NUMERIC[how](str(actual), str(wanted)))
