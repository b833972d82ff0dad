"""A flag that a reviewer adds: which words, when they were said, under which rule."""

from functools import lru_cache

from ..errors import CallqaError, UsageError
from ..inspect.document import char_times
from ..inspect.rule import Rule
from ..inspect.rulebook import Rulebook, shipped_rulebook
from ..inspect.types import Level
from ..store.added_flags import NewFlag
from ..store.call import get_call
from ..store.database import Store
from ..store.rulebooks import load_rulebook


def new_flag(
    store: Store, recording_id: int, rule_id: str, line: int, span: tuple[int, int], comment: str = ""
) -> NewFlag:
    """Characters ``span`` of a line as a flag of a rule, with the times of its words.

    Raises UsageError when the call has no such words or its rulebook no such rule.
    """
    call = get_call(store, recording_id)
    lines = call.transcript.utterances if call.transcript else ()
    u = next((u for u in lines if u.index == line), None)
    first, last = span
    if u is None or not 0 <= first < last <= len(u.text):
        raise UsageError(f"call {recording_id} has no characters {first} to {last} in line {line}")
    rules = rules_for(store, call.row.rulebook)
    if rule_id not in rules:
        raise UsageError(f"there is no rule {rule_id}")
    version, level = rules[rule_id]
    start, end = char_times(u, first, last)
    quote = u.text[first:last]
    return NewFlag(rule_id, version, level, start, end, u.role.value, line, first, last, quote, comment)


def rules_for(store: Store, rulebook: str | None) -> dict[str, tuple[int, Level]]:
    """Version and level of every rule of the call's rulebook; of the shipped one when that is not stored."""
    return {rule.id: (rule.version, rule.level) for rule in rules_of(store, rulebook)}


def rules_of(store: Store, rulebook: str | None) -> tuple[Rule, ...]:
    return _rules(store, rulebook) if rulebook else shipped_rulebook().rules


@lru_cache(maxsize=8)
def _rules(store: Store, rulebook: str) -> tuple[Rule, ...]:
    try:
        return Rulebook.from_bytes(load_rulebook(store, rulebook)).rules
    except CallqaError:
        return shipped_rulebook().rules
