"""In how many calls of a day customers said a term: counted once, kept, counted anew when calls come in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select

from .database import Store
from .recordings import recording
from .results import utterance
from .tables import now
from .voice_tables import counted_day, term_day

_BLOCK = 5000


@dataclass(frozen=True, slots=True)
class DayState:
    """Calls of a day that can be counted; ``signature`` changes when one comes, goes or is done anew."""

    day: date
    calls: int
    signature: str


def day_states(store: Store, since: date, until: date) -> list[DayState]:
    """Every day of the period that has inspected calls, oldest first."""
    c = recording.c
    query = (
        select(c.day, func.count(), func.max(c.finished_at), func.sum(c.id))
        .where(c.day.between(since, until), c.status == "inspected")
        .group_by(c.day)
        .order_by(c.day)
    )
    with store.read() as connection:
        return [DayState(day, n, f"{n} {last} {ids}") for day, n, last, ids in connection.execute(query)]


def counted(store: Store, since: date, until: date) -> dict[date, DayState]:
    """Days of the period whose terms are counted, as they were then."""
    c = counted_day.c
    query = select(c.day, c.calls, c.signature).where(c.day.between(since, until))
    with store.read() as connection:
        return {row.day: DayState(*row) for row in connection.execute(query)}


def customer_lines(store: Store, day: date, role: str = "customer") -> Iterator[tuple[int, list[str]]]:
    """Call by call what customers said on a day, without personal data: (recording, texts)."""
    c, u = recording.c, utterance.c
    query = (
        select(u.recording_id, func.coalesce(u.redacted_text, u.text))
        .join(recording, c.id == u.recording_id)
        .where(c.day == day, c.status == "inspected", u.role == role)
        .order_by(u.recording_id, u.position)
    )
    with store.read() as connection:
        here: int | None = None
        lines: list[str] = []
        for recording_id, text in connection.execution_options(stream_results=True).execute(query):
            if recording_id != here and here is not None:
                yield here, lines
                lines = []
            here = recording_id
            lines.append(text)
        if here is not None:
            yield here, lines


def save_counts(store: Store, state: DayState, counts: Mapping[str, int]) -> None:
    """Replace what was counted for the day."""
    rows = [{"day": state.day, "term": term, "calls": calls} for term, calls in counts.items()]
    with store.write() as connection:
        connection.execute(delete(term_day).where(term_day.c.day == state.day))
        connection.execute(delete(counted_day).where(counted_day.c.day == state.day))
        for start in range(0, len(rows), _BLOCK):
            connection.execute(term_day.insert(), rows[start : start + _BLOCK])
        whole = {
            "day": state.day, "calls": state.calls, "signature": state.signature, "counted_at": now(),
        }  # fmt: skip
        connection.execute(counted_day.insert().values(whole))


def term_counts(store: Store, days: Sequence[date], least: int = 1) -> dict[date, dict[str, int]]:
    """Day → term → calls, of terms that ``least`` calls of all these days together hold."""
    t = term_day.c
    often = select(t.term).where(t.day.in_(days)).group_by(t.term).having(func.sum(t.calls) >= least)
    query = select(t.day, t.term, t.calls).where(t.day.in_(days), t.term.in_(often))
    found: dict[date, dict[str, int]] = {day: {} for day in days}
    with store.read() as connection:
        for day, term, calls in connection.execute(query):
            found[day][term] = calls
    return found
