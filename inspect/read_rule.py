"""A rule file → a Rule, or all that is wrong with it."""

from collections.abc import Mapping
from typing import Any, Literal, cast

from ..transcribe.types import Role
from . import limits
from .amounts import read_amount, read_role, read_window
from .condition import Condition, ConditionError, Name, parse_condition
from .read_finders import Lists, read_finder, read_patterns
from .reader import Fields, Problems
from .rule import (
    CallData,
    Consequence,
    Detection,
    Near,
    Rule,
    Scope,
    Status,
    Where,
)
from .sounds import Precision
from .types import Level

_NEAR_UNITS = ("chars", "words", "utterances", "apart", "s", "clause", "utterance", "call")
_TOGETHER_UNITS = ("chars", "utterances", "s", "clause", "utterance", "call")


def read_rule(rule_id: str, data: Any, lists: Lists, problems: Problems) -> Rule | None:
    """The rule ``area.name`` from parsed YAML; None when ``problems`` have been found."""
    before = len(problems.found)
    fields = Fields(data, (), problems)
    name = fields.text("name")
    if name and name != rule_id.split(".", 1)[1]:
        fields.problem(f"'name' is '{name}' but the file is called {rule_id.split('.', 1)[1]}", "name")
    scope = _scope(fields.child("scope"))
    detections, source = _detections(fields.child("detection"), scope, lists)
    condition = _condition(source, detections, fields)
    rule = Rule(
        id=rule_id,
        title=fields.text("title"),
        version=fields.whole("version", low=1),
        status=Status(fields.choice("status", tuple(str(s) for s in Status))),
        level=Level(fields.choice("level", tuple(str(level) for level in Level))),
        description=fields.text("description", ""),
        scope=scope,
        detections=detections,
        condition=condition,
        condition_source=source,
        flag=_flagged(fields, condition, detections),
        outcome=_outcome(fields.child("outcome")),
        falsepositives=fields.texts("falsepositives"),
        tests=_tests(fields),
    )
    fields.done()
    return rule if len(problems.found) == before else None


def _scope(fields: Fields) -> Scope:
    calls = fields.child("calls")
    scope = Scope(
        read_role(fields, "speaker"),
        read_window(fields.child("window")) if "window" in fields else None,
        {key: calls.texts(key) for key, _ in calls.items()},
        fields.whole("min_utterances", 0, low=0),
    )
    fields.done()
    return scope


def _detections(fields: Fields, scope: Scope, lists: Lists) -> tuple[dict[str, Detection], str]:
    source = fields.text("condition")
    names = [key for key, _ in fields.items() if key != "condition"]
    if len(names) > limits.DETECTIONS:
        fields.problem(f"more than {limits.DETECTIONS} detections")
        names = names[: limits.DETECTIONS]
    detections = {name: _detection(name, fields.child(name), scope, lists) for name in names}
    for name, detection in detections.items():
        for near in detection.near:
            if near.anchor not in detections or near.anchor == name:
                fields.problem(f"'{near.anchor}' is no other detection to be near to", name, "near")
    for name in _circular(detections):
        fields.problem(f"'{name}' is anchored to itself in a circle", name, "near")
    return detections, source


def _circular(detections: Mapping[str, Detection]) -> list[str]:
    """Detections that are anchored, over others, to themselves."""
    anchors = {name: {n.anchor for n in d.near} & detections.keys() for name, d in detections.items()}
    return [name for name in detections if name in _reached(name, anchors)]


