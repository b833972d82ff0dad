"""Which device and number format the engines run on."""

from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True, slots=True)
class Hardware:
    """``device`` is ``cpu`` or ``cuda``; ``compute_type`` is CTranslate2's word for the number format."""

    device: str
    compute_type: str
    batch_size: int


def choose(device: str) -> Hardware:
    """The best of this machine for ``device`` auto, cpu or cuda; UsageError when there is no GPU to use."""
    # torch brings the CUDA libraries that CTranslate2 opens, so it is imported first.
    import torch  # noqa: F401, I001
    import ctranslate2

    gpus = ctranslate2.get_cuda_device_count() if device != "cpu" else 0
    if not gpus:
        if device == "cuda":
            raise UsageError("no CUDA device is visible: use --device cpu, or check the driver")
        return Hardware("cpu", "int8", 8)
    supported = ctranslate2.get_supported_compute_types("cuda")
    compute_type = next(t for t in ("float16", "int8_float16", "float32") if t in supported)
    return Hardware("cuda", compute_type, 32)
