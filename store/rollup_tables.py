"""Figures of a day, added up; triggers keep them (see ``rollups``), nothing else writes them."""

from datetime import date

from sqlalchemy import BigInteger, Index, SmallInteger
from sqlmodel import Field

from .tables import Table, Verdict, columns_of


class CallDay(Table, table=True):
    """Recordings of one day, agent and state. ``business``, ``team`` and ``agent`` are "" when unknown.

    Sums are over all calls of the row, ``…_n`` counts those that have the measure.
    """

    __tablename__ = "call_day"
    __table_args__ = (
        Index("ix_call_day_agent_day", "agent", "day"),
        Index("ix_call_day_team_day", "team", "day"),
        {"sqlite_with_rowid": False},
    )

    day: date = Field(primary_key=True)
    business: str = Field(primary_key=True)
    team: str = Field(primary_key=True)
    agent: str = Field(primary_key=True)
    status: str = Field(primary_key=True)
    calls: int
    seconds: float
    scored: int
    score_sum: int = Field(sa_type=BigInteger)
    score_squares: int = Field(sa_type=BigInteger)
    flags: int
    open_flags: int
    flagged: int
    """Calls with a flag of medium severity or worse."""
    grave: int
    """Calls with a flag of high severity or worse."""
    measured: int
    """Calls with acoustic measures."""
    silence: float
    """Seconds."""
    overlap: float
    """Seconds."""
    interruptions: int
    talk_n: int
    talk: float
    """Sum of the agent's share of the speech, 0 to 1 each."""
    rate_n: int
    rate: float
    """Sum of the agent's characters a minute."""
    loud_n: int
    loud: float
    """Sum of the agent's loudness in dBFS."""
    customer_loud_n: int
    customer_loud: float


class FlagDay(Table, table=True):
    """Flags of one day, team, rule version and verdict ("" while there is none)."""

    __tablename__ = "flag_day"
    __table_args__ = (Index("ix_flag_day_rule_day", "rule", "day"), {"sqlite_with_rowid": False})

    day: date = Field(primary_key=True)
    business: str = Field(primary_key=True)
    team: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    rule_version: int = Field(primary_key=True)
    severity: int = Field(primary_key=True, sa_type=SmallInteger)
    verdict: str = Field(primary_key=True)
    flags: int


call_day, flag_day = columns_of(CallDay), columns_of(FlagDay)
_verdict = columns_of(Verdict)
Index("ix_verdict_rule_id", _verdict.c.rule, _verdict.c.id)
"""A rule's verdicts in order of time, for its precision and drift."""
