"""Transcripts kept from the moment they are made until their result is stored.

A worker that dies in between, or a rule that cannot be run, then costs no second recognition. Only what
took longer to make than to keep is kept.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import zstandard
from pydantic import ConfigDict, TypeAdapter

from ..errors import StoreError
from ..settings import Settings
from ..store import AudioFacts, Claimed, Peaks, Store
from ..store.checkpoints import load_checkpoint, save_checkpoints
from ..transcribe.types import Transcript
from .process import Heard
from .steps import Steps

log = logging.getLogger(__name__)
STEP = "transcribe"
WORTH_SECONDS = 2.0
"""Less costly transcripts are rather made again."""


@dataclass(frozen=True)
class _Kept:
    __pydantic_config__ = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants"
    )
    facts: AudioFacts
    peaks: Peaks
    transcript: Transcript


_KEPT: TypeAdapter[_Kept] = TypeAdapter(_Kept)


@dataclass(frozen=True)
class Checkpoints:
    """Of one store, by one maker: other models do not take up what these made."""

    store: Store
    made_by: str
    worth_seconds: float = WORTH_SECONDS

    @classmethod
    def of(cls, store: Store, settings: Settings, recogniser: str) -> Self:
        s = settings
        lexicon = str(s.lexicon or "")
        return cls(store, "|".join((recogniser, s.asr_model, s.diarization_model, s.language, lexicon)))

    def save(self, heard: Sequence[Heard]) -> None:
        """Keep those that were costly; that it fails is no reason to stop."""
        worth = [one for one in heard if one.steps.seconds.get(STEP, 0.0) >= self.worth_seconds]
        if not worth:
            return
        try:
            save_checkpoints(self.store, STEP, self.made_by, [(h.claimed.sha256, pack(h)) for h in worth])
        except StoreError as error:
            log.warning("transcripts could not be kept for a restart: %s", error)

    def load(self, claimed: Claimed, steps: Steps) -> Heard | None:
        """What an earlier attempt at this recording had made."""
        if claimed.attempts + claimed.retries <= 1:
            return None
        packed = load_checkpoint(self.store, claimed.sha256, STEP, self.made_by)
        if packed is None:
            return None
        with steps.step("resume"):
            return unpack(packed, claimed, steps)


def pack(heard: Heard) -> bytes:
    kept = _Kept(heard.facts, heard.peaks, heard.transcript)
    return zstandard.ZstdCompressor(level=3).compress(_KEPT.dump_json(kept))


def unpack(packed: bytes, claimed: Claimed, steps: Steps) -> Heard:
    kept = _KEPT.validate_json(zstandard.ZstdDecompressor().decompress(packed))
    return Heard(claimed, kept.facts, kept.peaks, kept.transcript, steps)
