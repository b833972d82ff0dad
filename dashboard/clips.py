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


@dataclass(frozen=True, slots=True)
class Clip:
    """One stretch, in seconds; ``about`` says whose call it is, ``tag`` why it is here."""

    recording_id: int
    start: float
    end: float
    title: str
    about: str
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


def clip_data(clips: Sequence[Clip], texts: Texts, address: Callable[[int], str] | None) -> dict[str, Any]:
    """What ``assets/clips.js`` reads; ``address`` gives a recording's sound."""
    rows = [
        {
            "id": clip.recording_id,
            "start": clip.start,
            "end": max(clip.end, clip.start + 0.5),
            "title": clip.title,
            "about": clip.about,
            "quote": redact_text(clip.quote),
            "tag": clip.tag,
            "severity": clip.severity.value,
            "sound": address(clip.recording_id) if address else None,
        }
        for clip in clips
    ]
    return {
        "key": "|".join(f"{clip.recording_id}@{clip.start}" for clip in clips),
        "rows": rows,
        "texts": {name: texts(f"clip.{name}") for name in ("play", "pause", "open", "gone")},
    }
