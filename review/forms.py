"""Scorecards that people fill in: automatic items answered by flags, manual ones by whoever listens."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import UsageError

Answers = Mapping[str, float | None]
"""Item → share fulfilled, 0 to 1; None: did not apply to this call."""
FULL = 100.0


@dataclass(frozen=True, slots=True)
class FormItem:
    """One line of a form. ``points`` weigh it against the others; a fatal item that fails makes the score 0.

    An automatic item names a ``rule``: it fails when the rule flagged the call and no reviewer called the
    flag a false alarm.
    """

    key: str
    title: str
    points: float
    kind: Literal["manual", "auto"] = "manual"
    rule: str | None = None
    fatal: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """How one item came into the score: ``lost`` of ``points``."""

    key: str
    title: str
    points: float
    lost: float
    applies: bool
    failed_fatally: bool


@dataclass(frozen=True, slots=True)
class Scored:
    """A score between 0 and 100, and how it came about."""

    score: float
    lines: tuple[Line, ...]


def read_items(items: Sequence[Mapping[str, Any]]) -> tuple[FormItem, ...]:
    """The items of a form; raises UsageError with every fault at once."""
    faults: list[str] = []
    read: list[FormItem] = []
    for number, given in enumerate(items, 1):
        unknown = given.keys() - FormItem.__dataclass_fields__.keys()
        if unknown:
            faults.append(f"item {number}: unknown {', '.join(sorted(unknown))}")
            continue
        try:
            read.append(FormItem(**given))
        except TypeError as error:
            faults.append(f"item {number}: {error}")
    faults += _faults(read)
    if faults:
        raise UsageError("the form does not make sense: " + "; ".join(faults))
    return tuple(read)


def _faults(items: Sequence[FormItem]) -> list[str]:
    keys = [item.key for item in items]
    found = [f"{key} comes twice" for key in sorted(set(keys)) if keys.count(key) > 1]
    found += [
        f"{item.key or '(no key)'}: needs a key and a title"
        for item in items
        if not (item.key and item.title)
    ]
    found += [f"{item.key}: points must be above 0" for item in items if not item.points > 0]
    found += [f"{item.key}: kind is manual or auto" for item in items if item.kind not in ("manual", "auto")]
    found += [
        f"{item.key}: an automatic item names its rule"
        for item in items
        if item.kind == "auto" and not item.rule
    ]
    return found or ([] if items else ["it has no items"])


def automatic_answers(
    items: Sequence[FormItem], flags: Collection[tuple[str, str | None]]
) -> dict[str, float]:
    """Answers of the automatic items from the call's flags, as (rule, verdict)."""
    failed = {rule for rule, verdict in flags if verdict != "false_alarm"}
    return {item.key: 0.0 if item.rule in failed else 1.0 for item in items if item.kind == "auto"}


def score(items: Sequence[FormItem], answers: Answers) -> Scored:
    """Points kept of the points that applied, out of 100; 0 when a fatal item failed.

    Raises UsageError for items without an answer, unknown items, and answers that are no share.
    """
    _check(items, answers)
    lines = tuple(_line(item, answers[item.key]) for item in items)
    applied = [line for line in lines if line.applies]
    total = sum(line.points for line in applied)
    kept = total - sum(line.lost for line in applied)
    fatal = any(line.failed_fatally for line in lines)
    return Scored(0.0 if fatal else round(FULL * kept / total, 1) if total else FULL, lines)


def _line(item: FormItem, answer: float | None) -> Line:
    lost = 0.0 if answer is None else round(item.points * (1 - answer), 4)
    return Line(item.key, item.title, item.points, lost, answer is not None, item.fatal and answer == 0)


def _check(items: Sequence[FormItem], answers: Answers) -> None:
    known = {item.key for item in items}
    faults = [f"{key} has no answer" for key in sorted(known - answers.keys())]
    faults += [f"{key} is not in the form" for key in sorted(answers.keys() - known)]
    faults += [
        f"{key}: {value} is no share between 0 and 1"
        for key, value in answers.items()
        if value is not None and not 0 <= value <= 1
    ]
    if faults:
        raise UsageError("the answers do not fit the form: " + "; ".join(faults))
