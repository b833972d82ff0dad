"""Flags: hits merged to one an utterance, quoted, timed and explained."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from ..transcribe.types import Doubt, Utterance
from .detect import described, described_scope
from .document import char_times
from .hits import Hit, seconds_of
from .rule import Rule
from .run import RuleRun
from .scope import searched_lines
from .types import Flag

_MARKS = re.compile(r"[，。！？；,.!?;：:\s]")
_REACH = 12
"""A quote is widened to its clause, but by no more characters than this on either side."""
_GRAVE = frozenset({Doubt.LOW_CONFIDENCE, Doubt.REPETITION, Doubt.OVERLAP})


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The hits behind one flag, best first."""

    name: str
    hits: tuple[Hit, ...]


def make_flags(run: RuleRun) -> list[Flag]:
    """The flags of a rule on a call; points are deducted once where the rule says so."""
    if not run.rule.flag:
        flags = [_absence_flag(run)] if run.absent() else []
    else:
        flags = [_flag(run, evidence) for evidence in _evidence(run)]
    flags.sort(key=lambda f: (f.start, f.end))
    return [_with_points(flag, run.rule, first=i == 0) for i, flag in enumerate(flags)]


def _evidence(run: RuleRun) -> Iterator[_Evidence]:
    held = [(name, hit) for name in run.rule.flag for hit in run.hits(name) if run.holds(name, hit)]
    held.sort(key=lambda item: (_place(item[1]), item[1].start))
    for _, group in groupby(held, key=lambda item: _place(item[1])):
        members = list(group)
        yield _Evidence(members[0][0], tuple(hit for _, hit in members))


def _place(hit: Hit) -> tuple[int, float]:
    """What one flag covers: an utterance, or one stretch of sound."""
    return (-1 if hit.line is None else hit.line, hit.seconds[0] if hit.seconds else -1.0)


def _flag(run: RuleRun, evidence: _Evidence) -> Flag:
    first = evidence.hits[0]
    utterance = run.doc.utterances[first.line] if first.line is not None else None
    quote, start, end = _quoted(run, evidence.hits, utterance)
    truths = run.truths(evidence.name, first)
    return Flag(
        rule=run.rule.id,
        rule_version=run.rule.version,
        severity=run.rule.level,
        start=round(start, 3),
        end=round(end, 3),
        role=str(utterance.role) if utterance else str(run.rule.scope.speaker or "unknown"),
        utterance=utterance.index if utterance and first.seconds is None else None,
        quote=quote,
        points=0,
        match=first.match,
        why=_why(run, evidence, truths, utterance),
        doubtful=bool(utterance and _GRAVE.intersection(utterance.doubts)),
        trace={
            "detection": evidence.name,
            "found": [_heard(run, hit) for hit in evidence.hits],
            "about": [hit.about for hit in evidence.hits if hit.about],
            "truths": truths,
            "scope": described_scope(run.rule.detections[evidence.name]),
            "anchors": _anchors(run, evidence.name, truths),
        },
    )


def _quoted(run: RuleRun, hits: tuple[Hit, ...], utterance: Utterance | None) -> tuple[str, float, float]:
    if hits[0].seconds is not None or utterance is None:
        return (utterance.text if utterance else ""), *seconds_of(hits[0], run.doc)
    begun, ended = min(h.start for h in hits), max(h.end for h in hits)
    if ended > run.doc.span(run.doc.line(begun))[1]:
        quote = run.doc.quote(begun, ended)
        return quote.text, quote.start, quote.end
    _, first, last = run.doc.original(begun, ended)
    first, last = _clause(utterance.text, first, last)
    return utterance.text[first:last], *char_times(utterance, first, last)


def _clause(text: str, first: int, last: int) -> tuple[int, int]:
    """The range widened to the punctuation around it, where that is near."""
    before = [m.end() for m in _MARKS.finditer(text, 0, first)]
    start = before[-1] if before else 0
    after = _MARKS.search(text, last)
    end = after.start() if after else len(text)
    return (start if first - start <= _REACH else first), (end if end - last <= _REACH else last)


def _heard(run: RuleRun, hit: Hit) -> str:
    return run.doc.text[hit.start : hit.end] if hit.seconds is None else hit.about


def _why(run: RuleRun, evidence: _Evidence, truths: dict[str, bool], utterance: Utterance | None) -> str:
    hit = evidence.hits[0]
    who = f"the {utterance.role}" if utterance else "the call"
    if hit.seconds is not None:
        said = hit.about + (f", next to speak is {who}" if utterance else "")
    else:
        said = f"{who} says “{run.doc.quote(hit.start, hit.end).text}” ({_how(evidence.name, hit)})"
    also = [n + _standing(run, n) for n, true in truths.items() if true and n != evidence.name]
    without = [n for n, true in truths.items() if not true]
    more = f", with {' and '.join(also)}" if also else ""
    more += f", without {' or '.join(without)}" if without else ""
    return said[:1].upper() + said[1:] + more + "."


def _standing(run: RuleRun, name: str) -> str:
    """`` within 6 chars before phrase`` where a detection is anchored."""
    return "".join(f" {described(near)}" for near in run.rule.detections[name].near)


def _anchors(run: RuleRun, name: str, truths: dict[str, bool]) -> list[dict[str, str]]:
    """What else is true, where it stands, and its first words."""
    found = []
    for other in (n for n, true in truths.items() if true and n != name):
        first = next(iter(run.hits(other)), None)
        said = _heard(run, first) if first is not None else ""
        found.append({"detection": other, "place": _standing(run, other).strip(), "found": said})
    return found


def _how(name: str, hit: Hit) -> str:
    term = f" of “{hit.about}”" if hit.about and hit.match != "exact" else ""
    return f"{name}: {hit.match} match{term}"


def _absence_flag(run: RuleRun) -> Flag:
    """The flag of a rule about something missing: it covers what was searched."""
    missing = next((n for n, wanted in run.rule.condition.names() if not wanted), "")
    detection = run.rule.detections.get(missing)
    speaker = detection.speaker if detection else run.rule.scope.speaker
    lines = searched_lines(run.doc, speaker, detection.window if detection else None)
    searched = [run.doc.utterances[i] for i in lines] or list(run.doc.utterances)
    start, end = min(u.start for u in searched), max(u.end for u in searched)
    who = speaker or "anyone"
    return Flag(
        rule=run.rule.id,
        rule_version=run.rule.version,
        severity=run.rule.level,
        start=round(start, 3),
        end=round(end, 3),
        role=str(speaker or "unknown"),
        utterance=None,
        quote=" ".join(u.text for u in searched),
        points=0,
        match="absence",
        why=f"No {missing} by the {who} in {len(searched)} utterances, {start:.1f} s to {end:.1f} s.",
        doubtful=any(_GRAVE.intersection(u.doubts) for u in searched),
        trace={
            "missing": missing,
            "searched": [u.index for u in searched],
            "scope": described_scope(detection) if detection else "",
        },
    )


def _with_points(flag: Flag, rule: Rule, *, first: bool) -> Flag:
    points = rule.outcome.points if first or not rule.outcome.once else 0
    return replace(flag, points=points)
