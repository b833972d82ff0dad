"""callqa beside faster-whisper, whisperX and plain pyannote: same weights, files and cores, in one table.

    python benchmarks/transcribe.py samples samples/truth
    python benchmarks/transcribe.py AUDIO_DIR TRUTH_DIR --swap --peers PEERS_DIR --json figures.json
    python benchmarks/transcribe.py AUDIO_DIR TRUTH_DIR --mono --peers PEERS_DIR

Takes the two-channel recordings of AUDIO_DIR whose truth (one JSON file a call, named like it) lies in
TRUTH_DIR. Each system runs in a process of its own, one after the other, and has heard five seconds before
its clock starts. Each channel is heard alone; with ``--mono`` the mean of both, and plain pyannote (step 0.1,
the bundled models) tells the peers' speakers apart. CER, CER by role, DER and role accuracy are those of
``callqa evaluate``; speakers of a mono peer take the roles that suit the truth best. Time is that of
recognition and separation, models loaded and audio decoded before; memory is the whole process's peak.

``--swap`` runs callqa once more with the channels of every call exchanged. ``--peers`` installs whisperX,
which wants other versions, into an environment of its own in that folder.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from callqa.benchmarks import hearing

WHISPERX = "whisperx==3.8.6"
RATE = 16000
ERRORS = ("CER", "CER by role", "DER", "role accuracy")
Call = tuple[Path, Path]
Made = dict[str, Any]


def main() -> None:
    arguments = parsed()
    calls = calls_of(arguments)
    if arguments.worker:
        print(json.dumps(work(arguments.worker, calls, arguments.mono)))
        return
    made = {name: in_own_process(name) for name in systems(arguments)}
    if arguments.peers:
        made[hearing.WHISPERX] = whisperx(arguments.peers, samples_of(calls, arguments.mono))
    if arguments.mono:
        made = together(made)
    truths = {t.stem: json.loads(t.read_text(encoding="utf-8")) for _, t in calls}
    rows = {name: figures(m, truths) for name, m in made.items()}
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("audio", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--limit", type=int, help="only so many calls")
    parser.add_argument("--mono", action="store_true", help="mix each call down to one channel")
    parser.add_argument("--swap", action="store_true", help="callqa again, with all channels exchanged")
    parser.add_argument("--sequential", action="store_true", help="faster-whisper without batches, too")
    parser.add_argument("--peers", type=Path, help="install whisperX into this folder and run it, too")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def systems(arguments: argparse.Namespace) -> list[str]:
    if arguments.mono:
        return ["callqa", hearing.PYANNOTE, hearing.WORD_TIMES]
    swapped = ["callqa" + hearing.SWAPPED] if arguments.swap else []
    sequential = [hearing.SEQUENTIAL] if arguments.sequential else []
    return ["callqa", *swapped, hearing.BATCHED, hearing.WORD_TIMES, *sequential]


def calls_of(arguments: argparse.Namespace) -> list[Call]:
    """Two-channel recordings and their truths."""
    found = []
    for truth in sorted(arguments.truth.glob("*.json")):
        turns = json.loads(truth.read_text(encoding="utf-8"))
        audio = [p for p in arguments.audio.iterdir() if p.stem == truth.stem and p.suffix != ".json"]
        if audio and turns["turns"] and len(turns["audio"]["channels"]) == 2:
            found.append((audio[0], truth))
    return found[: arguments.limit]


def samples_of(calls: Sequence[Call], mono: bool) -> dict[str, np.ndarray]:
    """Samples (channels, n) of each call by its name."""
    from callqa.ingest.audio import decode

    found = {truth.stem: decode(audio).samples for audio, truth in calls}
    return {n: s.mean(0, keepdims=True, dtype=np.float32) if mono else s for n, s in found.items()}


def in_own_process(name: str) -> Made:
    command = [sys.executable, __file__, *sys.argv[1:], "--worker", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    made: Made = json.loads(done.stdout.splitlines()[-1])
    return made


def work(name: str, calls: Sequence[Call], mono: bool) -> Made:
    """What system ``name`` hears in ``calls``, and what that took."""
    samples = samples_of(calls, mono)
    if name.endswith(hearing.SWAPPED):
        samples = {n: s[::-1].copy() for n, s in samples.items()}
    hear = hearing.load(name)
    hear(next(iter(samples.values()))[:, : 5 * RATE])
    before, wall = time.process_time(), time.perf_counter()
    heard = {name: hear(s) for name, s in samples.items()}
    return {
        "calls": heard,
        "cpu_seconds": time.process_time() - before,
        "wall_seconds": time.perf_counter() - wall,
        "audio_seconds": sum(s.shape[1] / RATE for s in samples.values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def whisperx(folder: Path, calls: Mapping[str, np.ndarray]) -> Made:
    """What whisperX's recognition hears."""
    from callqa.settings import get_settings
    from callqa.transcribe.models import WHISPER_BASE, model_path

    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", WHISPERX], check=True, stdout=sys.stderr)
    with tempfile.TemporaryDirectory() as sounds:
        for name, samples in calls.items():
            np.save(Path(sounds, name), samples)
        script = Path(__file__).with_name("whisperx_peer.py")
        model = model_path(get_settings().model_dir, WHISPER_BASE)
        done = subprocess.run([python, script, model, sounds], stdout=subprocess.PIPE, text=True, check=True)
    made: Made = json.loads(done.stdout.splitlines()[-1])
    made["calls"] = {n: hearing.by_channel(lines, len(calls[n])) for n, lines in made["calls"].items()}
    made["audio_seconds"] = sum(s.shape[1] / RATE for s in calls.values())
    return made


