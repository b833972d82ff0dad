"""The waveform as two lanes, one for each side of the call."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ingest import peaks as stored_peaks
from ..store.results import Peaks
from ..transcribe.types import Role, Utterance
from .texts import Texts

MOST_POINTS = 6000
"""More than a screen can show even zoomed; a longer call is drawn coarser."""
_SIDES = (Role.AGENT, Role.CUSTOMER)
_Outline = npt.NDArray[np.uint8]


def lanes(peaks: Peaks | None, utterances: Sequence[Utterance], texts: Texts) -> list[dict[str, Any]]:
    """One lane a side, agent first: ``{role, label, peaks}`` with peaks from 0 to 255.

    Two channels become the lanes of those who speak on them. One channel is shown on both lanes, on
    each only where that side speaks; without speakers it is one lane.
    """
    if peaks is None:
        return []
    outline = _outline(peaks)
    if outline.shape[0] > 1:
        found = _by_channel(outline, utterances)
    else:
        found = _by_speaker(outline[0], utterances, peaks.per_second)
    return [
        {"role": role, "label": texts(f"role.{role}"), "peaks": _thinned(lane).tolist()}
        for role, lane in found
    ]


def _outline(peaks: Peaks) -> _Outline:
    extremes = stored_peaks.from_bytes(peaks.packed).astype(np.int16)
    loudest: _Outline = (np.abs(extremes).max(axis=2) * 2).clip(0, 255).astype(np.uint8)
    return loudest


def _by_channel(outline: _Outline, utterances: Sequence[Utterance]) -> list[tuple[str, _Outline]]:
    heard: list[Counter[Role]] = [Counter() for _ in outline]
    for u in utterances:
        if u.channel is not None and u.channel < len(heard) and u.role in _SIDES:
            heard[u.channel][u.role] += 1
    agent = max(range(len(heard)), key=lambda c: (heard[c][Role.AGENT] - heard[c][Role.CUSTOMER], -c))
    others = [c for c in range(len(heard)) if c != agent]
    return [(Role.AGENT.value, outline[agent]), (Role.CUSTOMER.value, outline[others[0]])]


def _by_speaker(
    outline: _Outline, utterances: Sequence[Utterance], per_second: int
) -> list[tuple[str, _Outline]]:
    if not any(u.role in _SIDES for u in utterances):
        return [("all", outline)]
    sides = []
    for role in _SIDES:
        speaks = np.zeros(len(outline), bool)
        for u in utterances:
            if u.role is role:
                speaks[int(u.start * per_second) : int(u.end * per_second) + 1] = True
        sides.append((role.value, np.where(speaks, outline, 0).astype(np.uint8)))
    return sides


def _thinned(lane: _Outline) -> _Outline:
    if len(lane) <= MOST_POINTS:
        return lane
    starts = np.arange(MOST_POINTS) * len(lane) // MOST_POINTS
    coarse: _Outline = np.maximum.reduceat(lane, starts)
    return coarse
