"""Whisper's encoder in PyTorch and bfloat16, for processors that multiply bfloat16 in tiles (Intel AMX).

There it takes a third of the time of CTranslate2's int8 encoder, whose attention multiplies in float32, and
is nearer to the exact result. It reads the same weights, and its output goes to CTranslate2's decoder.
Network: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .weights import read_weights

_HEAD = 64
"""Width of one attention head in every Whisper model."""
_FAST = torch.bfloat16


def suits_this_processor() -> bool:
    """Whether bfloat16 products are done in hardware tiles; elsewhere CTranslate2's int8 is faster."""
    return bool(torch.cpu._is_amx_tile_supported())


class Encoder:
    """Log mel features to what the decoder listens to; inference only."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        """``weights``: CTranslate2's variables below ``encoder/``."""
        read = {name: torch.from_numpy(w.copy()) for name, w in weights.items()}
        products = {name for name in read if "linear" in name or "conv" in name}
        self._fast = {name: w.to(_FAST) for name, w in read.items() if name in products}
        self._exact = {name: w.float() for name, w in read.items() if name not in products}
        self._layers = sum(name.endswith("self_attention/linear_0/weight") for name in weights)

    @classmethod
    def load(cls, folder: Path) -> "Encoder | None":
        """The encoder of the CTranslate2 model in ``folder``; None when its weights are no plain floats."""
        path = folder / "model.bin"
        weights = read_weights(path, "encoder/") if path.is_file() else None
        return cls(weights) if weights else None

    @torch.inference_mode()
    def __call__(self, windows: Sequence[np.ndarray]) -> np.ndarray:
        """(n, 1500, width) float32 of ``windows``, n log mel features of (mels, 3000)."""
        return np.concatenate([self._encode(torch.from_numpy(w)[None]).numpy() for w in windows])

    def _encode(self, features: Tensor) -> Tensor:
        x = F.gelu(self._convolved("conv1", features.to(_FAST), stride=1))
        x = F.gelu(self._convolved("conv2", x, stride=2))
        x = x.transpose(1, 2).float().contiguous()
        x += self._exact["position_encodings/encodings"][: x.shape[1]]
        for number in range(self._layers):
            x += self._attended(f"layer_{number}/self_attention", x)
            x += self._fed_forward(f"layer_{number}/ffn", x)
        return self._normed("layer_norm", x)

    def _attended(self, name: str, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        joined = self._linear(f"{name}/linear_0", self._normed(f"{name}/layer_norm", x).to(_FAST))
        q, k, v = joined.view(batch, length, 3, width // _HEAD, _HEAD).permute(2, 0, 3, 1, 4)
        heard = F.scaled_dot_product_attention(q, k, v)
        return self._linear(f"{name}/linear_1", heard.transpose(1, 2).reshape(batch, length, width))

    def _fed_forward(self, name: str, x: Tensor) -> Tensor:
        inner = self._linear(f"{name}/linear_0", self._normed(f"{name}/layer_norm", x).to(_FAST))
        return self._linear(f"{name}/linear_1", F.gelu(inner))

    def _convolved(self, name: str, x: Tensor, *, stride: int) -> Tensor:
        return F.conv1d(x, self._fast[f"{name}/weight"], self._fast[f"{name}/bias"], stride, padding=1)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self._fast[f"{name}/weight"], self._fast[f"{name}/bias"])

    def _normed(self, name: str, x: Tensor) -> Tensor:
        gamma, beta = self._exact[f"{name}/gamma"], self._exact[f"{name}/beta"]
        return F.layer_norm(x, (x.shape[-1],), gamma, beta)
