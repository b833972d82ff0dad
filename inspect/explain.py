"""For people who write rules: what is wrong with a rulebook, and why a rule did or did not hit."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import RulebookError
from ..transcribe.types import Transcript
from .detect import described, described_scope
from .document import Document
from .engine import NO_METADATA, run_rule
from .hits import Hit, seconds_of
from .rule import Rule, Status
from .rulebook import Rulebook, load_rulebook
from .run import RuleRun
from .scan import Batch, Lexicon
from .testing import TestResult, run_rule_tests

_SHOWN = 5


def lint(folder: Path) -> tuple[str, ...]:
    """Everything wrong with the rulebook in ``folder``, ``file:line: message`` each; empty when sound.

    Beside what keeps it from loading: tests that fail, and stable rules without a test that must hit
    and one that must not.
    """
    try:
        rulebook = load_rulebook(folder)
    except RulebookError as error:
        return error.problems
    return shortcomings(rulebook)


def shortcomings(rulebook: Rulebook, tests: Sequence[TestResult] | None = None) -> tuple[str, ...]:
    """Tests that fail and tests that a stable rule lacks, one line each; ``tests`` are results at hand."""
    results = run_rule_tests(rulebook) if tests is None else tests
    failed = [f"{_file(r.rule)}:1: test '{r.name}': {r.problem}" for r in results if r.problem]
    return (*(p for rule in rulebook.rules for p in _untested(rule)), *failed)


def _file(rule_id: str) -> str:
    return rule_id.replace(".", "/", 1) + ".yaml"


def _untested(rule: Rule) -> Iterator[str]:
    if rule.status is not Status.STABLE:
        return
    if not any(test["expect"] for test in rule.tests):
        yield f"{_file(rule.id)}:1: a stable rule needs a test that must hit"
    if all(test["expect"] for test in rule.tests):
        yield f"{_file(rule.id)}:1: a stable rule needs a test that must not hit"


def explain(
    rulebook: Rulebook, rule_id: str, transcript: Transcript, metadata: Mapping[str, str] = NO_METADATA
) -> str:
    """How a rule came to its outcome on one call, detection by detection, for a person to read.

    Raises KeyError when the rulebook has no such rule.
    """
    rule = rulebook[rule_id]
    doc = Document(transcript)
    (scan,) = Batch(Lexicon([rule]), [doc]).scans
    result, flags = run_rule(rule, doc, scan, metadata)
    lines = [f"{rule.id} v{rule.version}: {result.outcome} ({result.reason})"]
    lines += [f"  condition: {rule.condition_source}"]
    run = RuleRun(rule, doc, scan, metadata)
    if not run.not_applicable():
        for name in rule.detections:
            lines += _detection(run, name)
    lines += [f"  flag {f.start:.1f}–{f.end:.1f} s: {f.why}" for f in flags]
    return "\n".join(lines)


def _detection(run: RuleRun, name: str) -> Iterator[str]:
    hits = run.hits(name)
    detection = run.rule.detections[name]
    where = "; ".join(filter(None, [described_scope(detection), *map(described, detection.near)]))
    yield f"  {name}{f' ({where})' if where else ''}: {_count(run, name, hits)}"
    for hit in hits[:_SHOWN]:
        start, end = seconds_of(hit, run.doc)
        said = run.doc.quote(hit.start, hit.end).text if _is_text(hit) else hit.about
        term = f" of “{hit.about}”" if _is_text(hit) and hit.about else ""
        yield f"    {start:.1f}–{end:.1f} s “{said}” ({hit.match}{term}){_set_aside(run, name, hit)}"
    if len(hits) > _SHOWN:
        yield f"    and {len(hits) - _SHOWN} more"


def _count(run: RuleRun, name: str, hits: Sequence[Hit]) -> str:
    if hits:
        return f"{len(hits)} hit{'' if len(hits) == 1 else 's'}"
    return f"0 hits: {run.lost[name]}" if run.lost.get(name) else "0 hits"


def _is_text(hit: Hit) -> bool:
    return hit.seconds is None and hit.end > hit.start


def _set_aside(run: RuleRun, name: str, hit: Hit) -> str:
    if name not in run.rule.flag or run.holds(name, hit):
        return ""
    return f", set aside because of {', '.join(run.against(name, hit))}"
