"""The rule editor: files of a draft, what is wrong with them, trying a rule, tests from verdicts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from ..errors import RulebookError
from ..inspect.engine import inspect_call
from ..inspect.explain import explain
from ..inspect.rulebook import LISTS, SCORECARDS, Rulebook, read_rulebook
from ..inspect.testing import transcript_of_turns
from ..rulebooks.check import Check, check_rulebook
from ..rulebooks.diff import users_of
from ..rulebooks.drafts import Draft
from ..rulebooks.texts import Files, is_rule, rule_id, to_yaml
from ..store.call import StoredCall
from ..transcribe.types import Transcript, Utterance
from .texts import Texts

_LINE = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): (?P<message>.*)$", re.DOTALL)
_SPEAKERS = {
    "坐席": "agent",
    "客服": "agent",
    "agent": "agent",
    "a": "agent",
    "客户": "customer",
    "用户": "customer",
    "customer": "customer",
    "c": "customer",
    "系统": "system",
    "system": "system",
}
_TURN = re.compile(r"^\s*(?P<who>[A-Za-z\u4e00-\u9fff]{1,8})\s*[:：]\s*(?P<said>.+)$")
AROUND = 2
"""Utterances to either side that a test made from a verdict takes along."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a draft; ``change`` is new, changed, gone or empty."""

    path: str
    kind: str
    title: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that lint or a test found; the first line is 1."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Found:
    """A flag of a trial: which turn, what was quoted, why."""

    turn: int | None
    start: float
    end: float
    quote: str
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule does on some turns; ``trace`` says how it came to that, in English."""

    turns: tuple[tuple[str, str], ...]
    found: tuple[Found, ...]
    trace: str


def file_lines(draft: Draft) -> list[FileLine]:
    """Rules, lists and scorecards of a draft, those it takes out at the end."""
    kept = [_file_line(path, text, draft) for path, text in draft.files.items()]
    gone = [FileLine(path, _kind(path), path, "gone") for path, text in draft.changes.items() if text is None]
    order = {"rule": 0, "list": 1, "scorecard": 2}
    return sorted(kept + gone, key=lambda f: (f.change == "gone", order[f.kind], f.path))


def _file_line(path: str, text: str, draft: Draft) -> FileLine:
    change = "" if path not in draft.changes else "changed" if path in draft.base_files else "new"
    return FileLine(path, _kind(path), title_of(path, text), change)


def _kind(path: str) -> str:
    folder = path.split("/", 1)[0]
    return {LISTS: "list", SCORECARDS: "scorecard"}.get(folder, "rule")


def title_of(path: str, text: str) -> str:
    """The title in the text, else the description, else the file's name; half-written YAML has one too."""
    found = re.search(r"^(?:title|description):[ \t]*(.+?)[ \t]*$", text, re.MULTILINE)
    return found[1].strip("'\"") if found else path.split("/", 1)[1].removesuffix(".yaml")


def checked(files: Files, path: str) -> Check:
    """Lint of the whole rulebook, and the tests that the file ``path`` may have changed.

    A term list may change every rule that uses it.
    """
    return _checked(tuple(sorted(files.items())), path)


@lru_cache(maxsize=16)
def _checked(files: tuple[tuple[str, str], ...], path: str) -> Check:
    try:
        rulebook = read_rulebook(dict(files))
    except RulebookError as error:
        return Check(None, error.problems)
    return check_rulebook(rulebook, touched(rulebook, path))


def touched(rulebook: Rulebook, path: str) -> tuple[str, ...]:
    """The rules whose outcome the file may change."""
    if _kind(path) == "list":
        return users_of(rulebook, path.split("/", 1)[1].removesuffix(".yaml"))
    return (rule_id(path),) if is_rule(path) else ()


def problems_in(check: Check) -> list[Problem]:
    """What a check found, apart by file and line."""
    parsed = [(_LINE.match(text), text) for text in check.problems]
    return [
        Problem(found["file"], int(found["line"]), found["message"]) if found else Problem("", 1, text)
        for found, text in parsed
    ]


