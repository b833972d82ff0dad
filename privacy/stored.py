"""Redaction of what is stored: the sound of a call, and all texts anew."""

from pathlib import Path

from sqlalchemy import update

from ..errors import UsageError
from ..ingest.pool import Decoder
from ..store.call import audio_path, get_call, iter_calls
from ..store.database import Store
from ..store.results import utterance
from .redact import redact_utterances
from .sound import How, stretches_of, write_redacted


def write_redacted_sound(store: Store, recording_id: int, out: Path, how: How = "beep") -> float:
    """Write a call as WAV without its personal data; returns how many seconds were replaced.

    Raises UsageError when there is no such call, its recording is gone, or it was not transcribed: what
    is personal in it is then not known.
    """
    call = get_call(store, recording_id)
    source = audio_path(store, recording_id)
    if call.transcript is None:
        raise UsageError(f"call {recording_id} has no transcript, so what is personal in it is not known")
    if source is None:
        raise UsageError(f"the recording of call {recording_id} is gone")
    found = stretches_of(call.transcript.utterances)
    with Decoder() as decoder:
        audio, _, _ = decoder.decode(source, call.row.native_rate or 8000, 1)
    write_redacted(out, audio, found, how)
    return sum(one.end - one.start for one in found)


def redact_again(store: Store) -> int:
    """Redact every stored transcript as the settings say now; returns how many changed."""
    changed = 0
    for call in iter_calls(store):
        utterances = call.transcript.utterances if call.transcript else ()
        shown = redact_utterances(utterances)
        if shown == call.redacted:
            continue
        changed += 1
        with store.write() as connection:
            for u, text in zip(utterances, shown, strict=True):
                mine = (utterance.c.recording_id == call.row.id) & (utterance.c.position == u.index)
                kept = None if text == u.text else text
                connection.execute(update(utterance).where(mine).values(redacted_text=kept))
    return changed
