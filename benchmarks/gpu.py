"""How fast and how well this machine transcribes: on its GPU when it has one, else on the processor.

    python benchmarks/gpu.py                                   the sample calls, one at a time
    python benchmarks/gpu.py DAY/ --repeat 20 --together 1 16 --batch-size 8 16 32 64 128
    python benchmarks/gpu.py DAY/ --compute-type float16 int8_float16 --json gpu.json

Every combination of compute type, batch size and number of calls handed over together is one line of the
table. Speed is timed in a first run, the shares of the stages in a second one under cProfile,
one batch at a time. Kernels that are still running when the encoder's call returns count as decoding. Memory
is what the whole device has in use more than before, seen every 20 ms. Errors of the text are counted where
a call's truth lies beside it.
"""

import argparse
import cProfile
import json
import platform
import pstats
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from types import FunctionType
from typing import Any

import ctranslate2
import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

from callqa.errors import RecordingError
from callqa.ingest.audio import decode
from callqa.settings import get_settings
from callqa.transcribe import activity
from callqa.transcribe.diarize import BundledDiarizer
from callqa.transcribe.recogniser import Recogniser
from callqa.transcribe.transcriber import Options, Transcriber
from callqa.transcribe.types import Transcript

RATE = 16000
SAMPLES = Path(__file__).parents[1] / "samples"
STAGES: dict[str, Any] = {
    "speech": activity.speech_probability,
    "speaker changes": BundledDiarizer._windowed,
    "voices": BundledDiarizer._embedded,
    "features": Recogniser._features,
    "encode": Recogniser._encode,
    "decode": Recogniser._generate,
    "align": Recogniser._align,
}
"""None of these calls another one, so their times add up."""
_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")


@dataclass(frozen=True)
class Call:
    """One decoded recording and, where it is known, what each role says in it."""

    name: str
    samples: np.ndarray
    truth: dict[str, str] | None

    @property
    def seconds(self) -> float:
        return int(self.samples.shape[1]) / RATE


@dataclass(frozen=True)
class Result:
    """What was measured; ``layout`` is ``two channels`` or ``mono``, times seconds, ``shares`` sum to 1."""

    layout: str
    compute_type: str
    batch_size: int
    together: int
    audio_hours: float
    wall: float
    processor: float
    times_real_time: float
    shares: dict[str, float]
    gpu_megabytes: int
    error_by_role: float | None


