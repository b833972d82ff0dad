"""What a rulebook as a whole has too much of."""

from collections.abc import Iterable, Iterator

from . import limits
from .patterns import compile_pattern
from .rule import Keywords, Rule
from .scan import sources_of


def excess(rules: Iterable[Rule]) -> Iterator[str]:
    """Each total that is beyond its limit, ``file:line: message``."""
    detections = [d for rule in rules for d in rule.detections.values()]
    terms = sum(len(d.finder.entries) for d in detections if isinstance(d.finder, Keywords))
    if terms > limits.TERMS:
        yield f"lists:1: {terms:,} terms in all rules together; {limits.TERMS:,} are allowed"
    sources = {source for d in detections for source in (*sources_of(d.finder), *d.not_inside, *d.unless)}
    if len(sources) > limits.ALL_EXPRESSIONS:
        yield f"rules:1: {len(sources):,} expressions in all; {limits.ALL_EXPRESSIONS:,} are allowed"
        return
    steps = sum(compile_pattern(source).programsize for source in sources)
    if steps > limits.ALL_PROGRAMS:
        yield f"rules:1: expressions of {steps:,} automaton steps in all; {limits.ALL_PROGRAMS:,} are allowed"
