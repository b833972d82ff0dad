"""whisperX in an environment of its own; ``benchmarks/transcribe.py --peers`` starts it.

    python whisperx_peer.py MODEL_FOLDER FOLDER_OF_NPY

Hears every NAME.npy, (channels, samples) float32 at 16 kHz, channel by channel, and prints one JSON object:
``calls`` (name to lines of channel, text, start and end), ``cpu_seconds``, ``wall_seconds``, ``peak_mb``. Its
alignment model for Chinese comes from a model hub only, so words stay without times.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

PROMPT = "以下是普通话的句子。"


def main() -> None:
    # By name: callqa's own environment, where types are checked, does not have it.
    library: Any = importlib.import_module("whisperx")
    model = library.load_model(
        sys.argv[1],
        "cpu",
        compute_type="int8",
        language="zh",
        asr_options={"beam_size": 5, "initial_prompt": PROMPT},
        vad_method="pyannote",
        threads=0,
    )
    calls = {path.stem: np.load(path) for path in sorted(Path(sys.argv[2]).glob("*.npy"))}
    model.transcribe(next(iter(calls.values()))[0, : 16000 * 5], batch_size=8)
    cpu, wall = time.process_time(), time.perf_counter()
    heard = {
        name: [
            {"channel": number, "text": s["text"], "start": s["start"], "end": s["end"]}
            for number, channel in enumerate(samples)
            for s in model.transcribe(np.ascontiguousarray(channel), batch_size=8)["segments"]
        ]
        for name, samples in calls.items()
    }
    cost = {
        "cpu_seconds": time.process_time() - cpu,
        "wall_seconds": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps({"calls": heard, **cost}))


if __name__ == "__main__":
    main()
