"""What a recording costs that grows: processor time and memory of the same speech for minutes and for hours.

    python benchmarks/long_files.py samples --minutes 15 60 240
    python benchmarks/long_files.py samples --minutes 15 240 --mono

Joins the two-channel recordings of a folder, again and again, to files of so many minutes. Each length runs
in a process of its own; its memory is the process's peak, the samples included.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

RATE = 16000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("audio", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[15, 60])
    parser.add_argument("--mono", action="store_true", help="mix both channels down to one")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(row(joined(arguments.audio, arguments.minutes[0], arguments.mono), arguments.minutes[0]))
        return
    print("| minutes | wall s | CPU s | CPU s / audio h | peak MB | characters |\n" + "| --- " * 6 + "|")
    for minutes in arguments.minutes:
        flags = ["--mono"] if arguments.mono else []
        command = [
            sys.executable,
            __file__,
            str(arguments.audio),
            "--minutes",
            str(minutes),
            "--worker",
            *flags,
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(done.stdout.splitlines()[-1], flush=True)


def joined(folder: Path, minutes: float, mono: bool) -> np.ndarray:
    """Samples (channels, n) of the folder's two-channel recordings, one after the other."""
    from callqa.errors import RecordingError
    from callqa.ingest.audio import decode

    length = int(minutes * 60 * RATE)
    made = np.zeros((1 if mono else 2, length), dtype=np.float32)
    parts = []
    for file in sorted(folder.iterdir()):
        try:
            parts.append(decode(file).samples)
        except (RecordingError, OSError):
            continue  # no recording
    parts = [p.mean(0, keepdims=True, dtype=np.float32) if mono else p for p in parts if len(p) == 2]
    at = 0
    while at < length:
        for part in parts:
            cut = part[:, : length - at]
            made[:, at : at + cut.shape[1]] = cut
            at += cut.shape[1]
    return made


def row(samples: np.ndarray, minutes: float) -> str:
    from callqa.settings import get_settings
    from callqa.transcribe.transcriber import Options, Transcriber

    transcriber = Transcriber(Options.from_settings(get_settings()))
    transcriber.transcribe(samples[:, : 20 * RATE])
    cpu, wall = time.process_time(), time.perf_counter()
    made = transcriber.transcribe(samples)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    characters = sum(len(u.text) for u in made.utterances)
    return f"| {minutes:g} | {wall:.0f} | {cpu:.0f} | {60 * cpu / minutes:.0f} | {peak:.0f} | {characters} |"


if __name__ == "__main__":
    main()
