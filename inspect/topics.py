"""What a call is about, and which department owns the problem.

A count of words, not a model: every topic has terms of its own, and a call belongs to the topic whose terms
are said most. It can be read, explained and edited, and needs nothing but the transcript. Pure: no database,
no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

import re2  # type: ignore[import-untyped]
import yaml

from ..errors import CallqaError
from ..transcribe.types import Role, Transcript
from .document import Document
from .fold import fold
from .sounds import Precision, sound_text

STRONG = 3.0
HEAD_START = 3.0
"""Points of a topic or department in whose business the call is."""
EARLY = 2.0
"""How much more a word counts among the customer's first words and in the agent's greeting."""
EARLY_CUSTOMER, EARLY_AGENT = 3, 1
"""Utterances that are the beginning, of each role."""
SOUNDS_FROM = 3
"""Terms of so many characters are also known when they only sound so."""
LEAST = 4.0
"""Points below which a call is about something else."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a topic, folded, and as it sounds when it is long enough."""

    text: str
    weight: float
    sound: str | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of concern; a channel of the customers' voice."""

    name: str
    title: str
    title_en: str
    terms: tuple[Term, ...]
    business: frozenset[str] = frozenset()
    business_only: frozenset[str] = frozenset()
    """When given, calls of other businesses cannot have this topic; ``""`` stands for an unknown business."""


@dataclass(frozen=True, slots=True)
class Department:
    """Who answers for some topics; ``named`` finds the name of its branch in what was said."""

    name: str
    topics: frozenset[str]
    terms: tuple[Term, ...]
    business: frozenset[str] = frozenset()
    named: str | None = None
    """RE2; its first group is put before the name: 城东 before 派送站."""


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics and departments, and what a call is when none fits."""

    topics: tuple[Topic, ...]
    departments: tuple[Department, ...]
    other: Topic
    nobody: str
    """The department of calls for which no other answers."""

    def __getitem__(self, name: str) -> Topic:
        return next(t for t in (*self.topics, self.other) if t.name == name)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A term that was said, and in which utterances."""

    term: str
    utterances: tuple[int, ...]
    points: float


@dataclass(frozen=True, slots=True)
class CallTopic:
    """What a call is about; ``ranking`` holds every topic with points, most first."""

    topic: str
    title: str
    department: str
    evidence: tuple[Evidence, ...]
    ranking: tuple[tuple[str, float], ...]


class TopicsError(CallqaError):
    """A topics file that cannot be used; the message names every problem."""


def topic_of(transcript: Transcript, topics: Topics, metadata: Mapping[str, str] | None = None) -> CallTopic:
    """The topic and the responsible department of a call.

    ``metadata`` is the call data; its ``business`` gives topics and departments of it a head start.
    """
    words = _Words(Document(transcript))
    business = str((metadata or {}).get("business") or "")
    scored = [
        (topic, *_points(topic.terms, words), HEAD_START * (business in topic.business))
        for topic in topics.topics
        if not topic.business_only or business in topic.business_only
    ]
    ranked = sorted(((t, p + head, e) for t, p, e, head in scored if p), key=lambda s: -s[1])
    best, points, evidence = ranked[0] if ranked else (topics.other, 0.0, ())
    if points < LEAST:
        best, evidence = topics.other, ()
    ranking = tuple((topic.name, round(p, 2)) for topic, p, _ in ranked)
    return CallTopic(best.name, best.title, _department(best, topics, words, business), evidence, ranking)


