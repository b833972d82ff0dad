"""A nightly schedule: at a time of day a path is ingested, by one host only; later, when that was missed."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..errors import CallqaError, UsageError
from ..ingest.metadata import Metadata
from ..store import Store
from ..store.batches import start_occasion
from .identity import host_name
from .run import ingest_into
from .summary import Summary

_FORM = re.compile(r"(\d{1,2}):(\d{2})\s+(\S.*)")
MISSED = timedelta(hours=12)
"""A time that passed while no service ran is made up for within so long."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every day at ``hour``:``minute`` of local time; ``path`` may hold %Y, %m, %d of that day."""

    hour: int
    minute: int
    path: str

    @classmethod
    def parse(cls, text: str) -> "Schedule":
        """Read ``"22:00 /recordings/%Y-%m-%d"``; UsageError when it is something else.

        >>> Schedule.parse("22:30 /calls/%Y%m%d").hour
        22
        """
        found = _FORM.fullmatch(text.strip())
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            raise UsageError(f'not a schedule: {text!r}; write "22:00 PATH", with %Y-%m-%d for the day')
        return cls(int(found[1]), int(found[2]), found[3])

    def last_time(self, moment: datetime) -> datetime:
        """The newest time of the schedule that is not after ``moment``."""
        today = moment.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today <= moment else today - timedelta(days=1)

    def path_of(self, due: datetime) -> Path:
        return Path(due.strftime(self.path))


@dataclass
class Scheduler:
    """Starts what is due; several hosts may run the same schedule, and one of them takes each time."""

    store: Store
    schedules: tuple[Schedule, ...]
    metadata: Callable[[], Metadata]
    say: Callable[[str], None] = lambda _text: None

    def run_due(self, moment: datetime | None = None) -> list[Summary]:
        """Ingest what is due at ``moment`` (now) and was not begun by anybody."""
        moment = moment or datetime.now()
        return [s for one in self.schedules if (s := self._run(one, moment)) is not None]

    def _run(self, schedule: Schedule, moment: datetime) -> Summary | None:
        due = schedule.last_time(moment)
        path = schedule.path_of(due)
        if moment - due > MISSED or not path.exists():
            return None
        occasion = f"{due:%Y-%m-%dT%H:%M} {path}"
        number = start_occasion(self.store, occasion, [path], kind="schedule", host=host_name())
        if number is None:
            return None
        try:
            summary = ingest_into(self.store, number, [path], self.metadata())
        except CallqaError as error:
            self.say(f"the schedule of {due:%H:%M} failed: {error}")
            return None
        self.say(f"schedule {due:%H:%M}: {summary.new} new recordings of {path}")
        return summary

    def run(self, stop: Callable[[], bool], say: Callable[[str], None]) -> None:
        """Look every few seconds until told to stop."""
        self.say = say
        while not stop():
            self.run_due()
            for _ in range(10):
                if stop():
                    return
                time.sleep(0.5)
