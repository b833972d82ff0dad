"""What a call must hold so that a rule can flag it: necessary, never sufficient.

A need is a tree over texts that must occur, in the folded text or in what it sounds like. What an expression
cannot do without the engine's own reader tells (inspect/literals.py). What these functions do not know is
taken for something that may flag any call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from ..inspect.condition import Condition, Name, Of
from ..inspect.fold import fold
from ..inspect.literals import Clause, requirements
from ..inspect.patterns import fold_pattern
from ..inspect.rule import (
    CallData,
    Detection,
    Entities,
    Keywords,
    Near,
    Patterns,
    Repeats,
    Rule,
    Similar,
    Speaks,
    Window,
)
from ..inspect.scan import precision_of
from ..inspect.sounds import Precision, sound_text
from ..inspect.terms import Term
from .need import ANY, NEVER, All, Need, Text, all_of, any_of

_KNOWN: Mapping[type, frozenset[str]] = {
    Detection: frozenset(
        ("name", "finder", "speaker", "window", "not_inside", "unless", "sentence", "near", "at_least")
    ),
    Near: frozenset(("anchor", "within", "where", "hit")),
    Window: frozenset(("first", "last", "start", "end")),
    Keywords: frozenset(("entries", "precision", "distinct")),
    Term: frozenset(("text", "precision", "short_sounds", "boundary")),
    Patterns: frozenset(("sources", "precision")),
    Similar: frozenset(("samples", "threshold", "precision")),
    Entities: frozenset(("kinds",)),
    Repeats: frozenset(("within", "times", "min_chars", "threshold")),
    Speaks: frozenset(("position", "who")),
}
"""What the functions here understand; a rule that uses anything else is tried on every call."""
_MEASURED = frozenset(("duration", "silence_seconds", "overlap_seconds", "interruptions", "tail_seconds"))
_BY_ROLE = ("_talk_ratio", "_chars_per_minute", "_loudness_dbfs")


@dataclass(frozen=True, slots=True)
class Plan:
    """How two versions of a rule are compared: on which calls, and with how much of them at hand."""

    differs: Need
    """What a call must hold that the two can end on in different ways."""
    hits: Need
    """What a call must hold that either of them can flag."""
    slim: bool
    """Utterances without word times and acoustic measures are enough to decide."""


def plan(before: Rule | None, after: Rule | None) -> Plan:
    """The plan for one changed rule; None where it is new or gone."""
    sides = [rule for rule in (before, after) if rule is not None]
    hits = any_of(rule_need(rule) for rule in sides)
    slim = all(is_slim(rule) for rule in sides)
    known = all(_understood(d) for rule in sides for d in rule.detections.values())
    if before is None or after is None or not known or not _same_shape(before, after):
        return Plan(hits, hits, slim)
    return Plan(All((changed_need(before, after), hits)), hits, slim)


def rule_need(rule: Rule) -> Need:
    """What a call must hold that the rule can flag."""
    if not all(_understood(d) for d in rule.detections.values()) or not rule.flag:
        return ANY
    needs = {name: _detection_need(name, rule) for name in rule.detections}
    flagged = any_of(needs[name] for name in rule.flag)
    return all_of((_condition_need(rule.condition, needs), flagged))


def is_slim(rule: Rule) -> bool:
    """Whether word times and acoustic measures change nothing about where the rule flags."""
    measured = any(key in _MEASURED or key.endswith(_BY_ROLE) for key in rule.scope.calls)
    return not measured and all(_is_slim(d) for d in rule.detections.values())


def _is_slim(detection: Detection) -> bool:
    if not _understood(detection) or any(near.within.unit == "s" for near in detection.near):
        return False
    finder = detection.finder
    if isinstance(finder, CallData):
        plain = finder.formula is None and finder.limit is None
        return plain and finder.field not in _MEASURED and not finder.field.endswith(_BY_ROLE)
    return True


def _understood(detection: Detection) -> bool:
    terms = detection.finder.entries if isinstance(detection.finder, Keywords) else ()
    finder = () if isinstance(detection.finder, CallData) else (detection.finder,)
    window = () if detection.window is None else (detection.window,)
    return all(_plain(part) for part in (detection, *finder, *window, *detection.near, *terms))


def _plain(part: Any) -> bool:
    """Whether a value uses only fields known here; others must be as they are when nobody gives them."""
    known = _KNOWN.get(type(part))
    if known is None:
        return False
    return all(f.name in known or getattr(part, f.name) == _default(f) for f in fields(part))


def _default(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else object()


def _detection_need(name: str, rule: Rule) -> Need:
    detection = rule.detections[name]
    anchors = [_detection_need(near.anchor, rule) for near in detection.near]
    return all_of([finder_need(detection.finder), *anchors])


def finder_need(finder: object) -> Need:
    """What a text must hold that the finder can find something."""
    match finder:
        case Keywords(entries=terms):
            return any_of(map(term_need, terms))
        case Patterns(sources=sources, precision=precision):
            return any_of(pattern_need(source, precision) for source in sources)
        case _:
            return ANY


def term_need(term: Term) -> Need:
    folded = fold(term.text)
    if not folded:
        return NEVER
    return Text(folded, False) if term.precision is Precision.EXACT else Text(sounding(folded), True)


def pattern_need(source: str, precision: Precision) -> Need:
    folded, sound = fold_pattern(source), precision is not Precision.EXACT
    return any_of(
        all_of(any_of(Text(text, sound) for text in sorted(clause)) for clause in clauses)
        for clauses in requirements(sounding(folded) if sound else folded, _chance)
    )


def _chance(clause: Clause) -> float:
    """How often a clause is met by chance, roughly: texts of more characters are rarer."""
    return sum(10.0 ** -len(text) for text in clause)


def sounding(folded: str) -> str:
    """As the index hears it: so coarsely that what sounds alike to any rule sounds alike here."""
    return sound_text(folded, Precision.FUZZY)


def _condition_need(condition: Condition, needs: Mapping[str, Need]) -> Need:
    if isinstance(condition, Name):
        return needs[condition.name]
    if isinstance(condition, Of):
        parts = [_condition_need(part, needs) for part in condition.parts]
        return all_of(parts) if condition.count == len(parts) else any_of(parts)
    return ANY


def _same_shape(before: Rule, after: Rule) -> bool:
    """Whether the two differ in nothing but terms and expressions."""
    outer = (before.scope, before.condition, before.flag, before.detections.keys(), before.status)
    if outer != (after.scope, after.condition, after.flag, after.detections.keys(), after.status):
        return False
    return all(_shape(before.detections[n]) == _shape(after.detections[n]) for n in before.detections)


def _shape(detection: Detection) -> tuple[Any, ...]:
    finder = detection.finder
    rest = tuple(
        getattr(detection, f.name)
        for f in fields(detection)
        if f.name not in ("finder", "not_inside", "unless")
    )
    if not isinstance(finder, Keywords | Patterns):
        return (*rest, finder)
    kept = tuple(getattr(finder, f.name) for f in fields(finder) if f.name not in ("entries", "sources"))
    return (*rest, type(finder), *kept)


def changed_need(before: Rule, after: Rule) -> Need:
    """What a call must hold that one of the changed terms or expressions can match in it."""
    parts: list[Need] = []
    for name, old in before.detections.items():
        new = after.detections[name]
        precision = precision_of(old)
        parts += [term_need(term) for term in _terms(old) ^ _terms(new)]
        parts += _patterns(_sources(old), _sources(new), precision)
        parts += _patterns(old.unless, new.unless, Precision.EXACT)
        for how in {Precision.EXACT, precision}:
            parts += _patterns(old.not_inside, new.not_inside, how)
    return any_of(parts)


def _terms(detection: Detection) -> frozenset[Term]:
    return frozenset(detection.finder.entries if isinstance(detection.finder, Keywords) else ())


def _sources(detection: Detection) -> tuple[str, ...]:
    return detection.finder.sources if isinstance(detection.finder, Patterns) else ()


def _patterns(old: Iterable[str], new: Iterable[str], precision: Precision) -> list[Need]:
    return [pattern_need(source, precision) for source in sorted(set(old) ^ set(new))]
