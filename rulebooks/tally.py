"""Adding up what a changed rule does: by team, business and week, with samples."""

import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from heapq import nsmallest

from ..store.slim import CallPlace, FlagGroup
from .backtest_types import Counts, How
from .compare import Ends, Place, counts_of

BREAKDOWNS = ("team", "business", "week")


def week_of(day: date) -> str:
    """
    >>> week_of(date(2026, 11, 21))
    '2026-W47'
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass
class Tally:
    """The sums of one rule."""

    total: Counts = field(default_factory=Counts)
    parts: Mapping[str, dict[str, Counts]] = field(
        default_factory=lambda: {by: defaultdict(Counts) for by in BREAKDOWNS}
    )
    places: dict[How, list[tuple[int, Place]]] = field(default_factory=lambda: defaultdict(list))
    """Flags by what became of them."""

    def add(self, ends: Ends, call: CallPlace) -> None:
        self._count(Counts(**counts_of(ends)), call.day, call.team, call.business)
        kinds: tuple[tuple[How, frozenset[Place]], ...] = (
            ("gained", ends.after - ends.before),
            ("lost", ends.before - ends.after),
            ("kept", ends.before & ends.after),
        )
        for how, places in kinds:
            self.places[how] += [(ends.recording_id, place) for place in places]

    def keep(self, group: FlagGroup, sign: int = 1) -> None:
        """Count stored flags as kept, or with ``sign`` -1 take them out again."""
        counts = Counts(calls_kept=sign * group.calls, flags_kept=sign * group.flags)
        self._count(counts, group.day, group.team, group.business)

    def some(self, how: How, many: int) -> list[tuple[int, Place]]:
        """A sample that is spread over the calls and the same every time."""
        return nsmallest(many, self.places[how], key=lambda one: (zlib.crc32(repr(one).encode()), one))

    def by(self, what: str) -> dict[str, Counts]:
        """The parts that have any flag, by name; the empty name holds calls that say nothing of it."""
        parts = self.parts[what]
        return {name: parts[name] for name in sorted(parts) if parts[name] != Counts()}

    def _count(self, counts: Counts, day: date, team: str | None, business: str | None) -> None:
        self.total += counts
        for by, name in zip(BREAKDOWNS, (team, business, week_of(day)), strict=True):
            self.parts[by][name or ""] += counts
