"""The common shapes of rules as a form, and the rule that a filled form means.

``rule_of(form)`` makes plain data for YAML; ``form_of(data)`` reads it back and gives None for every rule
that says more than a form can, so that nothing is lost by opening one here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ..inspect.types import Level

Shape = Literal["any", "all", "none", "near", "without", "regex", "silence", "rate", "interruption", "entity"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
WITH_TERMS = frozenset({"any", "all", "none", "near", "without"})
ABOUT_SOUND = frozenset({"silence", "rate", "interruption"})
Part = Literal["whole", "first", "last"]
UNITS = ("utterances", "s", "%")
NEAR_UNITS = ("s", "chars", "utterances", "clause", "utterance", "call")


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One filled form. Fields that the shape does not use are left at their defaults."""

    title: str
    name: str
    shape: Shape = "any"
    version: int = 1
    status: str = "test"
    level: str = Level.MEDIUM.value
    description: str = ""
    speaker: str = "agent"
    part: Part = "whole"
    part_amount: float = 3
    part_unit: str = "utterances"
    terms: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    match: str = "exact"
    except_for: tuple[str, ...] = ()
    """Expressions: what a hit must not lie inside."""
    other_terms: tuple[str, ...] = ()
    """near, without: what must (not) be said beside."""
    other_lists: tuple[str, ...] = ()
    other_speaker: str = "agent"
    within: float = 30
    within_unit: str = "s"
    where: str = "after"
    patterns: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    seconds: float = 8
    """silence: longer than; interruption: overlap of at least."""
    rate: float = 350
    """Characters a minute."""
    message: str = ""
    points: int = 0
    fatal: bool = False
    department: str = ""
    falsepositives: tuple[str, ...] = ()
    tests: tuple[Mapping[str, Any], ...] = field(default=())


def rule_of(form: RuleForm) -> dict[str, Any]:
    """The rule as plain data, keys in the order in which rules are written."""
    made: dict[str, Any] = {
        "title": form.title,
        "name": form.name,
        "version": form.version,
        "status": form.status,
        "level": form.level,
    }
    if form.description:
        made["description"] = form.description
    if scope := _scope(form):
        made["scope"] = scope
    made["detection"] = _detection(form)
    if outcome := _outcome(form):
        made["outcome"] = outcome
    if form.falsepositives:
        made["falsepositives"] = list(form.falsepositives)
    made["tests"] = [dict(test) for test in form.tests]
    return made


def form_of(data: Any) -> RuleForm | None:
    """The form that means exactly this rule; None when there is none."""
    try:
        form = _read(data)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None
    return form if _alike(rule_of(form), data) else None


