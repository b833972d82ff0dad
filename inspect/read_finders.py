"""The keys of a detection that say what words to find → finders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import limits
from .amounts import read_amount
from .entities import KINDS
from .fold import fold
from .patterns import PatternError, check_pattern, expand
from .read_sound import (
    read_data,
    read_hangup,
    read_interruption,
    read_loudness,
    read_rate,
    read_response,
    read_silence,
    read_speaks,
)
from .reader import Fields
from .rule import Entities, Finder, Keywords, Patterns, Repeats, Similar
from .sounds import Precision
from .terms import Entry, Term

Lists = Mapping[str, Sequence[str | Entry]]
_PRECISIONS = tuple(str(p) for p in Precision)


def read_patterns(fields: Fields, key: str, lists: Lists, precision: Precision) -> tuple[str, ...]:
    """Expressions with their list references expanded, each tried before it is taken."""
    taken = []
    sources = fields.texts(key)
    if len(sources) > limits.EXPRESSIONS:
        fields.problem(f"more than {limits.EXPRESSIONS} expressions", key)
    for number, source in enumerate(sources[: limits.EXPRESSIONS]):
        try:
            expanded = expand(source, {name: _texts(entries) for name, entries in lists.items()})
            check_pattern(expanded, precision)
            taken.append(expanded)
        except PatternError as error:
            fields.problem(f"'{source[:80]}': {error}", key, number)
    return tuple(taken)


def _texts(entries: Sequence[str | Entry]) -> list[str]:
    return [entry if isinstance(entry, str) else entry.text for entry in entries]


def read_precision(fields: Fields) -> Precision:
    return Precision(fields.choice("match", _PRECISIONS, "exact"))


def read_entries(fields: Fields, key: str) -> tuple[str | Entry, ...]:
    """Terms: texts, numbers, or mappings with a term, its synonyms and how exactly it is heard."""
    value = fields.raw(key, [])
    items = value if isinstance(value, list) else [value]
    entries: list[str | Entry] = []
    for number, item in enumerate(items):
        if isinstance(item, dict):
            entries += _entry(Fields(item, (*fields.path, key, number), fields.problems))
        elif isinstance(item, bool) or not isinstance(item, str | int):
            fields.problem(f"'{key}' must hold texts", key, *([number] if isinstance(value, list) else []))
        elif str(item):
            entries.append(str(item))
    return tuple(entries)


def _entry(fields: Fields) -> list[Entry]:
    text = str(fields.raw("term", ""))
    if not text:
        fields.problem("'term' is missing")
    precision = Precision(fields.choice("match", _PRECISIONS)) if "match" in fields else None
    entry = Entry(text, precision, _maybe(fields, "short_sounds"), _maybe(fields, "boundary"))
    synonyms = fields.texts("synonyms")
    fields.done()
    return [entry, *(replace(entry, text=synonym, same_as=text) for synonym in synonyms)]


def _maybe(fields: Fields, key: str) -> bool | None:
    return fields.flag(key) if key in fields else None


def _keywords(fields: Fields, lists: Lists) -> Finder:
    entries = list(read_entries(fields, "terms"))
    for number, name in enumerate(fields.texts("lists")):
        if name not in lists:
            fields.problem(f"there is no list '{name}'", "lists", number)
        entries += lists.get(name, ())
    usual = Term("", read_precision(fields), fields.flag("short_sounds"), fields.flag("boundary"))
    terms: dict[str, Term] = {}
    for entry in entries:
        term = _term(entry, usual)
        terms.setdefault(term.text, term)
    for text in terms:
        problem = _unusable(text)
        if problem:
            fields.problem(problem, "terms")
    return Keywords(tuple(terms.values()), _coarsest(terms.values(), usual), _distinct(fields, terms))


def _term(entry: str | Entry, usual: Term) -> Term:
    if isinstance(entry, str):
        return replace(usual, text=entry)
    return Term(
        entry.text,
        usual.precision if entry.precision is None else entry.precision,
        usual.short_sounds if entry.short_sounds is None else entry.short_sounds,
        usual.boundary if entry.boundary is None else entry.boundary,
        entry.same_as,
    )


def _coarsest(terms: Any, usual: Term) -> Precision:
    order = list(Precision)
    return max((term.precision for term in terms), key=order.index, default=usual.precision)


def _unusable(text: str) -> str:
    if not fold(text):
        return f"the term '{text}' has no character that can be matched"
    if len(text) > limits.TERM_CHARACTERS:
        return f"the term '{text[:20]}…' has more than {limits.TERM_CHARACTERS} characters"
    return ""


def _distinct(fields: Fields, terms: Mapping[str, Term]) -> int:
    """How many different terms are wanted; synonyms are one, ``all`` is all of them."""
    different = len({term.same_as or term.text for term in terms.values()})
    if fields.raw("distinct") == "all":
        return max(1, different)
    wanted = fields.whole("distinct", 1, low=1)
    if wanted > max(1, different):
        fields.problem(f"there are only {different} different terms", "distinct")
    return wanted


def _patterns(fields: Fields, lists: Lists) -> Finder:
    precision = read_precision(fields)
    return Patterns(read_patterns(fields, "regex", lists, precision), precision)


def _similar(fields: Fields, lists: Lists) -> Finder:
    samples = fields.texts("similar")
    if len(samples) > limits.SAMPLES:
        fields.problem(f"at most {limits.SAMPLES} samples", "similar")
    threshold = fields.number("threshold", 0.6, low=0.1)
    return Similar(samples, threshold, read_precision(fields))


def _entities(fields: Fields, lists: Lists) -> Finder:
    kinds = fields.texts("entity")
    for kind in kinds:
        if kind not in KINDS:
            fields.problem(f"'{kind}' is no entity; there are {', '.join(KINDS)}", "entity")
    return Entities(kinds, fields.flag("valid"))


def _repeats(fields: Fields, lists: Lists) -> Finder:
    inner = fields.child("repeats")
    finder = Repeats(
        int(read_amount(inner, "within", ("utterances",), "5 utterances").value),
        inner.whole("times", 2, low=2),
        inner.whole("min_chars", 6, low=1),
        inner.number("threshold", 0.8, low=0.1),
        read_patterns(inner, "excluding", lists, Precision.EXACT),
    )
    if finder.within > limits.REPEAT_UTTERANCES:
        inner.problem(f"at most {limits.REPEAT_UTTERANCES} utterances", "within")
    inner.done()
    return finder


def _alone(read: Callable[[Fields], Finder]) -> Callable[[Fields, Lists], Finder]:
    return lambda fields, lists: read(fields)


_READERS: dict[str, Callable[[Fields, Lists], Finder]] = {
    "terms": _keywords,
    "lists": _keywords,
    "regex": _patterns,
    "similar": _similar,
    "entity": _entities,
    "silence": _alone(read_silence),
    "response": _alone(read_response),
    "hangup": _alone(read_hangup),
    "loudness": _alone(read_loudness),
    "rate": _alone(read_rate),
    "interruption": _alone(read_interruption),
    "repeats": _repeats,
    "speaks": _alone(read_speaks),
    "data": _alone(read_data),
}


def read_finder(fields: Fields, lists: Lists) -> Finder:
    """The one finder of a detection; having none or several is a problem."""
    readers = {_READERS[key]: key for key in _READERS if key in fields}
    if len(readers) != 1:
        fields.problem(f"a detection needs exactly one of {', '.join(_READERS)}")
        for key in readers.values():
            fields.raw(key)
        return Keywords(())
    return next(iter(readers))(fields, lists)
