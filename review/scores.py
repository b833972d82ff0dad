"""The score of a call as reviewers left it: flags they called false alarms do not count."""

from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import UsageError
from ..inspect.rulebook import Rulebook
from ..inspect.score import choose_scorecard, score_flags
from ..inspect.types import Flag
from ..store.call import StoredCall, get_call
from ..store.database import Store
from ..store.rulebooks import load_rulebook


@dataclass(frozen=True, slots=True)
class Score:
    """``original`` as the inspection gave it, ``now`` after the verdicts; both are kept."""

    original: int
    now: int

    @property
    def changed(self) -> bool:
        return self.original != self.now


def score_of(store: Store, recording_id: int) -> Score | None:
    """The score of an inspected call, before and after its verdicts; None without an inspection."""
    return score_of_call(store, get_call(store, recording_id))


def score_of_call(store: Store, call: StoredCall) -> Score | None:
    if call.inspection is None or call.row.score is None:
        return None
    if not any(flag.verdict == "false_alarm" for flag in call.flags):
        return Score(call.row.score, call.row.score)
    try:
        book = _rulebook(load_rulebook(store, call.inspection.rulebook))
    except UsageError:  # not stored: a database that was filled from elsewhere
        lost = sum(flag.flag.points for flag in call.flags) - sum(flag.points for flag in _standing(call))
        return Score(call.row.score, max(0, min(100, call.row.score - lost)))
    card = choose_scorecard(book.scorecards, call.row.call_data)
    return Score(call.row.score, score_flags(_standing(call), book.rules, card)[0])


def _standing(call: StoredCall) -> list[Flag]:
    """The flags that count. Where a rule costs its points once, they pass to the first flag that is left."""
    left = [flag.flag for flag in call.flags if flag.verdict != "false_alarm"]
    for rule in {flag.rule for flag in left}:
        points = next((f.flag.points for f in call.flags if f.flag.rule == rule), 0)
        first = next(i for i, flag in enumerate(left) if flag.rule == rule)
        if not left[first].points:
            left[first] = replace(left[first], points=points)
    return left


@lru_cache(maxsize=8)
def _rulebook(content: bytes) -> Rulebook:
    return Rulebook.from_bytes(content)
