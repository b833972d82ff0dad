"""Coaching: a lead says something about a stretch of a call, and the agent of the call answers."""

from ..errors import UsageError
from ..store.call import get_call
from ..store.coaching_notes import answer_note, save_note
from ..store.database import Store


def coach(
    store: Store,
    recording_id: int,
    text: str,
    *,
    by: str,
    start: float,
    end: float,
    rule: str | None = None,
) -> int:
    """Write a note to the agent of a call about ``start`` to ``end`` seconds of it; returns its id.

    Raises UsageError without words, for a call without an agent, or for a stretch outside of the call.
    """
    if not text.strip():
        raise UsageError("a coaching note needs words")
    row = get_call(store, recording_id).row
    if not row.agent:
        raise UsageError("the call data names no agent to coach")
    if not 0 <= start < end <= (row.seconds or 0.0) + 1.0:
        raise UsageError(f"the call has no stretch from {start:.1f} to {end:.1f} seconds")
    return save_note(
        store,
        {
            "recording_id": recording_id, "agent": row.agent, "start": start, "end": end, "rule": rule,
            "text": text.strip(), "written_by": by,
        },
    )  # fmt: skip


def acknowledge(store: Store, note_id: int, *, agent: str, reply: str = "") -> None:
    """The agent has read and heard it, with a word if they like."""
    answer_note(store, note_id, agent=agent, reply=reply.strip())