def load_topics(path: Path) -> Topics:
    """Read a topics file (see ``rules/topics.yaml``). Raises TopicsError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = _topics(raw)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        said = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise TopicsError(f"{path}: {said}") from error
    problems = _problems(found)
    if problems:
        raise TopicsError("\n".join(f"{path}: {problem}" for problem in problems))
    return found


@cache
def shipped_topics() -> Topics:
    return load_topics(Path(__file__).parent.parent / "rules" / "topics.yaml")


class _Words:
    """The utterances of a call as they are searched: folded and as they sound, the beginning known."""

    def __init__(self, document: Document) -> None:
        sounds = document.heard_lines(Precision.PINYIN) if document.lines else []
        self.lines = [
            (u.index, folded, sound, _is_early(document, place))
            for place, (u, folded, sound) in enumerate(
                zip(document.utterances, document.lines, sounds, strict=True)
            )
        ]
        self.text = document.text

    def points(self, term: Term) -> Evidence | None:
        said: list[int] = []
        weight = 0.0
        for index, folded, sound, early in self.lines:
            if term.text in folded or (term.sound is not None and term.sound in sound):
                said.append(index)
                weight = max(weight, EARLY if early else 1.0)
        if not said:
            return None
        # Said again it counts more, but ever less, so that one word does not decide a long call.
        return Evidence(term.text, tuple(said), term.weight * weight * log2(1 + len(said)))


def _is_early(document: Document, place: int) -> bool:
    role = document.utterances[place].role
    first = sum(u.role == role for u in document.utterances[:place])
    return first < {Role.CUSTOMER: EARLY_CUSTOMER, Role.AGENT: EARLY_AGENT}.get(role, 0)


def _points(terms: tuple[Term, ...], words: _Words) -> tuple[float, tuple[Evidence, ...]]:
    found = [e for term in terms if (e := words.points(term)) is not None]
    ordered = sorted(found, key=lambda e: -e.points)
    return sum(e.points for e in found), tuple(ordered)


def _department(topic: Topic, topics: Topics, words: _Words, business: str) -> str:
    answers = [
        (_points(d.terms, words)[0] + HEAD_START * (business in d.business), d)
        for d in topics.departments
        if topic.name in d.topics and (not d.business or not business or business in d.business)
    ]
    if not answers:
        return topics.nobody
    best = max(answers, key=lambda answer: answer[0])[1]
    branch = re2.search(best.named, words.text) if best.named else None
    return f"{branch[1]}{best.name}" if branch else best.name


def _topics(raw: Mapping[str, Any]) -> Topics:
    other = raw["other"]
    return Topics(
        tuple(_topic(t) for t in raw["topics"]),
        tuple(_one_department(d) for d in raw["departments"]),
        Topic(str(other["topic"]), str(other["title"]), str(other.get("title_en", "")), ()),
        str(other["department"]),
    )


def _topic(raw: Mapping[str, Any]) -> Topic:
    return Topic(
        str(raw["name"]),
        str(raw["title"]),
        str(raw.get("title_en") or raw["name"]),
        tuple(_terms(raw.get("strong"), STRONG) + _terms(raw.get("terms"), 1.0)),
        frozenset(raw.get("business") or ()),
        frozenset(raw.get("business_only") or ()),
    )


def _one_department(raw: Mapping[str, Any]) -> Department:
    return Department(
        str(raw["name"]),
        frozenset(raw["topics"]),
        tuple(_terms(raw.get("terms"), 1.0)),
        frozenset(raw.get("business") or ()),
        raw.get("named"),
    )


def _terms(words: list[Any] | None, weight: float) -> list[Term]:
    folded = [fold(str(word)) for word in words or ()]
    return [
        Term(word, weight, sound_text(word, Precision.PINYIN) if len(word) >= SOUNDS_FROM else None)
        for word in dict.fromkeys(folded)
        if word
    ]


def _problems(topics: Topics) -> list[str]:
    names = [topic.name for topic in topics.topics] + [topics.other.name]
    found = [f"topic {name} is given twice" for name in sorted({n for n in names if names.count(n) > 1})]
    found += [f"topic {topic.name} has no terms" for topic in topics.topics if not topic.terms]
    for department in topics.departments:
        unknown = sorted(department.topics - set(names))
        found += [f"department {department.name} answers for {name}, which is no topic" for name in unknown]
    return found