def _reached(name: str, anchors: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        new = anchors[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _detection(name: str, fields: Fields, scope: Scope, lists: Lists) -> Detection:
    detection = Detection(
        name=name,
        finder=read_finder(fields, lists),
        speaker=read_role(fields, "speaker") if "speaker" in fields else scope.speaker,
        window=read_window(fields.child("window")) if "window" in fields else scope.window,
        not_inside=read_patterns(fields, "not_inside", lists, Precision.EXACT),
        unless=read_patterns(fields, "unless", lists, Precision.EXACT),
        sentence=cast(
            Literal["any", "statement", "question"],
            fields.choice("sentence", ("any", "statement", "question"), "any"),
        ),
        near=_nears(fields),
        at_least=fields.whole("at_least", 1, low=1),
        extent=cast(
            Literal["utterance", "clause", "merged"],
            fields.choice("extent", ("utterance", "clause", "merged"), "utterance"),
        ),
        together=read_amount(fields, "together", _TOGETHER_UNITS) if "together" in fields else None,
    )
    fields.done()
    return detection


def _nears(fields: Fields) -> tuple[Near, ...]:
    value = fields.raw("near", [])
    if isinstance(value, list):
        return tuple(
            _near(Fields(item, (*fields.path, "near", i), fields.problems)) for i, item in enumerate(value)
        )
    return (_near(Fields(value, (*fields.path, "near"), fields.problems)),)


def _near(fields: Fields) -> Near:
    near = Near(
        fields.text("anchor"),
        read_amount(fields, "within", _NEAR_UNITS, "call"),
        cast(Where, fields.choice("where", ("before", "after", "around", "same"), "around")),
        _anchor_hit(fields),
    )
    fields.done()
    return near


def _anchor_hit(fields: Fields) -> Any:
    number = fields.raw("hit")
    if isinstance(number, int) and not isinstance(number, bool):
        return fields.whole("hit", low=1)
    return fields.choice("hit", ("any", "first", "last", "every"), "any")


def _condition(source: str, detections: Mapping[str, Detection], fields: Fields) -> Condition:
    try:
        condition = parse_condition(source, tuple(detections))
    except ConditionError as error:
        fields.problem(f"condition: {error}", "detection", "condition")
        return Name("")
    used = {name for name, _ in condition.names()}
    used |= {near.anchor for d in detections.values() for near in d.near}
    for name in detections.keys() - used:
        fields.problem(f"the condition does not use '{name}'", "detection", name)
    return condition


def _flagged(fields: Fields, condition: Condition, detections: Mapping[str, Detection]) -> tuple[str, ...]:
    """Whose hits become flags: as given, else all that the condition wants and that stand by themselves."""
    wanted = [name for name, positive in condition.names() if positive and name in detections]
    given = fields.texts("flag")
    for name in given:
        if name not in wanted:
            fields.problem(f"'{name}' cannot be flagged: the condition does not ask for it", "flag")
    if given:
        return given
    alone = [
        name
        for name in dict.fromkeys(wanted)
        if not isinstance(detections[name].finder, CallData)
        and not any(near.anchor in wanted for near in detections[name].near)
    ]
    absence = any(not positive for _, positive in condition.names())
    return tuple(alone or ([] if absence else dict.fromkeys(wanted)))


def _outcome(fields: Fields) -> Consequence:
    outcome = Consequence(
        fields.text("message", ""),
        fields.whole("points", 0),
        fields.flag("fatal"),
        fields.flag("once"),
        fields.text("department", ""),
    )
    fields.done()
    return outcome


def _tests(fields: Fields) -> tuple[Mapping[str, Any], ...]:
    value = fields.raw("tests", [])
    if not isinstance(value, list):
        fields.problem("'tests' must be a list", "tests")
        return ()
    for number, test in enumerate(value):
        _check_test(Fields(test, (*fields.path, "tests", number), fields.problems))
    return tuple(test for test in value if isinstance(test, dict))


def _check_test(fields: Fields) -> None:
    fields.text("name")
    turns = fields.raw("turns", [])
    if not isinstance(turns, list) or not turns:
        fields.problem("'turns' must list who says what", "turns")
        turns = []
    for number, turn in enumerate(turns):
        _check_turn(Fields(turn, (*fields.path, "turns", number), fields.problems))
    fields.raw("metadata")
    fields.number("tail", 0, low=0)
    expect = fields.raw("expect")
    if not isinstance(expect, list):
        fields.problem("'expect' must list the flags; [] for none", "expect")
        expect = []
    for number, item in enumerate(expect):
        wanted = Fields(item, (*fields.path, "expect", number), fields.problems)
        if "turn" in wanted and not 0 <= wanted.whole("turn") < len(turns):
            wanted.problem("there is no such turn", "turn")
        wanted.text("quote", "")
        wanted.done()
    fields.done()


def _check_turn(fields: Fields) -> None:
    speakers = [key for key, _ in fields.items() if key in {str(role) for role in Role}]
    if len(speakers) != 1:
        fields.problem("a turn needs one speaker: agent, customer, system or unknown")
    for key in ("at", "pause", "duration", "overlap", "level"):
        fields.number(key, 0)
    fields.done()
