"""Cases: a flag or clip becomes a problem with department, owner and deadline, followed to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ..errors import UsageError
from ..notify.events import announce_case
from ..privacy.redact import redact_text
from ..store.call import get_call
from ..store.cases import (
    CaseRow,
    add_case,
    calls_of_customer,
    cases,
    change_case,
    escalate_case,
    get_case,
    link_call,
)
from ..store.database import Store
from ..store.tables import now

MOVES: Mapping[str, tuple[str, ...]] = {
    "open": ("working", "waiting", "solved", "dropped"),
    "working": ("open", "waiting", "solved", "dropped"),
    "waiting": ("working", "solved", "dropped"),
    "solved": ("working",),
    "dropped": ("open",),
}
"""State → states it may move to; closed cases can only be taken up again."""
DAYS: Mapping[int, int] = {4: 1, 3: 3, 2: 7, 1: 14, 0: 30}
"""Severity → days until the deadline, unless somebody sets another."""
REPEATS_DAYS = 30
EVERY_CASE = 1_000_000


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a person says of a problem; what is left out is taken from the flag or the defaults."""

    title: str
    department: str = ""
    owner: str = ""
    deadline: date | None = None
    severity: int = 2


def open_case(
    store: Store,
    new: NewCase,
    *,
    who: str,
    today: date,
    recording_id: int | None = None,
    flag_id: int | None = None,
    span: tuple[float, float] | None = None,
    quote: str = "",
) -> int:
    """Open a case, from a flag, a stretch of a call (``span``, seconds) or by itself; returns its id.

    Calls of the same customer within REPEATS_DAYS are linked to it. The quote is kept without personal data.
    Raises UsageError without a title, when the same flag has an open case, and for a case about no call by
    somebody who reaches some calls only: it would be out of that person's reach at once.
    """
    if recording_id is None and store.scope.limits:
        raise UsageError("your account reaches some calls only: open the case from one of them")
    if not new.title.strip():
        raise UsageError("the case needs a title")
    row: dict[str, object] = {
        "title": new.title.strip(), "department": new.department, "owner": new.owner,
        "severity": new.severity,
        "deadline": new.deadline or today + timedelta(days=DAYS[new.severity]), "recording_id": recording_id,
        "quote": redact_text(quote),
    }  # fmt: skip
    if span is not None:
        row |= {"start": span[0], "end": span[1]}
    repeats: Sequence[int] = ()
    if recording_id is not None:
        repeats = calls_of_customer(store, recording_id, today - timedelta(days=REPEATS_DAYS))
        if flag_id is not None:
            row |= _of_flag(store, recording_id, flag_id)
            _refuse_second(store, recording_id, row)
    return add_case(store, row, who=who, repeats=repeats)


def _of_flag(store: Store, recording_id: int, flag_id: int) -> dict[str, object]:
    found = next((f.flag for f in get_call(store, recording_id).flags if f.id == flag_id), None)
    if found is None:
        raise UsageError("the flag is not there any more; load the call again")
    quote = redact_text(found.quote)
    return {"rule": found.rule, "start": found.start, "end": found.end, "quote": quote}


def _refuse_second(store: Store, recording_id: int, row: Mapping[str, object]) -> None:
    for case in cases(store, recording_id=recording_id):
        if case.is_open and (case.rule, case.start) == (row["rule"], row["start"]):
            raise UsageError(f"this flag has an open case already: number {case.id}")


def move(store: Store, case_id: int, state: str, *, who: str, outcome: str = "", note: str = "") -> None:
    """Bring a case into another state; solving or dropping it needs words on the outcome."""
    case = get_case(store, case_id)
    if state not in MOVES[case.state]:
        allowed = ", ".join(MOVES[case.state])
        raise UsageError(f"a case that is {case.state} can become {allowed}, not {state}")
    closing = state in ("solved", "dropped")
    if closing and not outcome.strip():
        raise UsageError("say what came of it: a case is closed with an outcome")
    changes: dict[str, object] = {"state": state, "closed_at": now() if closing else None}
    if closing:
        changes["outcome"] = outcome.strip()
    change_case(store, case_id, changes, kind="moved", who=who, expected=case.state, note=note)


def add_call(store: Store, case_id: int, recording_id: int, *, who: str, why: str = "") -> None:
    """Let a further call belong to an open case; adding it again changes nothing."""
    if not get_case(store, case_id).is_open:
        raise UsageError("a closed case must be taken up again first")
    get_call(store, recording_id)
    link_call(store, case_id, recording_id, who=who, why=redact_text(why.strip()))


def assign(
    store: Store,
    case_id: int,
    *,
    who: str,
    department: str | None = None,
    owner: str | None = None,
    deadline: date | None = None,
    note: str = "",
) -> None:
    """Give a case to another department or owner, or set its deadline; what is None stays."""
    given = {"department": department, "owner": owner, "deadline": deadline}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise UsageError("say what to change: department, owner or deadline")
    case = get_case(store, case_id)
    if not case.is_open:
        raise UsageError("a closed case must be taken up again first")
    change_case(store, case_id, changes, kind="assigned", who=who, expected=case.state, note=note)


def escalate_overdue(store: Store, today: date, *, who: str = "callqa", grace: int = 2) -> list[CaseRow]:
    """Pass overdue cases upwards, each at most once every ``grace`` days late; returns those passed now.

    A case that is n days late has been passed up 1 + (n - 1) // grace times, however often and wherever this
    runs. Receivers of ``case`` events are told of each time.
    """
    passed = []
    for case in cases(store, overdue_on=today, limit=EVERY_CASE):
        assert case.deadline is not None
        late = (today - case.deadline).days
        level = 1 + (late - 1) // grace
        if level <= case.escalated:
            continue
        with store.write() as connection:
            now_higher = escalate_case(connection, case.id, level, who=who)
            if now_higher is not None:
                announce_case(connection, now_higher, late)
                passed.append(now_higher)
    return passed


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board."""

    state: str
    cases: tuple[CaseRow, ...]


def board(
    store: Store, *, department: str | None = None, owner: str | None = None, closed_since: date | None = None
) -> tuple[Column, ...]:
    """Open cases by state, and closed ones of late; the most urgent on top."""
    found = cases(store, department=department, owner=owner)
    shown = [
        case
        for case in found
        if case.is_open or (closed_since and case.closed_at and case.closed_at.date() >= closed_since)
    ]
    return tuple(Column(state, tuple(c for c in shown if c.state == state)) for state in MOVES)
