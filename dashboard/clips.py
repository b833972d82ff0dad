"""Stretches of calls to hear in place, on whatever page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from ..inspect.types import Level
from ..privacy.redact import redact_text
from ..privacy.roles import Permission
from . import links, session
from .components import clip_list
from .filters import View
from .texts import Texts

LEAST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Clip:
    """One stretch, in seconds; ``about`` says whose call it is, ``tag`` why it is here.

    Without an ``end`` it goes on to the end of the recording.
    """

    recording_id: int
    start: float
    end: float | None
    title: str
    about: str = ""
    quote: str = ""
    tag: str = ""
    severity: Level = Level.INFORMATIONAL


def show_clips(texts: Texts, key: str, clips: Sequence[Clip], view: Callable[[], View] = View) -> None:
    """Draw them; opening one leads to its call, in the list ``view`` names."""
    may_hear = session.may(Permission.SOUND_HEAR)
    data = clip_data(clips, texts, session.sound_address if may_hear else None)

    def opened() -> None:
        wanted = st.session_state[key].open
        if wanted:
            links.open_call(view(), int(wanted))

    clip_list(key, data, opened)


def hear(texts: Texts, key: str, recording_id: int, start: float = 0.0, end: float | None = None) -> None:
    """Draw one stretch, or a whole recording, to hear; nothing for who may not."""
    if session.may(Permission.SOUND_HEAR):
        data = clip_data([Clip(recording_id, start, end, "")], texts, session.sound_address, opens=False)
        clip_list(f"hear_{key}", data, lambda: None)


def clip_data(
    clips: Sequence[Clip], texts: Texts, address: Callable[[int], str] | None, *, opens: bool = True
) -> dict[str, Any]:
    """What ``assets/clips.js`` reads; ``address`` gives a recording's sound, ``opens`` a way to its call."""
    rows = [
        {
            "id": clip.recording_id,
            "start": clip.start,
            "end": None if clip.end is None else max(clip.end, clip.start + LEAST_SECONDS),
            "title": clip.title,
            "about": clip.about,
            "quote": redact_text(clip.quote),
            "tag": clip.tag,
            "severity": clip.severity.value,
            "sound": address(clip.recording_id) if address else None,
            "opens": opens,
        }
        for clip in clips
    ]
    return {
        "key": "|".join(f"{clip.recording_id}@{clip.start}" for clip in clips),
        "rows": rows,
        "texts": {name: texts(f"clip.{name}") for name in ("play", "pause", "place", "open", "gone")},
    }
