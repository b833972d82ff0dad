"""Filling in forms: first and second review, blind where they must be, and calibration with its agreement."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import UsageError
from ..store.database import Store
from ..store.quality import (
    CalibrationRow,
    EvaluationRow,
    FormRow,
    add_evaluation,
    evaluations,
    get_calibration,
    get_form,
)
from ..store.review_queries import flag_verdicts
from .agreement import Disagreement, disagreements, krippendorff_alpha, pairwise_kappa
from .forms import FormItem, Scored, automatic_answers, read_items, score


@dataclass(frozen=True, slots=True)
class ItemAgreement:
    """How far the people of a session agreed on one item."""

    key: str
    title: str
    alpha: float | None
    disagreements: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """What a session showed: alpha over all items, by item, kappa by pair, scores by person and call."""

    alpha: float | None
    items: tuple[ItemAgreement, ...]
    pairs: Mapping[tuple[str, str], float | None]
    scores: Mapping[int, Mapping[str, float]]
    missing: Mapping[str, int]
    """Person → calls of the session they have not judged."""

    @property
    def widest(self) -> int | None:
        """The call whose scores differ most: the one to talk about first."""
        spread = {call: max(s.values()) - min(s.values()) for call, s in self.scores.items() if len(s) > 1}
        return max(spread, key=lambda call: spread[call], default=None)


def items_of(form: FormRow) -> tuple[FormItem, ...]:
    return read_items(form.items)


def prefill(store: Store, form: FormRow, recording_id: int) -> dict[str, float]:
    """What flags and verdicts answer already."""
    return automatic_answers(items_of(form), flag_verdicts(store, recording_id))


def evaluate(
    store: Store,
    recording_id: int,
    form_id: int,
    answers: Mapping[str, float | None],
    *,
    evaluator: str,
    kind: str = "first",
    comment: str = "",
) -> Scored:
    """Score the answers and keep them. A second review is another person's than the first."""
    scored = score(items_of(get_form(store, form_id)), answers)
    if kind == "second" and evaluator in _evaluators(store, recording_id, "first"):
        raise UsageError("the second review of a call is another person's; you did the first")
    add_evaluation(
        store, recording_id, form_id, kind=kind, evaluator=evaluator, answers=answers, score=scored.score,
        comment=comment,
    )  # fmt: skip
    return scored


def visible_evaluations(
    store: Store, recording_id: int, person: str, *, blind: bool = False
) -> list[EvaluationRow]:
    """The evaluations of a call that ``person`` may see: answers of an open calibration are everybody's own,
    and with ``blind`` (who is to review the call a second time) all others stay hidden until the own is in.
    """
    rows = evaluations(store, recording_ids=[recording_id])
    hidden = blind and not any(row.evaluator == person and row.kind == "second" for row in rows)
    return [row for row in rows if row.evaluator == person or not (hidden or _in_open_session(store, row))]


def _in_open_session(store: Store, row: EvaluationRow) -> bool:
    if row.calibration_id is None:
        return False
    return get_calibration(store, row.calibration_id).closed_at is None


def calibrate(
    store: Store,
    calibration_id: int,
    recording_id: int,
    answers: Mapping[str, float | None],
    *,
    evaluator: str,
) -> Scored:
    """One person's answers for one call of a session; the newest counts until it is closed."""
    session = get_calibration(store, calibration_id)
    if session.closed_at is not None:
        raise UsageError("this calibration is closed")
    if evaluator not in session.people:
        raise UsageError(f"{evaluator} does not take part in this calibration")
    if recording_id not in session.calls:
        raise UsageError("this call is not part of the calibration")
    scored = score(items_of(get_form(store, session.form_id)), answers)
    add_evaluation(
        store, recording_id, session.form_id, kind="calibration", evaluator=evaluator, answers=answers,
        score=scored.score, calibration_id=calibration_id,
    )  # fmt: skip
    return scored


def calibration_result(store: Store, calibration_id: int, *, viewer: str | None = None) -> CalibrationResult:
    """Agreement of a session. While it is open only who has judged every call may look: UsageError else."""
    session = get_calibration(store, calibration_id)
    newest = _newest(evaluations(store, calibration_id=calibration_id))
    missing = {who: sum((call, who) not in newest for call in session.calls) for who in session.people}
    if session.closed_at is None and (viewer is None or missing.get(viewer, 1)):
        raise UsageError("the answers of the others are shown when you have judged every call, or at the end")
    return _result(items_of(get_form(store, session.form_id)), session, newest, missing)


def _result(
    items: Sequence[FormItem],
    session: CalibrationRow,
    newest: Mapping[tuple[int, str], EvaluationRow],
    missing: Mapping[str, int],
) -> CalibrationResult:
    by_item = {item.key: _ratings(session, newest, item.key) for item in items}
    everything: dict[Hashable, Mapping[str, str]] = {
        (key, call): answers for key, calls in by_item.items() for call, answers in calls.items()
    }
    found = tuple(
        ItemAgreement(
            item.key,
            item.title,
            krippendorff_alpha(by_item[item.key]),
            tuple(disagreements(by_item[item.key])),
        )
        for item in items
    )
    scores: dict[int, dict[str, float]] = {call: {} for call in session.calls}
    for (call, who), row in newest.items():
        scores[call][who] = row.score
    return CalibrationResult(
        krippendorff_alpha(everything), found, pairwise_kappa(everything), scores, missing
    )


def _ratings(
    session: CalibrationRow, newest: Mapping[tuple[int, str], EvaluationRow], key: str
) -> dict[Hashable, dict[str, str]]:
    return {
        call: {
            who: str(newest[call, who].answers.get(key)) for who in session.people if (call, who) in newest
        }
        for call in session.calls
    }


def _newest(rows: Sequence[EvaluationRow]) -> dict[tuple[int, str], EvaluationRow]:
    return {(row.recording_id, row.evaluator): row for row in rows}


def _evaluators(store: Store, recording_id: int, kind: str) -> set[str]:
    return {row.evaluator for row in evaluations(store, recording_ids=[recording_id], kind=kind)}
