"""Who speaks when on one channel: pyannote's diarization with local or hub models."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import ModelError
from .models import CAMPPLUS, SEGMENTATION, model_path
from .types import Span

# pyannote sends usage figures unless told not to before its first import.
os.environ["PYANNOTE_METRICS_ENABLED"] = "0"

BUNDLED = "bundled"
STEP = 0.25
"""Share of the 10 s window between two windows; 0.1 gave the same turns at 2.4 times the cost."""


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """``speaker`` is speaking during ``span``; turns of different speakers may overlap."""

    span: Span
    speaker: str


class Diarizer:
    """Loads the models once; ``diarize`` may then be called for many recordings."""

    def __init__(
        self,
        model: str,
        model_dir: Path,
        device: str,
        *,
        token: str | None = None,
        step: float = STEP,
    ) -> None:
        """``model``: ``bundled``, a local pipeline folder or a hub name; ModelError when it does not load."""
        self._device = torch.device(device)
        with _quiet():
            if model == BUNDLED:
                self._pipeline = _bundled_pipeline(model_dir, self._device, step)
                self.name = f"{SEGMENTATION.name}+{CAMPPLUS.name}"
            else:
                self._pipeline = _named_pipeline(model, token)
                self.name = model
        self._pipeline.to(self._device)

    def diarize(
        self, samples: np.ndarray, *, min_speakers: int = 1, max_speakers: int = 4
    ) -> list[SpeakerTurn]:
        """Turns of ``samples`` (samples,) float32 at 16 kHz, sorted by start."""
        waveform = torch.from_numpy(np.ascontiguousarray(samples))[None]
        with _quiet(), torch.inference_mode():
            output = self._pipeline(
                {"waveform": waveform, "sample_rate": 16000},
                min_speakers=min_speakers,
                max_speakers=max_speakers,
            )
        annotation = getattr(output, "speaker_diarization", output)
        turns = [
            SpeakerTurn(Span(segment.start, segment.end), str(speaker))
            for segment, _, speaker in annotation.itertracks(yield_label=True)
        ]
        return sorted(turns, key=lambda t: (t.span.start, t.span.end))


def _bundled_pipeline(model_dir: Path, device: torch.device, step: float) -> Any:
    from pyannote.audio.core.plda import PLDA
    from pyannote.audio.pipelines.speaker_diarization import SpeakerDiarization
    from pyannote.audio.pipelines.utils import get_model

    from .campplus import CamPlusEmbedding

    segmentation = get_model(str(model_path(model_dir, SEGMENTATION) / "pytorch_model.bin"))
    embedding = CamPlusEmbedding(model_path(model_dir, CAMPPLUS) / "campplus.pt", device)

    class _Pipeline(SpeakerDiarization):
        """pyannote's constructor knows embeddings by name only; this one brings its own."""

        def __init__(self) -> None:
            super().__init__(
                segmentation=segmentation,
                segmentation_step=step,
                segmentation_batch_size=16,
                clustering="OracleClustering",
                plda=PLDA.__new__(PLDA),
            )
            self._bring(embedding)

        def _bring(self, embedding: CamPlusEmbedding) -> None:
            from pyannote.audio import Audio
            from pyannote.audio.pipelines.clustering import AgglomerativeClustering

            self._embedding = embedding
            self._audio = Audio(sample_rate=embedding.sample_rate, mono="downmix")
            self.embedding_batch_size = 16
            self.embedding_exclude_overlap = True
            self.klustering = "AgglomerativeClustering"
            self.clustering = AgglomerativeClustering(metric=embedding.metric)
            self._expects_num_speakers = self.clustering.expects_num_clusters

    pipeline = _Pipeline()
    return pipeline.instantiate(
        {
            "segmentation": {"min_duration_off": 0.0},
            "clustering": {"method": "centroid", "threshold": 0.7, "min_cluster_size": 12},
        }
    )


def _named_pipeline(model: str, token: str | None) -> Any:
    from pyannote.audio import Pipeline

    try:
        pipeline = Pipeline.from_pretrained(model, token=token)
    except Exception as error:
        raise ModelError(
            f"diarization model {model!r} does not load: {error}. Name a local pipeline folder, or check "
            "that the hub is reachable and CALLQA_HUB_TOKEN is set for gated models"
        ) from error
    if pipeline is None:
        raise ModelError(f"diarization model {model!r} is gated: accept its terms and set CALLQA_HUB_TOKEN")
    return pipeline


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