def list_parts(text: str) -> tuple[str, list[str]]:
    """Description and terms of a list file. ValueError when it holds anything else."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(data, dict) or data.keys() - {"description", "terms"}:
        raise ValueError("not a plain list")
    terms = data.get("terms") or []
    if not isinstance(terms, list):
        raise ValueError("not a plain list")
    return str(data.get("description") or ""), [str(term) for term in terms]


def list_text(before: str, description: str, terms: Sequence[str]) -> str:
    """The list file with these terms: trimmed, none twice, and the comments at its head kept."""
    head = re.match(r"(?:#.*\n)*", before)
    wanted = dict.fromkeys(term.strip() for term in terms if term and term.strip())
    data = {"description": description.strip(), "terms": list(wanted)} if description.strip() else {}
    return (head[0] if head else "") + to_yaml(data or {"terms": list(wanted)})


def split_cells(cells: Sequence[str | None]) -> list[str]:
    """Terms from the cells of a grid; what was pasted as one cell with lines or tabs is taken apart."""
    parts = (part.strip() for cell in cells if cell for part in re.split(r"[\n\r\t]+", str(cell)))
    return [part for part in parts if part]


def parse_turns(text: str) -> list[dict[str, str]]:
    """Turns from pasted lines: ``坐席：…``, ``客户：…``; a line without a speaker is the other one's.

    >>> parse_turns("坐席：您好\\n我要投诉")
    [{'agent': '您好'}, {'customer': '我要投诉'}]
    """
    turns: list[dict[str, str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        found = _TURN.match(line)
        who = _SPEAKERS.get(found["who"].lower()) if found else None
        said = found["said"].strip() if found and who else line
        last = next(iter(turns[-1])) if turns else "customer"
        turns.append({who or ("customer" if last == "agent" else "agent"): said})
    return turns


def try_turns(rulebook: Rulebook, rule: str, turns: Sequence[Mapping[str, Any]]) -> Trial:
    """The rule on turns that were typed in."""
    return try_transcript(rulebook, rule, transcript_of_turns(turns), {})


def try_transcript(
    rulebook: Rulebook, rule: str, transcript: Transcript, metadata: Mapping[str, str]
) -> Trial:
    """The rule on a whole call."""
    inspection = inspect_call(transcript, rulebook.only(rule), metadata)
    found = tuple(Found(f.utterance, f.start, f.end, f.quote, f.why) for f in inspection.flags)
    said = tuple((u.role.value, u.text) for u in transcript.utterances)
    return Trial(said, found, explain(rulebook, rule, transcript, metadata))


def test_from_verdict(
    call: StoredCall, *, start: float, end: float, quote: str, verdict: str, texts: Texts
) -> dict[str, Any]:
    """A rule's test out of a reviewer's verdict: the lines around the flag, and whether it must be raised.

    Personal data is replaced before it goes into a rulebook that others read. ValueError when the call has
    no transcript or the flag lies in none of its lines.
    """
    utterances = call.transcript.utterances if call.transcript else ()
    place = _place(utterances, start, end)
    first = max(0, place - AROUND)
    lines = list(zip(utterances, call.redacted, strict=True))[first : place + AROUND + 1]
    turns = [{u.role.value: shown} for u, shown in lines]
    confirmed = verdict == "confirmed"
    said = call.redacted[place]
    expected: dict[str, Any] = {"turn": place - first}
    if quote and quote in said:
        expected["quote"] = quote
    name = texts("editor.test_confirmed" if confirmed else "editor.test_false_alarm", id=call.row.id)
    return {
        "name": f"{name} {int(start // 60)}:{int(start % 60):02}",
        "turns": turns,
        "expect": [expected] if confirmed else [],
    }


test_from_verdict.__test__ = False  # type: ignore[attr-defined]


def _place(utterances: Sequence[Utterance], start: float, end: float) -> int:
    overlaps = [(min(u.end, end) - max(u.start, start), -u.index) for u in utterances]
    longest = max(overlaps, default=(0.0, 0))
    if longest[0] <= 0:
        raise ValueError("the flag lies in no line of the call")
    return -longest[1]


def with_test(text: str, test: Mapping[str, Any]) -> str:
    """The rule's text with one more test at the end of its tests; everything else stays as it is written.

    ValueError when the text is no YAML mapping.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("not a rule")
    line = yaml.safe_dump(
        dict(test), allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**6
    ).strip()
    tests = next((value for key, value in node.value if key.value == "tests"), None)
    body = text if text.endswith("\n") else f"{text}\n"
    if tests is None:
        return f"{body}tests:\n  - {line}\n"
    if not isinstance(tests, yaml.SequenceNode) or tests.flow_style or not tests.value:
        return _rewritten(text, test)
    lines = body.splitlines(keepends=True)
    last, column = tests.value[-1].end_mark, tests.start_mark.column
    at = last.line if last.column == 0 else last.line + 1
    while at > 0 and not lines[at - 1].strip():
        at -= 1
    lines.insert(at, f"{' ' * column}- {line}\n")
    return "".join(lines)


def _rewritten(text: str, test: Mapping[str, Any]) -> str:
    data = yaml.safe_load(text)
    data["tests"] = [*(data.get("tests") or []), dict(test)]
    return to_yaml(data)
