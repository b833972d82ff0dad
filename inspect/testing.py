"""The tests inside rule files: who says what, and what must be flagged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..transcribe.measures import spoken_length
from ..transcribe.types import Measures, Role, Transcript
from .engine import inspect_call
from .rule import Rule
from .rulebook import Rulebook
from .truth import transcript_of
from .types import Flag

SECONDS_A_CHARACTER = 0.2
PAUSE = 0.4
"""Seconds between turns that do not say otherwise."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """How one test of one rule ended; ``problem`` is empty when it passed."""

    __test__ = False

    rule: str
    name: str
    problem: str = ""

    @property
    def passed(self) -> bool:
        return not self.problem


def run_rule_tests(rulebook: Rulebook) -> list[TestResult]:
    """Run every test of every rule, each against its own rule."""
    return [run_test(rule, test, rulebook) for rule in rulebook.rules for test in rule.tests]


def run_test(rule: Rule, test: Mapping[str, Any], rulebook: Rulebook) -> TestResult:
    """Run one test: exactly the expected turns must be flagged, with quotes that hold the expected words."""
    transcript = transcript_of_turns(test["turns"], test.get("tail", 0.0))
    metadata = {str(k): str(v) for k, v in (test.get("metadata") or {}).items()}
    inspection = inspect_call(transcript, rulebook.only(rule.id), metadata)
    failed = [r.reason for r in inspection.results if r.outcome == "failed"]
    problem = failed[0] if failed else _difference(inspection.flags, test["expect"], transcript)
    return TestResult(rule.id, str(test["name"]), problem)


def _difference(flags: Sequence[Flag], expect: Sequence[Mapping[str, Any]], transcript: Transcript) -> str:
    left = list(flags)
    for wanted in expect:
        match = next((f for f in left if _fits(f, wanted, transcript)), None)
        if match is None:
            raised = "; ".join(f"“{f.quote}”" for f in flags) or "nothing"
            return f"expected {dict(wanted)}, but flagged was {raised}"
        left.remove(match)
    return "not expected: " + "; ".join(f"“{f.quote}” ({f.why})" for f in left) if left else ""


def _fits(flag: Flag, wanted: Mapping[str, Any], transcript: Transcript) -> bool:
    if wanted.get("quote", "") not in flag.quote:
        return False
    if "turn" not in wanted:
        return True
    turn = transcript.utterances[wanted["turn"]]
    if flag.utterance is not None:
        return bool(flag.utterance == turn.index)
    return bool(flag.start <= turn.end and flag.end >= turn.start)


def transcript_of_turns(turns: Sequence[Mapping[str, Any]], tail: float = 0.0) -> Transcript:
    """A transcript of test turns; times they do not give are those of ordinary speech.

    ``tail`` is how many seconds the recording goes on after the last word.

    A turn is ``{agent: …}`` or ``{customer: …}`` with, in seconds, ``at`` (its start), ``pause``
    (silence before it), ``overlap`` (how long before the end of the last turn it starts) or
    ``duration``, and ``level`` (dBFS).
    """
    timed = list(_timed(turns))
    end = max((end for _, _, end, _ in timed), default=0.0) + tail
    transcript = transcript_of(timed, end)
    levels = {str(i): float(turn["level"]) for i, turn in enumerate(turns) if "level" in turn}
    return replace(transcript, measures=_with_levels(transcript, levels)) if levels else transcript


def _with_levels(transcript: Transcript, levels: Mapping[str, float]) -> Measures:
    """Each speaker's level is the plain mean of those given."""
    own: dict[Role, list[float]] = {}
    for u in transcript.utterances:
        if str(u.index) in levels:
            own.setdefault(u.role, []).append(levels[str(u.index)])
    means = {str(role): sum(values) / len(values) for role, values in own.items()}
    return replace(transcript.measures, utterance_dbfs=levels, loudness_dbfs=means)


def _timed(turns: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Role, float, float, str]]:
    clock = 0.0
    for turn in turns:
        role = next(Role(key) for key in turn if key in {str(r) for r in Role})
        text = str(turn[role])
        start = clock + turn.get("pause", PAUSE) - (turn["overlap"] + PAUSE if "overlap" in turn else 0)
        start = turn.get("at", max(0.0, start))
        end = start + turn.get("duration", max(0.4, SECONDS_A_CHARACTER * spoken_length(text)))
        clock = max(clock, end)
        yield role, start, end, text