def _alike(made: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Order of keys says nothing; a missing list of tests is an empty one."""
    return made == {"tests": [], **data}


def _scope(form: RuleForm) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    if form.speaker != "any" and form.shape not in ABOUT_SOUND:
        scope["speaker"] = form.speaker
    if form.shape == "rate" and form.speaker != "any":
        scope["speaker"] = form.speaker
    if form.part != "whole":
        scope["window"] = {form.part: amount(form.part_amount, form.part_unit)}
    return scope


def _detection(form: RuleForm) -> dict[str, Any]:
    makers = {"near": _two, "without": _two, "silence": _silence, "rate": _rate}
    makers |= {"interruption": _interruption}
    if form.shape in makers:
        return makers[form.shape](form)
    if form.shape == "regex":
        said: dict[str, Any] = {"regex": list(form.patterns)}
    elif form.shape == "entity":
        said = {"entity": list(form.entities)}
    else:
        said = _words(form.terms, form.lists)
        if form.shape == "all":
            said["distinct"] = max(1, len(form.terms))
    if form.match != "exact" and form.shape != "entity":
        said["match"] = form.match
    if form.except_for:
        said["not_inside"] = list(form.except_for)
    return {"said": said, "condition": "not said" if form.shape == "none" else "said"}


def _two(form: RuleForm) -> dict[str, Any]:
    first, other = _words(form.terms, form.lists), _words(form.other_terms, form.other_lists)
    if form.match != "exact":
        first["match"] = form.match
        other["match"] = form.match
    if form.except_for:
        first["not_inside"] = list(form.except_for)
    if form.other_speaker != form.speaker:
        other["speaker"] = form.other_speaker
    within = form.within_unit if form.within_unit in NEAR_UNITS[3:] else amount(form.within, form.within_unit)
    other["near"] = {"anchor": "said", "within": within, "where": form.where}
    condition = "said and beside" if form.shape == "near" else "said and not beside"
    return {"said": first, "beside": other, "condition": condition}


def _silence(form: RuleForm) -> dict[str, Any]:
    inner: dict[str, Any] = {"longer": amount(form.seconds, "s")}
    if form.speaker != "any":
        inner["before"] = form.speaker
    return {"pause": {"silence": inner}, "condition": "pause"}


def _rate(form: RuleForm) -> dict[str, Any]:
    return {"fast": {"rate": {"over": plain(form.rate)}}, "condition": "fast"}


def _interruption(form: RuleForm) -> dict[str, Any]:
    who = form.speaker if form.speaker != "any" else "agent"
    inner = {"by": who, "overlap": amount(form.seconds, "s")}
    return {"cut": {"interruption": inner}, "condition": "cut"}


def _words(terms: tuple[str, ...], lists: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if terms or not lists:
        made["terms"] = list(terms)
    if lists:
        made["lists"] = list(lists)
    return made


def _outcome(form: RuleForm) -> dict[str, Any]:
    outcome: dict[str, Any] = {}
    if form.message:
        outcome["message"] = form.message
    if form.points:
        outcome["points"] = form.points
    if form.fatal:
        outcome["fatal"] = True
    if form.department:
        outcome["department"] = form.department
    return outcome


def amount(value: float, unit: str) -> str:
    """
    >>> amount(3.0, "utterances"), amount(0.5, "s")
    ('3 utterances', '0.5 s')
    """
    return f"{plain(value)} {unit}"


def plain(value: float) -> float:
    """A whole number without its ``.0``."""
    return int(value) if float(value).is_integer() else value


def _read(data: Any) -> RuleForm:
    detection, outcome = data["detection"], data.get("outcome", {})
    shape = _shape(detection)
    scope = data.get("scope", {})
    common: dict[str, Any] = {
        "title": data["title"],
        "name": data["name"],
        "shape": shape,
        "version": data["version"],
        "status": data["status"],
        "level": data["level"],
        "description": data.get("description", ""),
        "speaker": scope.get("speaker", "any"),
        "message": outcome.get("message", ""),
        "points": outcome.get("points", 0),
        "fatal": outcome.get("fatal", False),
        "department": outcome.get("department", ""),
        "falsepositives": tuple(data.get("falsepositives", ())),
        "tests": tuple(data.get("tests", ())),
    }
    for part, text in scope.get("window", {}).items():
        value, unit = _amount(text)
        common |= {"part": part, "part_amount": value, "part_unit": unit}
    return RuleForm(**(common | _finder(shape, detection, common["speaker"])))


def _shape(detection: Mapping[str, Any]) -> Shape:
    condition = detection["condition"]
    if "pause" in detection:
        return "silence"
    if "fast" in detection:
        return "rate"
    if "cut" in detection:
        return "interruption"
    if "beside" in detection:
        return "near" if condition == "said and beside" else "without"
    said = detection["said"]
    if "regex" in said:
        return "regex"
    if "entity" in said:
        return "entity"
    if condition == "not said":
        return "none"
    return "all" if "distinct" in said else "any"


def _finder(shape: Shape, detection: Mapping[str, Any], speaker: str) -> dict[str, Any]:
    if shape == "silence":
        inner = detection["pause"]["silence"]
        return {"seconds": _amount(inner["longer"])[0], "speaker": inner.get("before", "any")}
    if shape == "rate":
        return {"rate": detection["fast"]["rate"]["over"]}
    if shape == "interruption":
        inner = detection["cut"]["interruption"]
        return {"seconds": _amount(inner["overlap"])[0], "speaker": inner["by"]}
    said = detection["said"]
    found: dict[str, Any] = {
        "terms": _texts(said, "terms"),
        "lists": _texts(said, "lists"),
        "patterns": _texts(said, "regex"),
        "entities": _texts(said, "entity"),
        "match": said.get("match", "exact"),
        "except_for": _texts(said, "not_inside"),
    }
    return found | (_beside(detection["beside"], speaker) if shape in ("near", "without") else {})


def _beside(other: Mapping[str, Any], speaker: str) -> dict[str, Any]:
    near = other["near"]
    value, unit = _amount(near["within"])
    return {
        "other_terms": _texts(other, "terms"),
        "other_lists": _texts(other, "lists"),
        "other_speaker": other.get("speaker", speaker),
        "within": value,
        "within_unit": unit,
        "where": near["where"],
    }


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, ())
    return (value,) if isinstance(value, str) else tuple(value)


def _amount(text: str) -> tuple[float, str]:
    value, _, unit = str(text).partition(" ")
    return (30.0, value) if not unit else (float(value), unit)
