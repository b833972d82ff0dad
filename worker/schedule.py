"""A nightly schedule: at a time of day a path is ingested, by one host only; later, when that was missed."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from ..errors import CallqaError, UsageError
from ..ingest.metadata import Metadata
from ..ingest.remote import from_url, is_remote, is_url
from ..store import Store
from ..store.batches import start_occasion
from .beside import Say, Stop
from .identity import host_name
from .intake import Intake
from .patience import IMPATIENT, Patience, until
from .run import close_intake
from .summary import Summary

_FORM = re.compile(r"(\d{1,2}):(\d{2})\s+(\S.*)")
MISSED = timedelta(hours=12)
"""A time that passed while no service ran is made up for within so long."""
LOOK_SECONDS = 5.0
AGAIN_SECONDS = 60.0
"""Between two looks at a night that failed, is in another host's hands or still being written."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every day at ``hour``:``minute`` of local time; ``path`` (or URL) may hold %Y, %m, %d of that day."""

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
        text = due.strftime(self.path)
        return from_url(text) if is_url(text) else Path(text)


@dataclass
class _Begun:
    """A night in hand; it stays so while recordings of it are still being written."""

    batch: int
    began: float
    new: int = 0


@dataclass
class Scheduler:
    """Starts what is due; several hosts may run the same schedule, and one of them takes each time."""

    store: Store
    schedules: tuple[Schedule, ...]
    metadata: Callable[[], Metadata]
    say: Say = lambda _text: None
    patiently: Patience = IMPATIENT
    clock: Callable[[], float] = time.monotonic
    _stop: Stop = lambda: False
    _begun: dict[str, _Begun] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)

    def run_due(self, moment: datetime | None = None) -> list[Summary]:
        """Ingest what is due at ``moment`` (now) and was not done by anybody."""
        moment = moment or datetime.now()
        return [s for one in self.schedules if (s := self._run(one, moment)) is not None]

    def run(self, stop: Stop, say: Say) -> None:
        """Look every few seconds until told to stop."""
        self.say, self._stop = say, stop
        self.patiently = replace(self.patiently, pause=until(stop), say=say)
        pause = until(stop)
        while not stop():
            self.run_due()
            pause(LOOK_SECONDS)

    def _run(self, schedule: Schedule, moment: datetime) -> Summary | None:
        due = schedule.last_time(moment)
        path = schedule.path_of(due)
        occasion = f"{due:%Y-%m-%dT%H:%M} {path}"
        late = moment - due > MISSED
        if self.clock() < self._not_before.get(occasion, 0.0) or (late and occasion not in self._begun):
            return None
        try:
            summary = self._take(occasion, path, last=late)
        except (CallqaError, OSError) as error:
            self.say(f"the schedule of {due:%H:%M} failed: {error}; trying again in {AGAIN_SECONDS:g} s")
            summary = None
        if summary is not None:
            self.say(f"schedule {due:%H:%M}: {summary.new} new recordings of {path}")
        if summary is not None or is_remote(path) or path.exists():
            self._not_before[occasion] = self.clock() + AGAIN_SECONDS
        return summary

    def _take(self, occasion: str, path: Path, *, last: bool) -> Summary | None:
        """None when there is nothing to do (yet): no such folder, another host's, or still being written."""
        if not is_remote(path) and not path.exists():
            return None
        metadata = self.metadata()
        begun = self._begin(occasion, path)
        if begun is None:
            return None
        intake = Intake(self.store, [path], metadata, begun.batch, stop=self._stop, patiently=self.patiently)
        intake.run()
        taken = intake.taken
        begun.new = taken.new = begun.new + taken.new
        if self._stop() or (taken.being_written and not last):
            return None
        seconds = self.clock() - begun.began
        summary = self.patiently(lambda: close_intake(self.store, begun.batch, taken, seconds))
        del self._begun[occasion]
        return summary

    def _begin(self, occasion: str, path: Path) -> _Begun | None:
        if occasion not in self._begun:
            number = self.patiently(
                lambda: start_occasion(self.store, occasion, [path], kind="schedule", host=host_name())
            )
            if number is None:
                return None
            self._begun[occasion] = _Begun(number, self.clock())
        return self._begun[occasion]