class GpuMemory:
    """The most memory that the device had in use at once, by every library and process."""

    def __init__(self) -> None:
        self.before = self.peak = _used()

    @contextmanager
    def watched(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._watch, args=[stop], daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            self.peak = max(self.peak, _used())


def _used() -> int:
    if not torch.cuda.is_available():
        return 0
    free, total = torch.cuda.mem_get_info()
    return int(total - free)


def load(paths: Sequence[Path]) -> tuple[list[Call], float]:
    """The usable recordings of files and folders, and the seconds that decoding them took."""
    files = [f for p in paths for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
    calls: list[Call] = []
    began = time.perf_counter()
    for file in files:
        try:
            calls.append(Call(file.name, decode(file).samples, truth_of(file)))
        except (RecordingError, OSError):
            continue  # damaged samples and files that are no recordings
    return calls, time.perf_counter() - began


def truth_of(file: Path) -> dict[str, str] | None:
    """Text by role from ``NAME.json`` beside the recording or in ``truth/``."""
    for path in (file.with_suffix(".json"), file.parent / "truth" / f"{file.stem}.json"):
        if path.is_file():
            turns = json.loads(path.read_text(encoding="utf-8")).get("turns", [])
            return {
                role: "".join(t["text"] for t in turns if t["role"] == role) for role in ("agent", "customer")
            }
    return None


def error_by_role(calls: Sequence[Call], transcripts: Sequence[Transcript]) -> float | None:
    """Characters wrong, missing or invented per character said, each role against its own truth."""
    errors = length = 0
    for call, transcript in zip(calls, transcripts, strict=True):
        for role, said in (call.truth or {}).items():
            heard = "".join(u.text for u in transcript.utterances if u.role == role)
            errors += Levenshtein.distance(_plain(said), _plain(heard))
            length += len(_plain(said))
    return errors / length if length else None


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", text.translate(_DIGITS).lower())


def layouts(calls: Sequence[Call], repeat: int) -> Iterator[tuple[str, list[Call]]]:
    """The two-channel calls as they are, and every call as mono."""
    two = [c for c in calls if len(c.samples) == 2]
    mono = [replace(c, samples=c.samples.mean(axis=0, keepdims=True)) for c in calls]
    yield from ((name, chosen * repeat) for name, chosen in (("two channels", two), ("mono", mono)) if chosen)


def measure(layout: str, calls: Sequence[Call], options: Options, together: int) -> Result:
    """Loads the models, warms up on the shortest call, then runs all calls twice."""
    memory = GpuMemory()
    with memory.watched():
        transcriber = Transcriber(options)
        transcriber.transcribe(min(calls, key=lambda c: c.seconds).samples)

        def run() -> list[Transcript]:
            return transcribe(transcriber, calls, together)

        transcripts, wall, processor = timed(run)
        transcriber._recogniser._batches.hands = 1  # cProfile sees the thread it was called from only
        shares = profiled(run)
    hours = sum(c.seconds for c in calls) / 3600
    hardware = transcriber._hardware
    return Result(
        layout=layout,
        compute_type=hardware.compute_type,
        batch_size=hardware.batch_size,
        together=together,
        audio_hours=round(hours, 4),
        wall=round(wall, 2),
        processor=round(processor, 2),
        times_real_time=round(hours * 3600 / wall, 1),
        shares=shares,
        gpu_megabytes=(memory.peak - memory.before) >> 20,
        error_by_role=error_by_role(calls, transcripts),
    )


def transcribe(transcriber: Transcriber, calls: Sequence[Call], together: int) -> list[Transcript]:
    transcripts: list[Transcript] = []
    for first in range(0, len(calls), together):
        batch = [c.samples for c in calls[first : first + together]]
        transcripts.extend(transcriber.transcribe_many(batch))
    return transcripts


def timed(run: Callable[[], list[Transcript]]) -> tuple[list[Transcript], float, float]:
    """What ``run`` made, its seconds on the wall clock, and those of all its threads on the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    made = run()
    return made, time.perf_counter() - wall, time.process_time() - processor


def profiled(run: Callable[[], object]) -> dict[str, float]:
    """The share of each stage in the wall-clock time of ``run``."""
    profile = cProfile.Profile()
    profile.runcall(run)
    stats: Any = pstats.Stats(profile)
    spent = {name: stats.stats.get(_key(f), (0, 0, 0, 0.0))[3] for name, f in STAGES.items()}
    shares = {name: round(seconds / stats.total_tt, 4) for name, seconds in spent.items()}
    return {**shares, "rest": round(1 - sum(shares.values()), 4)}


def _key(function: FunctionType) -> tuple[str, int, str]:
    code = function.__code__
    return code.co_filename, code.co_firstlineno, code.co_name


def machine() -> dict[str, str | int]:
    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none"
    return {
        "gpu": gpu,
        "processor": platform.machine(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "ctranslate2": ctranslate2.__version__,
    }


def table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    names = [*STAGES, "rest"]
    head = ["layout", "format", "batch", "together", "hours", "s", "processor s", "× real time", "GPU MB"]
    head += ["error", *names]
    rows = [_row(r, names) for r in results]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _row(r: Result, names: Sequence[str]) -> list[str]:
    return [
        r.layout,
        r.compute_type,
        str(r.batch_size),
        str(r.together),
        f"{r.audio_hours:.2f}",
        f"{r.wall:.1f}",
        f"{r.processor:.1f}",
        f"{r.times_real_time:.1f}",
        str(r.gpu_megabytes),
        "" if r.error_by_role is None else f"{r.error_by_role:.1%}",
        *(f"{r.shares[n]:.1%}" for n in names),
    ]


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, default=[SAMPLES], help="recordings or folders")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--compute-type", nargs="+", default=[None], metavar="TYPE")
    parser.add_argument("--batch-size", nargs="+", type=int, default=[None], metavar="WINDOWS")
    parser.add_argument("--together", nargs="+", type=int, default=[1], metavar="CALLS")
    parser.add_argument("--layout", nargs="+", default=["two channels", "mono"], metavar="LAYOUT")
    parser.add_argument("--repeat", type=int, default=1, help="take the calls so many times")
    parser.add_argument("--json", type=Path, help="write everything here as well")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    asked = arguments(given)
    options = replace(Options.from_settings(get_settings()), device=asked.device)
    calls, decoding = load(asked.paths)
    seconds = sum(c.seconds for c in calls)
    if not calls:
        raise SystemExit("no usable recording among " + ", ".join(map(str, asked.paths)))
    print(json.dumps(machine(), indent=1))
    print(f"{len(calls)} recordings, {seconds / 3600:.2f} h, read at {seconds / decoding:.0f} × real time")
    results = []
    for layout, chosen in layouts(calls, asked.repeat):
        ways = product(asked.compute_type, asked.batch_size, asked.together)
        for compute_type, batch_size, together in ways if layout in asked.layout else ():
            way = replace(options, compute_type=compute_type, batch_size=batch_size)
            results.append(measure(layout, chosen, way, together))
            print(table(results[-1:]).splitlines()[-1], flush=True)
    print("\n" + table(results))
    if asked.json:
        found = {"machine": machine(), "reading": seconds / decoding, "results": [asdict(r) for r in results]}
        asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
