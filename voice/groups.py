"""Rising terms that are said in the same calls are one story, told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .rising import Rise

SAME = 0.5
"""Terms that share so much of their calls belong together."""
LOOKED_AT = 60
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Group:
    """One story: its strongest term, the other terms of the same calls, and some of those calls."""

    term: str
    others: tuple[str, ...]
    rise: Rise
    calls: int
    examples: tuple[int, ...]
    recordings: tuple[int, ...] = ()
    """All of its calls, by number."""


def group_rises(rises: Sequence[Rise], calls: Iterable[tuple[int, Sequence[str]]]) -> list[Group]:
    """Put together what is said in the same calls, strongest first; ``calls`` is what customers said.

    A term joins the first group with whose strongest term it shares SAME of the calls of the smaller.
    """
    looked_at = list(rises[:LOOKED_AT])
    holders = _holders([rise.term for rise in looked_at], calls)
    groups: list[list[Rise]] = []
    for rise in looked_at:
        mine = holders[rise.term]
        for group in groups:
            head = holders[group[0].term]
            if (
                mine
                and head
                and len(mine & head) >= SAME * min(len(mine), len(head))
                and _alike_size(mine, head)
            ):
                group.append(rise)
                break
        else:
            groups.append([rise])
    return [_group(group, holders) for group in groups]


def _alike_size(one: set[int], other: set[int]) -> bool:
    """Whether neither is so common that it is said in nearly any call."""
    return max(len(one), len(other)) <= 4 * min(len(one), len(other))


def _holders(terms: Sequence[str], calls: Iterable[tuple[int, Sequence[str]]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {term: set() for term in terms}
    for recording_id, lines in calls:
        text = "\n".join(lines)
        for term in terms:
            if term in text:
                found[term].add(recording_id)
    return found


def _group(rises: Sequence[Rise], holders: dict[str, set[int]]) -> Group:
    calls = set().union(*(holders[rise.term] for rise in rises))
    common = set.intersection(*(holders[rise.term] for rise in rises)) or calls
    others = tuple(rise.term for rise in rises[1:])
    examples = tuple(sorted(common)[:EXAMPLES])
    return Group(rises[0].term, others, rises[0], len(calls), examples, tuple(sorted(calls)))
