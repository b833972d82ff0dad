"""What people type to search transcripts, read as a rule: the engine then finds what a rule would find.

::

    退款 投诉                both in one utterance
    "服务 态度"              a phrase; spaces and punctuation do not matter
    退款|退钱                one of them
    ~退款  tuikuan           what sounds like it, by hand or in pinyin letters
    退款 -运费               not where 运费 is said in the same utterance
    退款 NEAR/10 投诉        at most 10 characters apart; 10s seconds, 3u utterances, call: anywhere
    退款 BEFORE/30s 投诉     投诉 comes after 退款, within 30 s (AFTER: before it)
    退款 NOT NEAR/call 投诉  and 投诉 nowhere in the call
    /退.{0,4}款/             a regular expression (RE2)
    role:agent              only what the agent says (customer, system; 坐席, 客户 too)

A text with a line ``detection:`` is read as the YAML of a rule or of its detection alone. Every relation is
to the first term.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from ..errors import UsageError
from ..inspect.fold import fold
from ..inspect.read_rule import read_rule
from ..inspect.reader import Problems, parse_yaml
from ..inspect.rule import Rule
from ..inspect.sounds import syllables

RULE_ID = "search.query"
LONGEST_QUERY = 4000
_TOKEN = re.compile(
    r'\s*(?P<minus>-)?(?P<sound>~|拼音[:：])?(?:"(?P<phrase>[^"]*)"|“(?P<quoted>[^”]*)”'
    r"|/(?P<regex>(?:[^/\\\s]|\\.)(?:[^/\\]|\\.)*)/(?=\s|$)|(?P<word>\S+))"
)
_RELATION = re.compile(r"(NEAR|BEFORE|AFTER)/(?:(\d+)([su]?)|(call))", re.IGNORECASE)
_ROLE = re.compile(r"(?:role|角色)[:：](\w+)", re.IGNORECASE)
_ROLES = {"坐席": "agent", "客服": "agent", "客户": "customer", "系统": "system"}
_WHERE = {"NEAR": "around", "BEFORE": "after", "AFTER": "before"}
_UNITS = {"": "chars", "s": "s", "u": "utterances"}


@dataclass(frozen=True, slots=True)
class Query:
    """A search: what was typed, the rule it means, and that rule as plain data for its YAML."""

    source: str
    rule: Rule
    data: Mapping[str, Any]
    positive: tuple[str, ...]
    """Detections whose hits are worth marking."""


@dataclass
class _Draft:
    """What has been read so far."""

    speaker: str | None = None
    detections: dict[str, dict[str, Any]] = field(default_factory=dict)
    condition: list[str] = field(default_factory=list)
    relation: tuple[str, str] | None = None
    negated: bool = False


def parse_query(text: str) -> Query:
    """Read a query; raises UsageError, in the words of the person's language-neutral grammar above."""
    source = text.strip()
    if not source:
        raise UsageError("type what to look for")
    if len(source) > LONGEST_QUERY:
        raise UsageError(f"a query has at most {LONGEST_QUERY} characters")
    data = _from_yaml(source) if re.search(r"^\s*detection:", source, re.MULTILINE) else _from_words(source)
    problems = Problems("query")
    rule = read_rule(RULE_ID, data, {}, problems)
    if rule is None:
        raise UsageError("; ".join(p.split(": ", 1)[-1] for p in problems.found))
    positive = tuple(dict.fromkeys(n for n, wanted in rule.condition.names() if wanted))
    return Query(source, rule, data, positive)


