"""Searching all transcripts by a query: candidates from an index, the engine decides, page by page.

A page ends when it is full or its time is up; its cursor goes on from there, so there is no last page but
the end of the calls.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ..errors import UsageError
from ..inspect.document import Document
from ..inspect.engine import run_rule
from ..inspect.run import RuleRun
from ..inspect.scan import Lexicon, Scan
from ..inspect.types import Outcome
from ..store.call import get_call
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.search_rows import SearchCall, calls_to_search, lines_of
from ..transcribe.types import Measures, Role, Transcript, Utterance
from .query import Query

PAGE = 30
BUDGET_SECONDS = 0.4
_FIRST_CHUNK, _MOST = 16, 256
_ACOUSTIC = frozenset({"Silence", "Rate", "Interruptions", "CallData"})


@dataclass(frozen=True, slots=True)
class Found:
    """One line that was found; ``marks`` are the characters of ``text`` that made it so."""

    recording_id: int
    name: str
    call_id: str | None
    day: date
    started_at: datetime | None
    business: str | None
    team: str | None
    agent: str | None
    position: int
    role: str
    start: float
    end: float
    quote: str
    text: str
    redacted: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of what was found. ``below``: where the next page goes on; None when all calls were read."""

    found: tuple[Found, ...]
    below: int | None
    searched: int
    """Calls read for this page."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Matcher:
    """A query made ready to be run over many calls."""

    query: Query
    lexicon: Lexicon

    @classmethod
    def of(cls, query: Query) -> "Matcher":
        return cls(query, Lexicon((query.rule,)))

    @property
    def acoustic(self) -> bool:
        """Whether it needs more than the words of a call."""
        return any(type(d.finder).__name__ in _ACOUSTIC for d in self.query.rule.detections.values())

    def fits(self, text: str) -> bool:
        """Whether the query finds this text when somebody says nothing else."""
        line = Utterance(0, 0.0, 1.0, "S1", self.query.rule.scope.speaker or Role.CUSTOMER, text)
        doc = Document(Transcript(1.0, 1, "", (line,), Measures()))
        return bool(run_rule(self.query.rule, doc, Scan(self.lexicon, doc), {})[1])

    def find(self, call: SearchCall, transcript: Transcript) -> Iterator[Found]:
        """The lines of the call that the query finds. Raises UsageError when the query cannot be run."""
        doc = Document(transcript)
        scan = Scan(self.lexicon, doc)
        result, flags = run_rule(self.query.rule, doc, scan, call.call_data)
        if result.outcome is Outcome.FAILED:
            raise UsageError(result.reason)
        marks = self._marks(doc, scan, call) if flags else {}
        lines = {line.position: line for line in call.lines}
        for flag in flags:
            line = lines.get(flag.utterance if flag.utterance is not None else _line_at(call, flag.start))
            if line is None:
                continue
            yield Found(
                call.id,
                call.name,
                call.call_id,
                call.day,
                call.started_at,
                call.business,
                call.team,
                call.agent,
                line.position,
                line.role,
                flag.start,
                flag.end,
                flag.quote,
                line.text,
                line.redacted,
                tuple(marks.get(line.position, ())),
            )

    def _marks(self, doc: Document, scan: Scan, call: SearchCall) -> dict[int, list[tuple[int, int]]]:
        run = RuleRun(self.query.rule, doc, scan, call.call_data)
        marks: dict[int, list[tuple[int, int]]] = {}
        for name in self.query.positive:
            for hit in run.hits(name):
                if hit.line is None or hit.end <= hit.start:
                    continue
                line, first, last = doc.original(hit.start, hit.end)
                marks.setdefault(doc.utterances[line].index, []).append((first, last))
        return {position: sorted(set(spans)) for position, spans in marks.items()}


def search_page(
    store: Store,
    matcher: Matcher,
    filter: CallFilter,
    candidates: Sequence[int] | None,
    *,
    below: int | None = None,
    limit: int = PAGE,
    budget: float = BUDGET_SECONDS,
) -> SearchPage:
    """The next page, newest calls first, from calls numbered lower than ``below``.

    ``candidates`` are the only calls that can hold a hit (None: any may). At least one chunk of calls is
    read whatever the ``budget`` of seconds.
    """
    begun = time.monotonic()
    found: list[Found] = []
    searched, chunk, at = 0, _FIRST_CHUNK, below
    while True:
        numbers = _next(store, filter, candidates, at, chunk)
        if not numbers:
            return SearchPage(tuple(found), None, searched, time.monotonic() - begun)
        for call in lines_of(store, numbers, filter):
            found += matcher.find(call, _transcript(store, call, matcher))
            searched, at = searched + 1, call.id
            if len(found) >= limit or time.monotonic() - begun > budget:
                return SearchPage(tuple(found), at, searched, time.monotonic() - begun)
        at, chunk = numbers[-1], min(_MOST, chunk * 4)
        if time.monotonic() - begun > budget:
            return SearchPage(tuple(found), at, searched, time.monotonic() - begun)


def _next(
    store: Store, filter: CallFilter, candidates: Sequence[int] | None, below: int | None, many: int
) -> Sequence[int]:
    """The next candidates, highest number first. ``candidates`` are in rising order."""
    if candidates is None:
        return calls_to_search(store, filter, below, many)
    end = len(candidates) if below is None else bisect_left(candidates, below)
    return candidates[max(0, end - many) : end][::-1]


def _transcript(store: Store, call: SearchCall, matcher: Matcher) -> Transcript:
    if matcher.acoustic:
        whole = get_call(store, call.id).transcript
        if whole is not None:
            return whole
    lines = tuple(
        Utterance(line.position, line.start, line.end, line.role, Role(line.role), line.text)
        for line in call.lines
    )
    return Transcript(call.seconds, 2, "", lines, Measures())


def _line_at(call: SearchCall, second: float) -> int:
    """The line that is said at that second, or last before it."""
    before = [line.position for line in call.lines if line.start <= second]
    return before[-1] if before else 0
