"""What the search page shows, and what it makes of a search: rows, a list, a draft rule."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import yaml

from ..errors import RulebookError
from ..inspect.rulebook import read_rulebook
from ..inspect.testing import run_test
from ..privacy.masking import mask_phones
from ..review.query import Query, parse_query
from ..review.search import Found, Matcher, search_page
from ..store.calls import CallFilter
from ..store.database import Store
from .hiding import hidden_parts, visible
from .texts import Texts

AREA = "custom"
"""Where rules that were made from a search lie in a rulebook."""
MOST_TESTS = 4
MOST_TERMS = 20
LEAST_SECONDS = 1.0
Address = Callable[[int], str]


def rows_of(found: Sequence[Found], texts: Texts, address: Address | None) -> list[dict[str, Any]]:
    """One row a line, as ``assets/search.js`` reads it; ``address`` gives a recording's sound."""
    return [
        {
            "id": one.recording_id,
            "title": mask_phones(one.call_id or one.name),
            "about": _about(one),
            "role": one.role,
            "role_label": texts(f"role.{one.role}"),
            "start": round(one.start, 2),
            "end": round(max(one.end, one.start + LEAST_SECONDS), 2),
            "pieces": marked_pieces(one),
            "sound": address(one.recording_id) if address else None,
        }
        for one in found
    ]


def marked_pieces(one: Found) -> list[list[Any]]:
    """The line as ``[text, marked]``, personal data hidden."""
    hidden = hidden_parts(one.text, one.redacted)
    if hidden is None:
        return [[one.redacted, 0]]
    edges = sorted({0, len(one.text), *(edge for span in one.marks for edge in span)})
    pieces = []
    for first, last in pairwise(edges):
        marked = any(begin <= first and last <= end for begin, end in one.marks)
        if shown := visible(one.text, first, last, hidden):
            pieces.append([shown, int(marked)])
    return pieces


def _about(one: Found) -> str:
    when = f"{one.started_at:%m-%d %H:%M}" if one.started_at else f"{one.day:%m-%d}"
    return " · ".join(part for part in (when, one.agent, one.team, one.business) if part)


def all_places(
    store: Store,
    query: Query,
    filter: CallFilter,
    candidates: Sequence[int] | None,
    tick: Callable[[int, int], None] = lambda calls, lines: None,
) -> Iterator[tuple[int, float]]:
    """Every call that is found, with the second of its first line; ``tick`` hears how many so far."""
    matcher, below, calls, lines = Matcher.of(query), None, 0, 0
    while True:
        page = search_page(store, matcher, filter, candidates, below=below, limit=1000, budget=2.0)
        first = {one.recording_id: one.start for one in reversed(page.found)}
        yield from first.items()
        calls, lines = calls + len(first), lines + len(page.found)
        tick(calls, lines)
        below = page.below
        if below is None:
            return


def draft_rule(query: Query, found: Sequence[Found], title: str) -> tuple[str, str]:
    """Path and YAML of a rule that finds what the query finds, with tests from what it found.

    Only lines without personal data become tests, and only those that pass.
    """
    digest = hashlib.sha256(query.source.encode()).hexdigest()[:8]
    name = f"search_{digest}"
    data = {**query.data, "title": title.strip() or query.source[:60], "name": name}
    data["detection"] = _spoken(query, found)
    data["outcome"] = data.get("outcome") or {"message": title.strip() or query.source[:60], "points": 0}
    data["tests"] = _tests(data, name, found)
    return f"{AREA}/{name}.yaml", yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)


def _spoken(query: Query, found: Sequence[Found]) -> dict[str, Any]:
    """The detections; one that was spelled in letters gets the words that were heard for them."""
    heard = Counter(one.text[a:b] for one in found for a, b in one.marks)
    detections: dict[str, Any] = dict(query.data["detection"])
    for name, detection in detections.items():
        if not isinstance(detection, Mapping) or not detection.get("short_sounds"):
            continue
        matcher = Matcher.of(parse_query(_as_query(detection)))
        words = [word for word, _ in heard.most_common() if matcher.fits(word)][:MOST_TERMS]
        if words:
            detections[name] = {**detection, "terms": words}
    return detections


def _as_query(detection: Mapping[str, Any]) -> str:
    alone = {key: value for key, value in detection.items() if key != "near"}
    return str(yaml.safe_dump({"detection": {"a": alone, "condition": "a"}}, allow_unicode=True))


def _tests(data: dict[str, Any], name: str, found: Sequence[Found]) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = []
    for one in found:
        if len(tests) == MOST_TESTS:
            break
        test = {
            "name": f"通话原句 {len(tests) + 1}",
            "turns": [{one.role: one.text}],
            "expect": [{"turn": 0, "quote": one.quote}],
        }
        if one.text == one.redacted and _passes(data, name, test):
            tests.append(test)
    return tests


def _passes(data: dict[str, Any], name: str, test: dict[str, Any]) -> bool:
    text = yaml.safe_dump({**data, "tests": [test]}, allow_unicode=True)
    try:
        rulebook = read_rulebook({f"{AREA}/{name}.yaml": text})
    except RulebookError:
        return False
    return run_test(rulebook.rules[0], test, rulebook).passed
