"""Appeals: an agent objects, a lead decides, a second level may be asked; the original score stays known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..errors import UsageError
from ..privacy.redact import redact_text
from ..store.appeals import AppealRow, appeal_history, get_appeal, open_appeal, pass_on, take_step
from ..store.call import get_call
from ..store.database import Store
from ..store.tables import now
from ..store.verdicts import add_verdict
from .scores import score_of

FILE_WITHIN = timedelta(days=14)
"""After the call was inspected."""
DECIDE_WITHIN = timedelta(days=5)
"""On each level."""
LEVELS = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """An appeal as it stands now."""

    appeal: AppealRow
    is_overdue: bool
    may_go_further: bool
    """Whether the agent can still ask the next level."""
    score_now: float | None


def file_appeal(
    store: Store, recording_id: int, *, agent: str, reason: str, flag_id: int | None = None
) -> int:
    """Object to a flag, or without one to the call's score; returns the appeal's id.

    Raises UsageError without a reason, when it is too late, or for another agent's call.
    """
    if not reason.strip():
        raise UsageError("an appeal needs its reason")
    call = get_call(store, recording_id)
    if call.row.agent != agent:
        raise UsageError("only the agent of a call can appeal against what was found in it")
    finished = call.row.finished_at
    if finished is not None and now() - _aware(finished) > FILE_WITHIN:
        raise UsageError(f"appeals are possible within {FILE_WITHIN.days} days of the inspection")
    row = {
        "recording_id": recording_id, "agent": agent, "original_score": call.row.score, "filed_at": now(),
        "deadline": now() + DECIDE_WITHIN, "level": 1, "state": "open", "quote": "",
    }  # fmt: skip
    if flag_id is not None:
        found = next((f for f in call.flags if f.id == flag_id), None)
        if found is None:
            raise UsageError("the flag is not there any more; load the call again")
        flag = found.flag
        quote = redact_text(flag.quote)
        row |= {"rule": flag.rule, "start": flag.start, "end": flag.end, "quote": quote}
    return open_appeal(store, row, who=agent, text=reason.strip())


def grant(store: Store, appeal_id: int, *, level: int, by: str, text: str) -> None:
    """Decide for the agent: a flag under appeal becomes a false alarm, with the appeal as its reason."""
    appeal = _open(store, appeal_id, by)
    flag_id = _flag_of(store, appeal)
    if flag_id is not None:
        add_verdict(store, flag_id, "false_alarm", reviewer=by, reason="appeal", comment=text)
    _decide(store, appeal, "granted", level, by, text)


def reject(store: Store, appeal_id: int, *, level: int, by: str, text: str) -> None:
    """Decide against the agent; the decision needs words."""
    if not text.strip():
        raise UsageError("say why the appeal is rejected")
    _decide(store, _open(store, appeal_id, by), "rejected", level, by, text)


def _decide(store: Store, appeal: AppealRow, kind: str, level: int, by: str, text: str) -> None:
    take_step(
        store, appeal.id, expected_level=level, kind=kind, who=by, text=text.strip(),
        changes={"state": kind, "decided_at": now()}, score_before=appeal.original_score,
        score_after=_score(store, appeal.recording_id),
    )  # fmt: skip


def go_further(store: Store, appeal_id: int, *, agent: str, text: str) -> int:
    """Ask the next level after a rejection; returns the new appeal's level. The first decision stays."""
    appeal = get_appeal(store, appeal_id)
    if not standing(store, appeal_id).may_go_further or appeal.agent != agent:
        raise UsageError("this appeal cannot go further")
    if not text.strip():
        raise UsageError("say what the first decision overlooked")
    deadline = now() + DECIDE_WITHIN
    return pass_on(store, appeal_id, level=appeal.level, deadline=deadline, who=agent, text=text.strip())


def withdraw(store: Store, appeal_id: int, *, agent: str) -> None:
    appeal = _open(store, appeal_id, "")
    if appeal.agent != agent:
        raise UsageError("only who filed an appeal can withdraw it")
    take_step(
        store, appeal_id, expected_level=appeal.level, kind="withdrawn", who=agent, text="",
        changes={"state": "withdrawn", "decided_at": now()},
    )  # fmt: skip


def standing(store: Store, appeal_id: int) -> Standing:
    appeal = get_appeal(store, appeal_id)
    is_open = appeal.state == "open"
    return Standing(
        appeal,
        is_open and now() > _aware(appeal.deadline),
        appeal.state == "rejected" and appeal.level < LEVELS,
        _score(store, appeal.recording_id),
    )


def _open(store: Store, appeal_id: int, by: str) -> AppealRow:
    appeal = get_appeal(store, appeal_id)
    if appeal.state != "open":
        raise UsageError(f"the appeal is {appeal.state} already")
    if by and by == appeal.agent:
        raise UsageError("nobody decides an appeal of their own")
    first = {step.who for step in appeal_history(store, appeal_id) if step.kind in ("granted", "rejected")}
    if by in first:
        raise UsageError("the second decision is another person's than the first")
    return appeal


def _flag_of(store: Store, appeal: AppealRow) -> int | None:
    """The flag under appeal as it is numbered now; None when it is gone or the score was meant."""
    if appeal.rule is None or appeal.start is None:
        return None
    near = [
        f.id
        for f in get_call(store, appeal.recording_id).flags
        if f.flag.rule == appeal.rule and abs(f.flag.start - appeal.start) <= 0.25
    ]
    return near[0] if near else None


def _score(store: Store, recording_id: int) -> float | None:
    found = score_of(store, recording_id)
    return found.now if found else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=now().tzinfo)
