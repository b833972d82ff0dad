"""How claims end: results and failures of several, stored in one transaction with their traces."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ..inspect.types import Inspection
from .attempts import Step, end_attempt
from .checkpoints import drop_checkpoints
from .database import Store
from .queue import Claimed
from .results import Result, write_failure, write_inspection, write_result
from .tasks import end_task


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no result; ``status`` is failed, empty or quarantined."""

    kind: str
    reason: str
    remedy: str
    status: str = "failed"


@dataclass(frozen=True, slots=True)
class End:
    """What became of one claim: a whole result, a new inspection of what is stored, or a failure."""

    claimed: Claimed
    outcome: Result | Inspection | Failure
    steps: tuple[Step, ...] = ()
    begun: float = 0.0
    """Of the steps, by time.perf_counter."""


Also = Callable[[Connection, int], object]


def save_ends(
    store: Store, worker: str, ends: Sequence[End], also: Also = lambda _connection, _id: None
) -> list[bool]:
    """Store all of ``ends`` or, when that fails, none; False for those whose claim is no longer the worker's.

    ``also`` is called within the transaction for each recording that has a new result.
    """
    with store.write() as connection:
        # Always in one order, so that two workers never wait for each other's rows.
        order = sorted(range(len(ends)), key=lambda i: ends[i].claimed.id)
        stored = {i: _save(connection, worker, ends[i], also) for i in order}
        drop_checkpoints(connection, [e.claimed.sha256 for i, e in enumerate(ends) if stored[i]])
        return [stored[i] for i in range(len(ends))]


def _save(connection: Connection, worker: str, end: End, also: Also) -> bool:
    claimed, outcome, start = end.claimed, end.outcome, time.perf_counter()
    if isinstance(outcome, Failure):
        done = _fail(connection, worker, claimed, outcome)
    else:
        done = _succeed(connection, worker, claimed, outcome)
    if not done:
        return False
    steps = [*end.steps, _step("store", end, start)]
    if not isinstance(outcome, Failure):
        start = time.perf_counter()
        also(connection, claimed.id)
        steps.append(_step("notify", end, start))
    if claimed.attempt is not None:
        detail = outcome.reason if isinstance(outcome, Failure) else None
        end_attempt(connection, claimed.attempt, name_of(outcome), detail=detail, steps=steps)
    return True


def _step(name: str, end: End, start: float) -> Step:
    return name, round(start - (end.begun or start), 3), round(time.perf_counter() - start, 3)


def name_of(outcome: Result | Inspection | Failure) -> str:
    """The recording's state after it."""
    match outcome:
        case Failure():
            return outcome.status
        case Inspection():
            return "inspected"
        case _:
            return "inspected" if outcome.transcript.utterances else "empty"


def _fail(connection: Connection, worker: str, claimed: Claimed, failure: Failure) -> bool:
    about = {"error_kind": failure.kind, "error": failure.reason, "remedy": failure.remedy}
    if claimed.task is not None:  # the result it has is better than none
        return end_task(connection, claimed, worker, "failed", **about)
    return write_failure(connection, claimed.id, {"status": failure.status, **about}, worker)


def _succeed(connection: Connection, worker: str, claimed: Claimed, outcome: Result | Inspection) -> bool:
    if claimed.task is None:
        assert not isinstance(outcome, Inspection)
        return write_result(connection, claimed.id, outcome, worker)
    if not end_task(connection, claimed, worker):
        return False
    if isinstance(outcome, Inspection):
        write_inspection(connection, claimed.id, outcome)
    else:
        write_result(connection, claimed.id, outcome)
    return True
