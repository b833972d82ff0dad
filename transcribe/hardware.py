"""Which device and number format the engines run on."""

from dataclasses import dataclass

from ..errors import UsageError

BEST_ON_GPU = ("float16", "int8_float16", "float32")
BEST_ON_CPU = ("int8", "float32")


@dataclass(frozen=True, slots=True)
class Hardware:
    """``device`` is ``cpu`` or ``cuda``; ``compute_type`` is CTranslate2's word for the number format."""

    device: str
    compute_type: str
    batch_size: int


def choose(device: str, compute_type: str | None = None, batch_size: int | None = None) -> Hardware:
    """The best of this machine for ``device`` auto, cpu or cuda, unless the other two say otherwise.

    Raises UsageError when there is no GPU to use, or it does not know ``compute_type``.
    """
    # torch brings the CUDA libraries that CTranslate2 opens, so it is imported first.
    import torch  # noqa: F401, I001
    import ctranslate2

    gpus = ctranslate2.get_cuda_device_count() if device != "cpu" else 0
    if device == "cuda" and not gpus:
        raise UsageError("no CUDA device is visible: use --device cpu, or check the driver")
    engine, best, windows = ("cuda", BEST_ON_GPU, 32) if gpus else ("cpu", BEST_ON_CPU, 4)
    supported = ctranslate2.get_supported_compute_types(engine)
    if compute_type and compute_type not in supported:
        raise UsageError(f"{engine} does not know {compute_type!r} here: use {', '.join(sorted(supported))}")
    return Hardware(engine, compute_type or next(t for t in best if t in supported), batch_size or windows)
