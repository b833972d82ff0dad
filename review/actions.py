"""What a reviewer's browser sends: actions that may arrive late, twice, or after somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, cast

from ..errors import UsageError
from ..store.database import Store
from ..store.verdicts import VERDICTS, VerdictWord
from .verdicts import Overtaken, judge, take_back

LONGEST_COMMENT = 2000
_TOO_BIG = 2**53
"""Numbers from here on are not exact in a browser."""
Refusal = Literal["overtaken", "gone", "invalid"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an action was not carried out; the verdict that stands in its way, when there is one."""

    why: Refusal
    verdict: str | None = None
    reviewer: str | None = None


@dataclass
class ReviewSession:
    """One reviewer's sitting in one browser tab: what was asked, and what came of it.

    Every action is carried out once, whatever its way here; ``saved`` holds the verdict entry that each
    led to (for an undo: the entry taken back), ``refused`` the reason where it was not done.
    """

    reviewer: str
    saved: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def apply(self, store: Store, actions: Sequence[Any]) -> None:
        """Carry out those of ``actions`` that were not carried out before, in order.

        A page that is being drawn and the one that replaces it may both come here with the same ones.
        """
        with self._one_at_a_time:
            self._apply(store, actions)

    def _apply(self, store: Store, actions: Sequence[Any]) -> None:
        for action in actions:
            key = action.get("id") if isinstance(action, dict) else None
            if not isinstance(key, str) or key in self.saved or key in self.refused:
                continue
            try:
                self.saved[key] = self._carry_out(store, action)
            except Overtaken as error:
                entry = error.entry
                self.refused[key] = Refused(
                    "overtaken", entry.verdict if entry else None, entry.reviewer if entry else None
                )
            except UsageError:
                self.refused[key] = Refused("gone")
            except (KeyError, TypeError, ValueError):
                self.refused[key] = Refused("invalid")

    def _carry_out(self, store: Store, action: dict[str, Any]) -> int:
        if action["kind"] == "undo":
            entry = _number(action["verdict"])
            take_back(store, _number(action["call"]), entry, reviewer=self.reviewer)
            return entry
        if action["kind"] != "verdict" or action["value"] not in VERDICTS:
            raise ValueError("no such action")
        seen = None if action["seen"] is None else _number(action["seen"])
        return judge(
            store,
            _number(action["flag"]),
            cast(VerdictWord, action["value"]),
            reviewer=self.reviewer,
            comment=str(action.get("comment") or "")[:LONGEST_COMMENT],
            seen={seen, *self.saved.values()},
        )


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _TOO_BIG:
        raise ValueError("not a number of a row")
    return value
