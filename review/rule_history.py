"""How right a rule was, version by version, and whether it gets worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..store.rule_verdicts import RuleVerdict
from .drift import Drift, drift
from .precision import Precision

_JUDGED = {"confirmed": True, "false_alarm": False}


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of a rule by its verdicts; ``drift`` is None while there are too few to tell."""

    version: int
    precision: Precision
    unsure: int
    first: datetime
    last: datetime
    drift: Drift | None


def version_records(found: Sequence[RuleVerdict]) -> list[VersionRecord]:
    """A record a version that was judged, newest version first; ``found`` are in order of time."""
    versions = sorted({one.entry.rule_version for one in found}, reverse=True)
    return [_record(v, [one for one in found if one.entry.rule_version == v]) for v in versions]


def _record(version: int, found: Sequence[RuleVerdict]) -> VersionRecord:
    judged = [_JUDGED[one.entry.verdict] for one in found if one.entry.verdict in _JUDGED]
    return VersionRecord(
        version,
        Precision(sum(judged), len(judged)),
        len(found) - len(judged),
        found[0].entry.created_at,
        found[-1].entry.created_at,
        drift(judged),
    )
