"""Audits of what rules miss: draw unflagged calls, hear them, estimate, and say how many more to hear."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..errors import UsageError
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.miss_audits import (
    AuditRow,
    add_to_audit,
    audit_calls,
    get_audit,
    heard_by_stratum,
    save_audit,
    unflagged,
)
from .estimates import Estimate, Stratum, calls_to_hear, estimate_missed, spread


@dataclass(frozen=True, slots=True)
class AuditState:
    """How far an audit is and what it says so far."""

    audit: AuditRow
    strata: tuple[Stratum, ...]
    estimate: Estimate
    waiting: int
    """Drawn calls nobody has heard yet."""

    def more_for(self, width: float) -> int | None:
        """Calls still to hear, those waiting included, until the interval is about ``width`` wide."""
        return calls_to_hear(self.strata, width)


def start_audit(
    store: Store, rule: str, since: date, until: date, size: int, *, by: str, seed: int = 0
) -> int:
    """Draw ``size`` calls the rule did not flag, by business in proportion; returns the audit's id.

    Raises UsageError when there is no such call.
    """
    found = unflagged(store, rule, CallFilter(since=since, until=until))
    if not found:
        raise UsageError(f"every call from {since} to {until} is flagged by {rule}, or there is none")
    drawn = _drawn(found, size, random.Random(seed))
    sizes = {stratum: len(calls) for stratum, calls in found.items()}
    return save_audit(store, rule, since, until, seed, sizes, drawn, by=by)


def widen_audit(store: Store, audit_id: int, more: int) -> int:
    """Draw ``more`` calls for an audit; returns how many there were to draw."""
    audit = get_audit(store, audit_id)
    known = {call.recording_id for call in audit_calls(store, audit_id)}
    found = unflagged(store, audit.rule, CallFilter(since=audit.since, until=audit.until))
    left = {stratum: [one for one in calls if one not in known] for stratum, calls in found.items()}
    drawn = _drawn(
        {stratum: calls for stratum, calls in left.items() if stratum in audit.strata},
        more,
        random.Random(f"{audit.seed} {len(known)}"),
    )
    add_to_audit(store, audit_id, drawn)
    return sum(map(len, drawn.values()))


def audit_state(store: Store, audit_id: int) -> AuditState:
    """How an audit stands, for the calls that ``store`` reaches.

    Those of the drawn calls that somebody limited reaches are a random draw of all that person reaches: the
    estimate is of these, and counts them as they are now.
    """
    audit = get_audit(store, audit_id)
    heard = heard_by_stratum(store, audit_id)
    sizes = _sizes_within(store, audit) if store.scope.limits else audit.strata
    strata = tuple(
        Stratum(name, max(calls, heard.get(name, (0, 0))[0]), *heard.get(name, (0, 0)))
        for name, calls in sorted(sizes.items())
    )
    waiting = len(audit_calls(store, audit_id, unheard=True))
    return AuditState(audit, strata, estimate_missed(strata), waiting)


def _sizes_within(store: Store, audit: AuditRow) -> dict[str, int]:
    found = unflagged(store, audit.rule, CallFilter(since=audit.since, until=audit.until))
    return {stratum: len(calls) for stratum, calls in found.items() if stratum in audit.strata}


def _drawn(found: Mapping[str, Sequence[int]], size: int, chance: random.Random) -> dict[str, list[int]]:
    sizes = spread({stratum: len(calls) for stratum, calls in found.items()}, size)
    return {stratum: chance.sample(list(found[stratum]), sizes[stratum]) for stratum in sorted(sizes)}
