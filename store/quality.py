"""Forms that people fill in, what they answered, and calibration sessions. Answers are only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from ..errors import UsageError
from .database import Store
from .tables import now
from .voice_tables import calibration, calibration_call, evaluation, quality_form

KINDS = ("first", "second", "calibration", "appeal")


@dataclass(frozen=True, slots=True)
class FormRow:
    id: int
    name: str
    version: int
    business: str
    items: Sequence[Mapping[str, Any]]
    made_by: str
    made_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """A form as somebody filled it in; ``answers`` maps item to share, None where it did not apply."""

    id: int
    recording_id: int
    form_id: int
    calibration_id: int | None
    kind: str
    evaluator: str
    answers: Mapping[str, float | None]
    score: float
    comment: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    id: int
    title: str
    form_id: int
    people: Sequence[str]
    made_by: str
    made_at: datetime
    closed_at: datetime | None
    calls: tuple[int, ...] = ()


_FORM = [quality_form.c[name] for name in FormRow.__dataclass_fields__]
_EVALUATION = [evaluation.c[name] for name in EvaluationRow.__dataclass_fields__]
_CALIBRATION = [calibration.c[name] for name in CalibrationRow.__dataclass_fields__ if name != "calls"]


def save_form(
    store: Store, name: str, items: Sequence[Mapping[str, Any]], *, business: str = "", by: str
) -> int:
    """Store the next version of a form; the one before is retired but keeps its evaluations."""
    name = name.strip()
    if not name:
        raise UsageError("the form needs a name")
    with store.write() as connection:
        newest = select(func.max(quality_form.c.version)).where(quality_form.c.name == name)
        version = (connection.execute(newest).scalar() or 0) + 1
        older = (quality_form.c.name == name) & quality_form.c.retired_at.is_(None)
        connection.execute(update(quality_form).where(older).values(retired_at=now()))
        row = {
            "name": name, "version": version, "business": business, "items": [dict(i) for i in items],
            "made_by": by, "made_at": now(),
        }  # fmt: skip
        made = connection.execute(quality_form.insert().values(row).returning(quality_form.c.id))
        return int(made.scalar_one())


def get_form(store: Store, form_id: int) -> FormRow:
    with store.read() as connection:
        row = connection.execute(select(*_FORM).where(quality_form.c.id == form_id)).one_or_none()
    if row is None:
        raise UsageError(f"there is no form {form_id}")
    return FormRow(*row)


def forms(store: Store, business: str | None = None) -> list[FormRow]:
    """Forms in use, those of ``business`` before those of all."""
    query = select(*_FORM).where(quality_form.c.retired_at.is_(None))
    if business is not None:
        query = query.where(quality_form.c.business.in_((business, "")))
    with store.read() as connection:
        rows = [FormRow(*row) for row in connection.execute(query)]
    return sorted(rows, key=lambda form: (form.business == "", form.business, form.name))


def add_evaluation(
    store: Store,
    recording_id: int,
    form_id: int,
    *,
    kind: str,
    evaluator: str,
    answers: Mapping[str, float | None],
    score: float,
    comment: str = "",
    calibration_id: int | None = None,
) -> int:
    """Store what somebody answered; returns its id."""
    if kind not in KINDS:
        raise UsageError(f"no such kind of evaluation: {kind}; use one of {', '.join(KINDS)}")
    row = {
        "recording_id": recording_id, "form_id": form_id, "kind": kind, "evaluator": evaluator,
        "answers": dict(answers), "score": score, "comment": comment, "calibration_id": calibration_id,
        "created_at": now(),
    }  # fmt: skip
    with store.write() as connection:
        made = connection.execute(evaluation.insert().values(row).returning(evaluation.c.id))
        return int(made.scalar_one())


def evaluations(
    store: Store,
    *,
    recording_ids: Iterable[int] | None = None,
    calibration_id: int | None = None,
    evaluator: str | None = None,
    kind: str | None = None,
    limit: int = 10_000,
) -> list[EvaluationRow]:
    """Evaluations that fit, oldest first."""
    query = select(*_EVALUATION).order_by(evaluation.c.id).limit(limit)
    wanted: dict[str, Any] = {"calibration_id": calibration_id, "evaluator": evaluator, "kind": kind}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(evaluation.c[name] == value)
    if recording_ids is not None:
        query = query.where(evaluation.c.recording_id.in_(list(recording_ids)))
    with store.read() as connection:
        return [EvaluationRow(*row) for row in connection.execute(query)]


def start_calibration(
    store: Store, title: str, form_id: int, recording_ids: Sequence[int], people: Sequence[str], *, by: str
) -> int:
    """Open a session: every one of ``people`` fills in the form for every call, without seeing the others."""
    if len(set(people)) < 2:
        raise UsageError("a calibration needs two people at least")
    if not recording_ids:
        raise UsageError("a calibration needs calls")
    row = {
        "title": title, "form_id": form_id, "people": sorted(set(people)), "made_by": by, "made_at": now(),
    }  # fmt: skip
    with store.write() as connection:
        made = connection.execute(calibration.insert().values(row).returning(calibration.c.id)).scalar_one()
        members = [{"calibration_id": made, "recording_id": one} for one in dict.fromkeys(recording_ids)]
        connection.execute(calibration_call.insert(), members)
    return int(made)


def close_calibration(store: Store, calibration_id: int) -> None:
    """End the session: answers are shown to all, none come in any more."""
    still_open = (calibration.c.id == calibration_id) & calibration.c.closed_at.is_(None)
    with store.write() as connection:
        connection.execute(update(calibration).where(still_open).values(closed_at=now()))


def get_calibration(store: Store, calibration_id: int) -> CalibrationRow:
    with store.read() as connection:
        row = connection.execute(
            select(*_CALIBRATION).where(calibration.c.id == calibration_id)
        ).one_or_none()
        if row is None:
            raise UsageError(f"there is no calibration {calibration_id}")
        return _with_calls(row, connection.execute(_members(calibration_id)).scalars().all())


def calibrations(store: Store) -> list[CalibrationRow]:
    """All sessions, newest first."""
    with store.read() as connection:
        rows = connection.execute(select(*_CALIBRATION).order_by(calibration.c.id.desc())).all()
        return [_with_calls(row, connection.execute(_members(row.id)).scalars().all()) for row in rows]


def _members(calibration_id: int) -> Any:
    c = calibration_call.c
    return select(c.recording_id).where(c.calibration_id == calibration_id).order_by(c.recording_id)


def _with_calls(row: Row[Any], calls: Sequence[int]) -> CalibrationRow:
    return CalibrationRow(**row._asdict(), calls=tuple(calls))