def _from_yaml(source: str) -> dict[str, Any]:
    try:
        data, _ = parse_yaml(source)
    except yaml.YAMLError as error:
        raise UsageError(f"not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise UsageError("a rule is a mapping with 'detection'")
    kept = {key: value for key, value in data.items() if key not in ("name", "tests")}
    return {**_frame("search"), **kept, "name": "query"}


def _frame(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "name": "query",
        "version": 1,
        "status": "experimental",
        "level": "low",
    }


def _from_words(source: str) -> dict[str, Any]:
    draft, at = _Draft(), 0
    while match := _TOKEN.match(source, at):
        at = match.end()
        _take(draft, match)
    if draft.relation or draft.negated:
        raise UsageError("a term is missing at the end")
    if not draft.condition or draft.condition[0].startswith("not "):
        raise UsageError("name at least one term to be found, before those that must not be there")
    scope = {"speaker": draft.speaker} if draft.speaker else {}
    detection = {**draft.detections, "condition": " and ".join(draft.condition)}
    return {**_frame(source[:60]), **({"scope": scope} if scope else {}), "detection": detection}


def _take(draft: _Draft, match: re.Match[str]) -> None:
    word = match["word"] or ""
    role, relation = _ROLE.fullmatch(word), _RELATION.fullmatch(word)
    if role:
        draft.speaker = _ROLES.get(role[1], role[1].lower())
    elif relation:
        draft.relation = _relation(draft, relation)
    elif word.upper() in ("NOT", "AND"):
        draft.negated = draft.negated or word.upper() == "NOT"
    elif word:
        _place(draft, _word(word, bool(match["sound"])), bool(match["minus"]))
    elif match["regex"] is not None:
        how = {"match": "pinyin"} if match["sound"] else {}
        _place(draft, {"regex": match["regex"], **how}, bool(match["minus"]))
    else:
        phrase = (match["phrase"] if match["phrase"] is not None else match["quoted"]).strip()
        _place(draft, _terms([phrase], bool(match["sound"])), bool(match["minus"]))


def _relation(draft: _Draft, found: re.Match[str]) -> tuple[str, str]:
    if not draft.condition:
        raise UsageError(f"{found[0]} needs a term before it")
    within = "call" if found[4] else f"{found[2]} {_UNITS[(found[3] or '').lower()]}"
    return within, _WHERE[found[1].upper()]


def _place(draft: _Draft, detection: dict[str, Any], minus: bool) -> None:
    """Add a detection: the first is what is found, every other stands in a relation to it."""
    name = f"term{len(draft.detections) + 1}"
    anchor = next(iter(draft.detections), None)
    negative = minus or draft.negated
    if anchor is not None:
        within, where = draft.relation or ("utterance", "around")
        detection = {**detection, "near": {"anchor": anchor, "within": within, "where": where}}
    draft.detections[name] = detection
    draft.condition.append(f"not {name}" if negative else name)
    draft.relation, draft.negated = None, False


def _word(word: str, by_sound: bool) -> dict[str, Any]:
    choices = [choice for choice in word.split("|") if choice]
    if not choices:
        raise UsageError(f"'{word}' names nothing to look for")
    spelled = [_by_letters(choice) for choice in choices]
    if by_sound or any(spelled):
        terms = [
            term for choice, said in zip(choices, spelled, strict=True) for term in (choice, said) if term
        ]
        return _terms(terms, True)
    return _terms(choices, False)


def _terms(terms: Sequence[str], by_sound: bool) -> dict[str, Any]:
    for term in terms:
        if not fold(term):
            raise UsageError(f"'{term}' has nothing that can be looked for")
    return {"terms": list(terms), **({"match": "pinyin", "short_sounds": True} if by_sound else {})}


def _by_letters(word: str) -> str | None:
    """Characters that sound like pinyin letters, when the word is at least two syllables of them.

    >>> [len(_by_letters(word) or "") for word in ("tuikuan", "tui'kuan", "vip", "wan")]
    [2, 2, 0, 0]
    """
    if not re.fullmatch(r"[a-zA-Z']+", word):
        return None
    found = _split(word.lower().strip("'"))
    return "".join(_sound_signs()[syllable] for syllable in found) if found and len(found) > 1 else None


def _split(letters: str) -> tuple[str, ...] | None:
    """The fewest syllables that spell ``letters``."""
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 7), end):
            part = letters[start:end].strip("'")
            known = best.get(start)
            if known is None or (part and part not in _sound_signs()):
                continue
            taken = (*known, part) if part else known
            if end not in best or len(taken) < len(best[end]):
                best[end] = taken
    return best.get(len(letters))


@cache
def _sound_signs() -> dict[str, str]:
    """Syllable → one common character with that sound."""
    signs: dict[str, str] = {}
    for char, syllable in sorted(syllables().items(), key=lambda item: (ord(item[0]) < 0x4E00, ord(item[0]))):
        signs.setdefault(syllable, char)
    return {s: c for s, c in signs.items() if (s.isascii() and len(s) > 1) or s in ("a", "e", "o")}
