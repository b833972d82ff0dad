"""What a reviewer's browser sends: actions that may arrive late, twice, or after somebody else's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, cast

from ..errors import UsageError
from ..privacy.audit import Action, record
from ..privacy.roles import Permission, Person
from ..store.added_flags import add_flag, withdraw_flag
from ..store.claims import HeldByOther
from ..store.database import Store
from ..store.edits import EditOvertaken
from ..store.review_queries import FlagPlace
from ..store.verdicts import VERDICTS, Overtaken, VerdictWord
from .added import new_flag
from .corrections import correct_line, swap_roles, undo_edit
from .verdicts import judge, take_back

LONGEST_COMMENT = 2000
REASONS = ("misheard", "context", "role", "repeated", "rule", "unclear")
"""Why a verdict is what it is; chosen from these, so that it can be counted."""
_TOO_BIG = 2**53
"""Numbers from here on are not exact in a browser."""
Refusal = Literal["overtaken", "changed", "held", "forbidden", "gone", "invalid"]
_NEEDED = {
    "verdict": Permission.VERDICT_GIVE,
    "undo": Permission.VERDICT_GIVE,
    "add": Permission.VERDICT_GIVE,
    "withdraw": Permission.VERDICT_GIVE,
    "correct": Permission.TRANSCRIPT_CORRECT,
    "swap": Permission.TRANSCRIPT_CORRECT,
    "restore": Permission.TRANSCRIPT_CORRECT,
}
"""What an action needs."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action was not carried out; the verdict or reviewer that stands in its way, if any."""

    why: Refusal
    verdict: str | None = None
    reviewer: str | None = None


@dataclass
class ReviewSession:
    """One reviewer's sitting in one browser tab: what was asked, and what came of it.

    Every action is carried out once, whatever its way here; ``saved`` holds what each led to: the number
    of the verdict entry (for an undo: the entry taken back), of the added flag, of the edit; ``refused``
    the reason where it was not done.
    """

    reviewer: str
    saved: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    _verdicts: set[int] = field(default_factory=set, repr=False)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def apply(self, store: Store, actions: Sequence[Any], person: Person | None = None) -> None:
        """Carry out those of ``actions`` that were not carried out before, in order.

        A page that is being drawn and the one that replaces it may both come here with the same ones.
        With ``person`` only what that person may do is done.
        """
        with self._one_at_a_time:
            for action in actions:
                key = action.get("id") if isinstance(action, dict) else None
                if isinstance(key, str) and key not in self.saved and key not in self.refused:
                    self._apply(store, key, action, person)

    def _apply(self, store: Store, key: str, action: dict[str, Any], person: Person | None) -> None:
        try:
            kind = action["kind"]
            if person is not None and not person.may(_NEEDED[kind]):
                self.refused[key] = Refused("forbidden")
                return
            self.saved[key] = _DOERS[kind](self, store, key, action)
            self._record(store, kind, key, action)
        except Overtaken as error:
            entry = error.entry
            self.refused[key] = Refused(
                "overtaken", entry.verdict if entry else None, entry.reviewer if entry else None
            )
        except EditOvertaken:
            self.refused[key] = Refused("changed")
        except HeldByOther as error:
            self.refused[key] = Refused("held", reviewer=error.claim.reviewer)
        except UsageError:
            self.refused[key] = Refused("gone")
        except (KeyError, TypeError, ValueError):
            self.refused[key] = Refused("invalid")

    def _record(self, store: Store, kind: str, key: str, action: Mapping[str, Any]) -> None:
        """What was done, without what was written or said."""
        what = Action.VERDICT if _NEEDED[kind] is Permission.VERDICT_GIVE else Action.CORRECTION
        detail = {"kind": kind, "entry": self.saved[key]}
        detail |= {name: action[name] for name in ("call", "flag", "value", "reason") if action.get(name)}
        record(store, self.reviewer, what, f"call {action.get('call')}", detail)

    def _verdict(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        if action["value"] not in VERDICTS:
            raise ValueError("no such verdict")
        reason = action.get("reason") or ""
        if reason and reason not in REASONS:
            raise ValueError("no such reason")
        entry = judge(
            store,
            _place(action),
            cast(VerdictWord, action["value"]),
            reviewer=self.reviewer,
            reason=reason,
            comment=_text(action, "comment"),
            seen={_maybe(action["seen"]), *self._verdicts},
            action=key,
        )
        self._verdicts.add(entry)
        return entry

    def _undo(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        entry = _number(action["verdict"])
        take_back(store, _number(action["call"]), entry, reviewer=self.reviewer, action=key)
        return entry

    def _add(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        call = _number(action["call"])
        span = _number(action["first"]), _number(action["last"])
        comment = _text(action, "comment")
        new = new_flag(store, call, str(action["rule"]), _number(action["line"]), span, comment)
        return add_flag(store, call, new, reviewer=self.reviewer, action=key)

    def _withdraw(self, store: Store, _key: str, action: Mapping[str, Any]) -> int:
        withdraw_flag(store, _number(action["added"]), reviewer=self.reviewer)
        return _number(action["added"])

    def _correct(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        return correct_line(
            store,
            _number(action["call"]),
            _number(action["line"]),
            (_number(action["first"]), _number(action["last"])),
            _text(action, "text"),
            seen=_maybe(action["seen"]),
            reviewer=self.reviewer,
            action=key,
        )

    def _swap(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        seen = _maybe(action["seen"])
        return swap_roles(store, _number(action["call"]), seen=seen, reviewer=self.reviewer, action=key)

    def _restore(self, store: Store, key: str, action: Mapping[str, Any]) -> int:
        edit = _number(action["edit"])
        undo_edit(store, _number(action["call"]), edit, reviewer=self.reviewer, action=key)
        return edit


_DOERS: dict[str, Callable[[ReviewSession, Store, str, dict[str, Any]], int]] = {
    "verdict": ReviewSession._verdict,
    "undo": ReviewSession._undo,
    "add": ReviewSession._add,
    "withdraw": ReviewSession._withdraw,
    "correct": ReviewSession._correct,
    "swap": ReviewSession._swap,
    "restore": ReviewSession._restore,
}


def _place(action: Mapping[str, Any]) -> FlagPlace:
    """Which flag is meant; where it lies helps when its number has changed."""
    start, end = (float(action.get(name) or 0.0) for name in ("start", "end"))
    call, rule = _number(action["call"]), str(action.get("rule") or "")
    return FlagPlace(_number(action["flag"]), call, rule, start, end)


def _text(action: Mapping[str, Any], name: str) -> str:
    return str(action.get(name) or "")[:LONGEST_COMMENT]


def _maybe(value: Any) -> int | None:
    return None if value is None else _number(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _TOO_BIG:
        raise ValueError("not a number of a row")
    return value
