"""Who speaks when on one channel: the bundled models, or any pyannote pipeline.

Bundled: pyannote's segmentation-3.0 says where speakers change and overlap, CAM++ embeds each turn once,
``voices`` groups the turns. On telephone calls that is purer than clustering one embedding a sliding
window, and it embeds less.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from ..errors import ModelError
from .activity import RATE
from .changes import Windowed, cut_at, overlapped, speaker_changes
from .models import CAMPPLUS, SEGMENTATION, model_path
from .turns import SpeakerTurn
from .types import Span
from .voices import group

# pyannote sends usage figures unless told not to before its first import.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"

BUNDLED = "bundled"
WINDOW_SECONDS, STEP_SECONDS = 10.0, 2.5
"""The segmentation model hears 10 s; every moment is heard by four windows."""


class Diarizer(Protocol):
    """Loads its models once; ``turns`` may then be called for many recordings."""

    name: str

    def turns(self, samples: np.ndarray, speech: Sequence[Span], *, max_speakers: int) -> list[SpeakerTurn]:
        """Turns of ``samples`` (samples,) float32 at 16 kHz, sorted by start.

        ``speech`` is where somebody speaks, cut at pauses of ``turns.PAUSE_SECONDS``.
        """


def load(model: str, model_dir: Path, device: str, *, token: str | None = None) -> Diarizer:
    """``model``: ``bundled``, a local pipeline folder or a hub name; ModelError when it does not load."""
    with _quiet():
        if model == BUNDLED:
            return BundledDiarizer(model_dir, device)
        return PipelineDiarizer(model, device, token)


class BundledDiarizer:
    """segmentation-3.0 and CAM++ on turns."""

    name = f"{SEGMENTATION.name}+{CAMPPLUS.name}"

    def __init__(self, model_dir: Path, device: str) -> None:
        from pyannote.audio import Inference
        from pyannote.audio.pipelines.utils import get_model

        from .campplus import CamPlusEmbedding

        on = torch.device(device)
        self._segmentation = Inference(
            get_model(str(model_path(model_dir, SEGMENTATION) / "pytorch_model.bin")),
            duration=WINDOW_SECONDS,
            step=STEP_SECONDS,
            skip_aggregation=True,
            batch_size=16,
            device=on,
        )
        self._embedding = CamPlusEmbedding(model_path(model_dir, CAMPPLUS) / "campplus.pt", on)

    def turns(self, samples: np.ndarray, speech: Sequence[Span], *, max_speakers: int) -> list[SpeakerTurn]:
        if not speech:
            return []
        windowed = self._windowed(samples)
        spans = cut_at(speech, speaker_changes(windowed))
        voices = group(self._embedded(samples, spans), _seconds(spans), most=max_speakers)
        both = overlapped(windowed)
        return [
            SpeakerTurn(span, str(voice), any(_touch(span, o) for o in both))
            for span, voice in zip(spans, voices, strict=True)
        ]

    def _windowed(self, samples: np.ndarray) -> Windowed:
        with _quiet():
            found: Any = self._segmentation(
                {"waveform": torch.from_numpy(np.ascontiguousarray(samples))[None], "sample_rate": RATE}
            )
        starts = np.array([found.sliding_window[i].start for i in range(len(found.data))])
        return Windowed(found.data, starts, WINDOW_SECONDS / found.data.shape[1])

    def _embedded(self, samples: np.ndarray, spans: list[Span]) -> np.ndarray:
        cuts = [samples[int(s.start * RATE) : int(s.end * RATE)] for s in spans]
        return np.concatenate([self._embedding(torch.from_numpy(c)[None, None]) for c in cuts])


class PipelineDiarizer:
    """Any pyannote pipeline, from a folder or the hub."""

    def __init__(self, model: str, device: str, token: str | None) -> None:
        from pyannote.audio import Pipeline

        self.name = model
        try:
            pipeline = Pipeline.from_pretrained(model, token=token)
        except Exception as error:
            raise ModelError(
                f"diarization model {model!r} does not load: {error}. Name a local pipeline folder, or check "
                "that the hub is reachable and CALLQA_HUB_TOKEN is set for gated models"
            ) from error
        if pipeline is None:
            raise ModelError(
                f"diarization model {model!r} is gated: accept its terms and set CALLQA_HUB_TOKEN"
            )
        self._pipeline: Any = pipeline.to(torch.device(device))

    def turns(self, samples: np.ndarray, speech: Sequence[Span], *, max_speakers: int) -> list[SpeakerTurn]:
        with _quiet(), torch.inference_mode():
            output = self._pipeline(
                {"waveform": torch.from_numpy(np.ascontiguousarray(samples))[None], "sample_rate": RATE},
                min_speakers=1,
                max_speakers=max_speakers,
            )
        annotation = getattr(output, "speaker_diarization", output)
        found = [
            (Span(segment.start, segment.end), str(speaker))
            for segment, _, speaker in annotation.itertracks(yield_label=True)
        ]
        turns = [
            SpeakerTurn(span, who, any(_touch(span, s) for s, other in found if other != who))
            for span, who in found
        ]
        return sorted(turns, key=lambda t: (t.span.start, t.span.end))


def _seconds(spans: list[Span]) -> np.ndarray:
    return np.array([s.duration for s in spans])


def _touch(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
