"""The rule engine: one transcript and one rulebook in, flags and score out. No clock, database or model."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from ..transcribe.types import Transcript
from . import limits
from .document import Document
from .flags import make_flags
from .rule import Rule
from .rulebook import Rulebook
from .run import RuleRun
from .scan import Batch, Scan
from .score import choose_scorecard, score_flags
from .types import Flag, Inspection, Outcome, RuleResult

BATCH = 64
"""Calls that are read together; more are hardly faster and take more memory."""
NO_METADATA: Mapping[str, str] = MappingProxyType({})


def inspect_call(
    transcript: Transcript, rulebook: Rulebook, metadata: Mapping[str, str] = NO_METADATA
) -> Inspection:
    """Run every rule on one call; a rule that fails is reported and stops no other."""
    return next(inspect_calls([(transcript, metadata)], rulebook))


def inspect_calls(
    calls: Iterable[tuple[Transcript, Mapping[str, str]]], rulebook: Rulebook
) -> Iterator[Inspection]:
    """The same for many calls with their metadata, in order and faster: BATCH of them are read together."""
    waiting = iter(calls)
    while batch := list(islice(waiting, BATCH)):
        docs = [Document(transcript) for transcript, _ in batch]
        scans = Batch(rulebook.lexicon, docs).scans
        for (_, metadata), doc, scan in zip(batch, docs, scans, strict=True):
            yield _inspect(doc, scan, rulebook, metadata)


def _inspect(doc: Document, scan: Scan, rulebook: Rulebook, metadata: Mapping[str, str]) -> Inspection:
    flags: list[Flag] = []
    results: list[RuleResult] = []
    for rule in rulebook.rules:
        result, raised = run_rule(rule, doc, scan, metadata)
        results.append(result)
        flags += raised
    flags.sort(key=lambda f: (f.start, f.end, f.rule))
    card = choose_scorecard(rulebook.scorecards, metadata)
    score, items = score_flags(flags, rulebook.rules, card)
    return Inspection(tuple(flags), score, rulebook.hash, tuple(results), items, card.name)


def run_rule(
    rule: Rule, doc: Document, scan: Scan, metadata: Mapping[str, str], runs: type[RuleRun] = RuleRun
) -> tuple[RuleResult, list[Flag]]:
    """How one rule ends on one call, and its flags."""
    run = runs(rule, doc, scan, metadata)
    try:
        reason = run.not_applicable()
        if reason:
            return RuleResult(rule.id, Outcome.NOT_APPLICABLE, reason), []
        flags = make_flags(run)
        why_not = "" if flags else run.why_not()
    except Exception as error:  # a rule must never stop a batch, whatever is wrong with it
        return RuleResult(rule.id, Outcome.FAILED, f"{type(error).__name__}: {error}"), []
    if flags:
        return RuleResult(rule.id, Outcome.HIT, _hit_reason(run, len(flags))), flags[: limits.FLAGS]
    return RuleResult(rule.id, Outcome.NOT_HIT, why_not), []


def _hit_reason(run: RuleRun, flags: int) -> str:
    reason = f"{flags} flagged"
    if flags > limits.FLAGS:
        reason += f", of which the first {limits.FLAGS} are kept"
    if run.cut:
        reason += f"; only the first {limits.HITS:,} hits of {' and '.join(run.cut)} were looked at"
    return reason