def together(made: Mapping[str, Made]) -> dict[str, Made]:
    """callqa, and every peer's words given to pyannote's turns: their times add up."""
    rows = {"callqa": made["callqa"]}
    turns = made[hearing.PYANNOTE]
    for name in made.keys() - {"callqa", hearing.PYANNOTE}:
        calls = {n: hearing.by_turns(lines, turns["calls"][n]) for n, lines in made[name]["calls"].items()}
        cost = {key: made[name][key] + turns[key] for key in ("cpu_seconds", "wall_seconds")}
        peak = max(made[name]["peak_mb"], turns["peak_mb"])
        rows[f"{name} + pyannote"] = {**made[name], **cost, "calls": calls, "peak_mb": peak}
    return rows


def figures(made: Made, truths: Mapping[str, Any]) -> dict[str, float]:
    """Errors of all calls together, and what they cost."""
    from callqa.evaluate.heard import from_record, matched
    from callqa.evaluate.score import evaluate, figures
    from callqa.evaluate.truth import parse_truth

    known = {name: parse_truth(raw, name) for name, raw in truths.items()}
    records = [record(name, lines, truths[name]) for name, lines in made["calls"].items()]
    scored = evaluate(known, matched(map(from_record, records), known), "benchmark")
    errors = figures(scored.calls)
    return {
        **{name: float(errors[name] or 0.0) for name in ERRORS},
        "wall s": made["wall_seconds"],
        "CPU s": made["cpu_seconds"],
        "audio s / s": made["audio_seconds"] / made["wall_seconds"],
        "audio s / CPU s": made["audio_seconds"] / made["cpu_seconds"],
        "peak MB": made["peak_mb"],
    }


def record(name: str, lines: Sequence[hearing.Line], truth: Mapping[str, Any]) -> dict[str, Any]:
    """As ``callqa export`` writes a call; speakers without a role take the one that suits the truth best."""
    shared: dict[str, dict[str, float]] = defaultdict(lambda: {"agent": 0.0, "customer": 0.0})
    for line in lines:
        for turn in truth["turns"]:
            overlap = min(line["end"], turn["end"]) - max(line["start"], turn["start"])
            shared[line["speaker"]][turn["role"]] += max(0.0, overlap)
    roles = {speaker: max(seconds, key=seconds.__getitem__) for speaker, seconds in shared.items()}
    spoken = [{**line, "role": _role(line, roles)} for line in lines]
    return {"recording": {"name": name, "channels": 2}, "utterances": spoken, "flags": []}


def _role(line: hearing.Line, roles: Mapping[str, str]) -> str:
    known: str = line["role"]
    return roles[line["speaker"]] if known == "unknown" else known


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    names = list(next(iter(rows.values())))
    base = rows["callqa"]
    lines = ["| | " + " | ".join([*names, "wall / callqa", "CPU / callqa"]) + " |"]
    lines.append("| --- " * (len(names) + 3) + "|")
    for system, row in rows.items():
        cells = [_cell(n, row[n]) for n in names]
        ratios = [f"{row[n] / base[n]:.2f}" for n in ("wall s", "CPU s")]
        lines.append(f"| {system} | " + " | ".join([*cells, *ratios]) + " |")
    return "\n".join(lines)


def _cell(name: str, value: float) -> str:
    if name in ERRORS:
        return f"{value:.4f}"
    return f"{value:.0f}" if name == "peak MB" else f"{value:.1f}"


if __name__ == "__main__":
    main()
