"""When and where flags happen: teams by hour of the day."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, exists, extract, func, select

from .calls import CallFilter, where
from .database import Store
from .recordings import recording
from .results import flag

NO_TEAM = ""


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Calls of one team that began in one hour (0 to 23), and those of them that are flagged."""

    team: str
    hour: int
    calls: int
    flagged: int


def heat(
    store: Store, filter: CallFilter, rules: Sequence[str] = (), leave_out: Sequence[str] = ()
) -> list[HeatCell]:
    """Inspected calls by team and hour, and those with a flag that is no false alarm.

    ``rules`` are those that count (none: all but ``leave_out``). Calls whose beginning nobody told are left
    out.
    """
    c, f = recording.c, flag.c
    flagged = exists().where(f.recording_id == c.id, f.verdict.is_distinct_from("false_alarm"))
    if rules:
        flagged = flagged.where(f.rule.in_(rules))
    elif leave_out:
        flagged = flagged.where(f.rule.not_in(leave_out))
    hour, team = extract("hour", c.started_at), func.coalesce(c.team, NO_TEAM)
    hits = func.count(case((and_(c.flag_count > 0, flagged), 1)))
    query = (
        select(team, hour, func.count(), hits)
        .where(c.status == "inspected", c.started_at.is_not(None), where(filter))
        .group_by(team, hour)
    )
    with store.read() as connection:
        return sorted(
            (HeatCell(t, int(h), calls, flags) for t, h, calls, flags in connection.execute(query)),
            key=lambda cell: (cell.team, cell.hour),
        )
