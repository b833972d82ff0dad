"""CAM++ speaker embeddings in plain PyTorch, in the shape that pyannote's diarization asks for.

Network: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using
Context-Aware Masking", Interspeech 2023. The forward pass here reads the published weights by name;
inference only.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchaudio.compliance.kaldi as kaldi
from pyannote.audio.core.inference import BaseInference
from torch import Tensor

SAMPLE_RATE = 16000
MIN_FRAMES = 40
"""Fewer 10 ms frames than this say nothing reliable about a voice."""
_SEGMENT_FRAMES = 100
_BLOCKS = (("block1", 12, 1), ("block2", 24, 2), ("block3", 16, 2))


class CamPlus:
    """The network: (batch, frames, 80) mean-normalised log mel features to (batch, 192) embeddings."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._w = {name: w for name, w in weights.items() if not name.endswith("num_batches_tracked")}

    @classmethod
    def load(cls, path: Path) -> "CamPlus":
        return cls(torch.load(path, map_location="cpu", weights_only=True))

    def to(self, device: torch.device) -> "CamPlus":
        return CamPlus({name: w.to(device) for name, w in self._w.items()})

    @torch.inference_mode()
    def __call__(self, features: Tensor) -> Tensor:
        x = self._front(features.transpose(1, 2).unsqueeze(1))
        x = self._conv1d("xvector.tdnn.linear", x, stride=2, padding=2)
        x = self._norm_relu("xvector.tdnn.nonlinear.batchnorm", x)
        for number, (block, layers, dilation) in enumerate(_BLOCKS, 1):
            x = self._dense_block(f"xvector.{block}", x, layers, dilation)
            x = self._norm_relu(f"xvector.transit{number}.nonlinear.batchnorm", x)
            x = self._conv1d(f"xvector.transit{number}.linear", x)
        x = self._norm_relu("xvector.out_nonlinear.batchnorm", x)
        pooled = torch.cat([x.mean(-1), x.std(-1, unbiased=True)], 1).unsqueeze(-1)
        x = self._conv1d("xvector.dense.linear", pooled).squeeze(-1)
        return self._norm("xvector.dense.nonlinear.batchnorm", x)

    def _front(self, x: Tensor) -> Tensor:
        """The 2-D residual front end; halves the frequency axis three times."""
        x = F.relu(self._norm("head.bn1", self._conv2d("head.conv1", x)))
        for layer, block, stride in (("layer1", 0, 2), ("layer1", 1, 1), ("layer2", 0, 2), ("layer2", 1, 1)):
            x = self._residual(f"head.{layer}.{block}", x, stride)
        x = F.relu(self._norm("head.bn2", self._conv2d("head.conv2", x, stride=(2, 1))))
        return x.flatten(1, 2)

    def _residual(self, name: str, x: Tensor, stride: int) -> Tensor:
        y = F.relu(self._norm(f"{name}.bn1", self._conv2d(f"{name}.conv1", x, stride=(stride, 1))))
        y = self._norm(f"{name}.bn2", self._conv2d(f"{name}.conv2", y))
        if f"{name}.shortcut.0.weight" in self._w:
            x = F.conv2d(x, self._w[f"{name}.shortcut.0.weight"], stride=(stride, 1))
            x = self._norm(f"{name}.shortcut.1", x)
        return F.relu(x + y)

    def _dense_block(self, name: str, x: Tensor, layers: int, dilation: int) -> Tensor:
        for number in range(1, layers + 1):
            layer = f"{name}.tdnnd{number}"
            y = self._conv1d(f"{layer}.linear1", self._norm_relu(f"{layer}.nonlinear1.batchnorm", x))
            y = self._norm_relu(f"{layer}.nonlinear2.batchnorm", y)
            x = torch.cat([x, self._context_masked(f"{layer}.cam_layer", y, dilation)], 1)
        return x

    def _context_masked(self, name: str, x: Tensor, dilation: int) -> Tensor:
        """The paper's mask: whole-utterance mean plus the mean of each second gates the local filter."""
        seconds = F.avg_pool1d(x, _SEGMENT_FRAMES, _SEGMENT_FRAMES, ceil_mode=True)
        context = seconds.repeat_interleave(_SEGMENT_FRAMES, -1)[..., : x.shape[-1]] + x.mean(-1, True)
        mask = torch.sigmoid(
            self._conv1d(f"{name}.linear2", F.relu(self._conv1d(f"{name}.linear1", context)))
        )
        return self._conv1d(f"{name}.linear_local", x, padding=dilation, dilation=dilation) * mask

    def _conv1d(
        self, name: str, x: Tensor, *, stride: int = 1, padding: int = 0, dilation: int = 1
    ) -> Tensor:
        weight, bias = self._w[f"{name}.weight"], self._w.get(f"{name}.bias")
        return F.conv1d(x, weight, bias, stride, padding, dilation)

    def _conv2d(self, name: str, x: Tensor, *, stride: tuple[int, int] = (1, 1)) -> Tensor:
        return F.conv2d(x, self._w[f"{name}.weight"], stride=stride, padding=1)

    def _norm(self, name: str, x: Tensor) -> Tensor:
        mean, variance = self._w[f"{name}.running_mean"], self._w[f"{name}.running_var"]
        return F.batch_norm(x, mean, variance, self._w.get(f"{name}.weight"), self._w.get(f"{name}.bias"))

    def _norm_relu(self, name: str, x: Tensor) -> Tensor:
        return F.relu(self._norm(name, x))


def fbank(waveform: Tensor) -> Tensor:
    """Kaldi log mel features (frames, 80) of float32 samples (samples,) at 16 kHz, not yet normalised."""
    scaled = waveform.unsqueeze(0) * (1 << 15)
    features: Tensor = kaldi.fbank(scaled, num_mel_bins=80, dither=0.0, window_type="hamming")
    return features


class CamPlusEmbedding(BaseInference):
    """CAM++ behind pyannote's interface for speaker embeddings."""

    sample_rate = SAMPLE_RATE
    dimension = 192
    metric = "cosine"

    def __init__(self, path: Path, device: torch.device | None = None) -> None:
        super().__init__()
        self._network = CamPlus.load(path)
        self.to(device or torch.device("cpu"))

    def to(self, device: torch.device) -> "CamPlusEmbedding":
        self.device = device
        self._network = self._network.to(device)
        return self

    @cached_property
    def min_num_samples(self) -> int:
        return MIN_FRAMES * SAMPLE_RATE // 100

    def __call__(self, waveforms: Tensor, masks: Tensor | None = None) -> np.ndarray:
        """Embed ``waveforms`` (batch, 1, samples), each where ``masks`` (batch, frames) is above 0.5.

        Returns (batch, 192); a row is NaN where too little is left to embed.
        """
        found = np.full((len(waveforms), self.dimension), np.nan, dtype=np.float32)
        for row, waveform in enumerate(waveforms):
            features = fbank(waveform[0].to(self.device))
            if masks is not None:
                resized = F.interpolate(masks[row][None, None].float(), size=len(features), mode="nearest")
                features = features[resized[0, 0].to(features.device) > 0.5]
            if len(features) >= MIN_FRAMES:
                found[row] = self._embed(features)
        return found

    def _embed(self, features: Tensor) -> np.ndarray:
        normalised = features - features.mean(0, keepdim=True)
        embedding: np.ndarray = self._network(normalised.unsqueeze(0))[0].cpu().numpy()
        return embedding
