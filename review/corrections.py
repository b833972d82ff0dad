"""Correcting a transcript: a wrong word, agent and customer taken for one another; each can be undone."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from itertools import accumulate

from ..errors import CallqaError, UsageError
from ..inspect.engine import inspect_call
from ..inspect.rulebook import Rulebook
from ..inspect.types import Inspection
from ..privacy.redact import redact_utterances
from ..store.call import StoredCall, get_call
from ..store.database import Store
from ..store.edit_history import Edit, last_edits
from ..store.edits import Change, EditOvertaken, store_edit
from ..store.rulebooks import load_rulebook
from ..transcribe.measures import measure
from ..transcribe.types import Interruption, Measures, Role, Transcript, Utterance, Word

LONGEST_LINE = 2000
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.'-]*\W*|\w\W*|\W+")
_OTHER = {Role.AGENT: Role.CUSTOMER, Role.CUSTOMER: Role.AGENT}


def correct_line(
    store: Store,
    recording_id: int,
    position: int,
    span: tuple[int, int],
    text: str,
    *,
    seen: int | None,
    reviewer: str,
    action: str,
) -> int:
    """Put ``text`` in place of the characters ``span`` of an utterance and inspect the call again.

    ``seen`` is the newest edit of that line that the reviewer knows of. Returns the number of the edit;
    raises EditOvertaken when the line was changed since, UsageError when there is no such place.
    """
    make = partial(_corrected, store, position, span, _clean(text), seen)
    _warm(store, recording_id)
    return store_edit(store, recording_id, make, reviewer=reviewer, action=action)


def swap_roles(store: Store, recording_id: int, *, seen: int | None, reviewer: str, action: str) -> int:
    """Let agent and customer change places throughout the call and inspect it again.

    ``seen`` is the newest swap that the reviewer knows of.
    """
    make = partial(_swapped, store, seen)
    _warm(store, recording_id)
    return store_edit(store, recording_id, make, reviewer=reviewer, action=action)


def undo_edit(store: Store, recording_id: int, edit_id: int, *, reviewer: str, action: str) -> int:
    """Take an edit back; the words, times and flags before it come back.

    Raises EditOvertaken when the line has been changed again since, or the call transcribed anew.
    """
    make = partial(_undone, store, edit_id)
    _warm(store, recording_id)
    return store_edit(store, recording_id, make, reviewer=reviewer, action=action)


def rewrite(u: Utterance, first: int, last: int, text: str) -> Utterance:
    """The utterance with ``text`` for its characters ``first`` to ``last``.

    Words outside keep their times; the new ones share the time of those they replace, or of the gap.
    """
    if not 0 <= first <= last <= len(u.text):
        raise UsageError(f"line {u.index} has no characters {first} to {last}")
    whole = u.text[:first] + text + u.text[last:]
    if not whole.strip() or len(whole) > LONGEST_LINE:
        raise UsageError(f"a line holds 1 to {LONGEST_LINE} characters")
    if "".join(w.text for w in u.words) != u.text:
        return replace(u, text=whole, words=())
    return replace(u, text=whole, words=_spliced(u, first, last, text))


def _spliced(u: Utterance, first: int, last: int, text: str) -> tuple[Word, ...]:
    ends = list(accumulate(len(w.text) for w in u.words))
    begins = [0, *ends[:-1]]
    a = next((i for i, end in enumerate(ends) if end > first), len(ends))
    b = next((i for i in range(len(ends), a, -1) if begins[i - 1] < last), a)
    head = u.text[begins[a] : first] if a < b else ""
    tail = u.text[last : ends[b - 1]] if a < b else ""
    if a == b and a < len(ends) and begins[a] < first:  # set into the middle of a word
        head, tail, b = u.text[begins[a] : first], u.text[first : ends[a]], a + 1
    start = u.words[a].start if a < b else (u.words[a - 1].end if a else u.start)
    end = u.words[b - 1].end if a < b else (u.words[a].start if a < len(ends) else u.end)
    return (*u.words[:a], *_spread(head + text + tail, start, max(start, end)), *u.words[b:])


def _spread(text: str, start: float, end: float) -> tuple[Word, ...]:
    tokens = _TOKEN.findall(text)
    step = (end - start) / max(1, len(tokens))
    return tuple(Word(start + i * step, start + (i + 1) * step, t, 1.0) for i, t in enumerate(tokens))


def _corrected(
    store: Store,
    position: int,
    span: tuple[int, int],
    text: str,
    seen: int | None,
    call: StoredCall,
    history: tuple[Edit, ...],
) -> Change:
    transcript = _transcript(call)
    if last_edits(history).get(position) != seen:
        raise EditOvertaken("the line was corrected in the meantime; look again")
    if not 0 <= position < len(transcript.utterances):
        raise UsageError(f"the call has no line {position}")
    line = rewrite(transcript.utterances[position], *span, text)
    return _change(store, call, "text", _with_line(transcript, line), position)


def _swapped(store: Store, seen: int | None, call: StoredCall, history: tuple[Edit, ...]) -> Change:
    if last_edits(history).get(None) != seen:
        raise EditOvertaken("agent and customer were swapped in the meantime; look again")
    return _change(store, call, "swap", _with_roles_swapped(_transcript(call)))


def _undone(store: Store, edit_id: int, call: StoredCall, history: tuple[Edit, ...]) -> Change:
    edit = next((e for e in history if e.id == edit_id and e.kind != "undo"), None)
    if edit is None:
        raise UsageError(f"the call has no edit with the number {edit_id}")
    transcript = _transcript(call)
    if last_edits(history).get(edit.position) != edit_id:
        raise EditOvertaken("the line was changed again in the meantime")
    if edit.kind == "swap":
        return _change(store, call, "undo", _with_roles_swapped(transcript), undoes=edit_id)
    line = transcript.utterances[edit.position or 0]
    if line.text != edit.after:
        raise EditOvertaken("the call was transcribed anew since")
    before = replace(line, text=edit.before or "", words=edit.words)
    return _change(store, call, "undo", _with_line(transcript, before), edit.position, undoes=edit_id)


def _change(
    store: Store,
    call: StoredCall,
    kind: str,
    transcript: Transcript,
    position: int | None = None,
    undoes: int | None = None,
) -> Change:
    redacted = redact_utterances(transcript.utterances)
    return Change(kind, transcript, redacted, _inspected(store, call, transcript), position, undoes)


def _inspected(store: Store, call: StoredCall, transcript: Transcript) -> Inspection | None:
    """The call under the rulebook it was inspected with; None when that is not stored."""
    rulebook = _rulebook(store, call.row.rulebook) if call.row.rulebook else None
    return inspect_call(transcript, rulebook, call.row.call_data) if rulebook else None


def _warm(store: Store, recording_id: int) -> None:
    """Compile the rulebook before the database is locked for writing."""
    used = get_call(store, recording_id).row.rulebook
    rulebook = _rulebook(store, used) if used else None
    if rulebook:
        _ = rulebook.lexicon


@lru_cache(maxsize=8)
def _rulebook(store: Store, hash: str) -> Rulebook | None:
    try:
        return Rulebook.from_bytes(load_rulebook(store, hash))
    except CallqaError:
        return None


def _transcript(call: StoredCall) -> Transcript:
    if call.transcript is None:
        raise UsageError("the call has no transcript")
    return call.transcript


def _with_line(transcript: Transcript, line: Utterance) -> Transcript:
    """With one line anew, and the rate of speech that follows from it."""
    lines = tuple(line if u.index == line.index else u for u in transcript.utterances)
    rates = measure(lines, transcript.duration).chars_per_minute
    return replace(
        transcript, utterances=lines, measures=replace(transcript.measures, chars_per_minute=rates)
    )


def _with_roles_swapped(transcript: Transcript) -> Transcript:
    lines = tuple(replace(u, role=_OTHER.get(u.role, u.role)) for u in transcript.utterances)
    return replace(transcript, utterances=lines, measures=_measures_swapped(transcript.measures))


def _measures_swapped(measures: Measures) -> Measures:
    def swapped(by_role: Mapping[str, float]) -> dict[str, float]:
        return {_OTHER.get(Role(role), Role(role)).value: value for role, value in by_role.items()}

    cuts = tuple(
        Interruption(i.start, i.end, _OTHER.get(i.by, i.by), i.utterance) for i in measures.interruptions
    )
    return replace(
        measures,
        interruptions=cuts,
        speech_seconds=swapped(measures.speech_seconds),
        talk_ratio=swapped(measures.talk_ratio),
        chars_per_minute=swapped(measures.chars_per_minute),
        loudness_dbfs=swapped(measures.loudness_dbfs),
    )


def _clean(text: str) -> str:
    return " ".join(text.split())
