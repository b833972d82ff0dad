"""callqa beside faster-whisper on the same weights, files and cores: errors, time and memory in one table.

    python benchmarks/transcribe.py samples samples/truth
    python benchmarks/transcribe.py AUDIO_DIR TRUTH_DIR --limit 4 --swap --json figures.json

Takes the two-channel recordings of AUDIO_DIR whose truth (one JSON file a call, named like it, with ``turns``
of role, text, start and end) lies in TRUTH_DIR. Each system runs in a process of its own, one after the
other, and hears each channel alone. CER counts a call's roles apart; where a system tells no roles, its
channels are taken as agent and customer. Processor seconds are those of recognition, models loaded and audio
decoded before; memory is the whole process's peak. ``--swap`` runs callqa once more with the channels of
every call exchanged.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SYSTEMS = ("callqa", "faster-whisper batched", "faster-whisper sequential")
PROMPT = "以下是普通话的句子。"
DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
ROLES = ("agent", "customer")
Lines = list[dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("audio", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--limit", type=int, help="only so many calls")
    parser.add_argument("--swap", action="store_true", help="callqa again, with all channels exchanged")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(work(arguments.worker, calls_of(arguments))))
        return
    names = [*SYSTEMS, "callqa, channels swapped"] if arguments.swap else list(SYSTEMS)
    truths = {p.stem: json.loads(t.read_text(encoding="utf-8")) for p, t in calls_of(arguments)}
    rows = {name: figures(in_own_process(name), truths) for name in names}
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def calls_of(arguments: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Two-channel recordings and their truths."""
    found = []
    for truth in sorted(arguments.truth.glob("*.json")):
        turns = json.loads(truth.read_text(encoding="utf-8"))
        audio = [p for p in arguments.audio.iterdir() if p.stem == truth.stem and p.suffix != ".json"]
        if audio and turns["turns"] and len(turns["audio"]["channels"]) == 2:
            found.append((audio[0], truth))
    return found[: arguments.limit]


def in_own_process(name: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *sys.argv[1:], "--worker", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def work(name: str, calls: Sequence[tuple[Path, Path]]) -> dict[str, Any]:
    """What system ``name`` hears in ``calls``, and what that took."""
    from callqa.ingest.audio import decode

    samples = [decode(audio).samples for audio, _ in calls]
    if name.endswith("swapped"):
        samples = [s[::-1].copy() for s in samples]
    hear = hearing(name)
    before, wall = time.process_time(), time.perf_counter()
    heard = hear(samples)
    return {
        "calls": dict(zip((a.stem for a, _ in calls), heard, strict=True)),
        "audio_seconds": sum(s.shape[1] / 16000 for s in samples),
        "cpu_seconds": time.process_time() - before,
        "wall_seconds": time.perf_counter() - wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def hearing(name: str) -> Callable[[list[np.ndarray]], list[Lines]]:
    """Loads system ``name``."""
    return _callqa() if name.startswith("callqa") else _faster_whisper(batched=name.endswith("batched"))


def _callqa() -> Callable[[list[np.ndarray]], list[Lines]]:
    from callqa.settings import get_settings
    from callqa.transcribe.transcriber import Options, Transcriber

    transcriber = Transcriber(Options.from_settings(get_settings()))

    def hear(samples: list[np.ndarray]) -> list[Lines]:
        made = transcriber.transcribe_many(samples)
        return [[{"role": u.role.value, "text": u.text, **_span(u)} for u in t.utterances] for t in made]

    return hear


def _faster_whisper(*, batched: bool) -> Callable[[list[np.ndarray]], list[Lines]]:
    import torch  # noqa: F401  # as in callqa, before CTranslate2
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    from callqa.settings import get_settings
    from callqa.transcribe.chinese import simplify
    from callqa.transcribe.models import WHISPER_BASE, model_path

    folder = model_path(get_settings().model_dir, WHISPER_BASE)
    model: Any = WhisperModel(str(folder), device="cpu", compute_type="int8")
    options: dict[str, Any] = {"language": "zh", "beam_size": 5, "initial_prompt": PROMPT}
    if batched:
        model, options = BatchedInferencePipeline(model), {**options, "batch_size": 8}
    else:
        options["vad_filter"] = True

    def lines(samples: np.ndarray) -> Iterator[dict[str, Any]]:
        for channel, role in zip(samples, ROLES, strict=True):
            segments, _ = model.transcribe(np.ascontiguousarray(channel), **options)
            yield from ({"role": role, "text": simplify(s.text), **_span(s)} for s in segments)

    return lambda recordings: [sorted(lines(s), key=lambda line: line["start"]) for s in recordings]


def _span(spoken: Any) -> dict[str, float]:
    return {"start": float(spoken.start), "end": float(spoken.end)}


def figures(made: Mapping[str, Any], truths: Mapping[str, Any]) -> dict[str, float]:
    """Errors of all calls together, and cost for each second of recording."""
    from rapidfuzz.distance import Levenshtein

    edits = length = right = spoken = 0.0
    for name, truth in truths.items():
        lines = made["calls"][name]
        for role in ROLES:
            said = plain("".join(t["text"] for t in truth["turns"] if t["role"] == role))
            heard = plain("".join(line["text"] for line in lines if line["role"] == role))
            edits += Levenshtein.distance(said, heard)
            length += len(said)
        for line in lines:
            shared = [_shared(line, [t for t in truth["turns"] if t["role"] == r]) for r in ROLES]
            if max(shared) > 0:
                spoken += line["end"] - line["start"]
                right += (line["end"] - line["start"]) * (ROLES[int(np.argmax(shared))] == line["role"])
    return {
        "CER by role": edits / length,
        "role accuracy": right / spoken if spoken else 0.0,
        "CPU s": made["cpu_seconds"],
        "wall s": made["wall_seconds"],
        "audio s / CPU s": made["audio_seconds"] / made["cpu_seconds"],
        "peak MB": made["peak_mb"],
    }


def _shared(line: Mapping[str, Any], turns: Sequence[Mapping[str, Any]]) -> float:
    return sum(float(max(0.0, min(t["end"], line["end"]) - max(t["start"], line["start"]))) for t in turns)


def plain(text: str) -> str:
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", text.translate(DIGITS).lower())


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    names = list(next(iter(rows.values())))
    base = rows["callqa"]["CPU s"]
    lines = ["| | " + " | ".join([*names, "CPU against callqa"]) + " |"]
    lines.append("| --- " * (len(names) + 2) + "|")
    for system, row in rows.items():
        cells = [f"{row[n]:.3f}" if row[n] < 2 else f"{row[n]:.1f}" for n in names]
        lines.append(f"| {system} | " + " | ".join([*cells, f"{row['CPU s'] / base:.2f}"]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
