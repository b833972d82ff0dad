"""When and where flags happen: teams by hour of the day."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, extract, func, select

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


def heat(store: Store, filter: CallFilter, rules: Sequence[str] = ()) -> list[HeatCell]:
    """Inspected calls by team and hour, and those with a flag (of ``rules``) that is no false alarm.

    Calls whose beginning nobody told are left out.
    """
    c, f = recording.c, flag.c
    flagged = exists().where(f.recording_id == c.id, f.verdict.is_distinct_from("false_alarm"))
    if rules:
        flagged = flagged.where(f.rule.in_(rules))
    hour, team = extract("hour", c.started_at), func.coalesce(c.team, NO_TEAM)
    base = select(team, hour, func.count()).where(
        c.status == "inspected", c.started_at.is_not(None), where(filter)
    )
    group = base.group_by(team, hour)
    with store.read() as connection:
        calls = {(t, int(h)): n for t, h, n in connection.execute(group)}
        hits = {(t, int(h)): n for t, h, n in connection.execute(group.where(flagged))}
    return [HeatCell(t, h, n, hits.get((t, h), 0)) for (t, h), n in sorted(calls.items())]
