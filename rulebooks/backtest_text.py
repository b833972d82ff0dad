"""A backtest as text for a terminal."""

from collections.abc import Iterator, Mapping

from ..review.precision import Precision
from .backtest_types import Backtest, Counts, RuleBacktest, Sample

_HOW = {"gained": "+", "lost": "-", "kept": "="}


def as_text(told: Backtest) -> str:
    return "\n".join(_lines(told))


def _lines(told: Backtest) -> Iterator[str]:
    yield f"{told.calls} calls, {told.examined} of them read by the engine, {told.seconds:.1f} s"
    if not told.rules:
        yield "no rule finds anything else than before"
        return
    for rule in told.rules:
        yield from _rule(rule)
    load = told.workload
    measured = "measured" if load.measured else "assumed: too few verdicts to measure"
    yield ""
    yield (
        f"to review: {load.flags_a_day_before:.1f} → {load.flags_a_day_after:.1f} flags a day, "
        f"{load.minutes_a_day_before:.0f} → {load.minutes_a_day_after:.0f} minutes a day "
        f"({load.minutes_a_verdict:.1f} minutes a verdict, {measured})"
    )


def _rule(rule: RuleBacktest) -> Iterator[str]:
    yield ""
    yield f"{rule.title} ({rule.rule})"
    yield f"  {'':<20} {'gained':>8} {'lost':>8} {'kept':>8}"
    c = rule.counts
    yield f"  {'calls':<20} {c.calls_gained:>8} {c.calls_lost:>8} {c.calls_kept:>8}"
    yield f"  {'flags':<20} {c.flags_gained:>8} {c.flags_lost:>8} {c.flags_kept:>8}"
    for what, parts in (("team", rule.by_team), ("business", rule.by_business), ("week", rule.by_week)):
        if len(parts) > 1 or what == "week":
            yield from _parts(what, parts)
    if rule.judged.before.judged:
        before, after = rule.judged.before, rule.judged.after
        yield f"  judged right: {_share(before)} before, {_share(after)} after"
    for sample in rule.samples:
        yield _sample(sample)


def _parts(what: str, parts: Mapping[str, Counts]) -> Iterator[str]:
    yield f"  flags by {what}"
    for name, c in parts.items():
        yield f"    {name or '(none)':<18} {c.flags_gained:>8} {c.flags_lost:>8} {c.flags_kept:>8}"


def _share(precision: Precision) -> str:
    if not precision.judged:
        return "none judged"
    low, high = precision.interval
    return f"{precision.confirmed} of {precision.judged} ({100 * low:.0f}–{100 * high:.0f} %)"


def _sample(sample: Sample) -> str:
    minutes, seconds = divmod(int(sample.start), 60)
    return f"  {_HOW[sample.how]} {sample.name} {minutes}:{seconds:02} {sample.role}: {sample.quote}"
