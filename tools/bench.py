"""Runs the short form of every benchmark and keeps what each says: `make bench`, or `make bench-NAME`.

    python tools/bench.py [NAME …]

For each, ``bench-results/NAME.txt`` holds what it printed and ``NAME.json`` its figures; ``machine.json``
says on what they were measured. Goes on after one that fails; exit code 1 when any did.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "bench-results"
BENCHMARKS: dict[str, tuple[str, ...]] = {
    "rules": ("rules.py", "--calls", "1000", "--rounds", "3", "--out", "{json}"),
    "backtest": ("backtest.py", "--calls", "4096", "--home", "{folder}", "--json", "{json}"),
    "dashboard": (
        "dashboard.py",
        "--calls",
        "2000",
        "--runs",
        "5",
        "--folder",
        "{folder}",
        "--json",
        "{json}",
    ),
    "browser": ("in_browser.py", "--calls", "2000", "--runs", "3", "--folder", "{folder}"),
    "throughput": ("worker.py", "throughput", "--calls", "1000"),
    "queue": ("worker.py", "queue", "--calls", "20000"),
    "chaos": ("worker.py", "chaos", "--calls", "100", "--kills", "10"),
    "damaged": ("worker.py", "damaged", "--good", "50", "--damaged", "100"),
    "move": ("worker.py", "move", "--calls", "2000"),
    "queue-engines": ("queue_engines.py", "--tasks", "300", "--backlog", "5000", "--kills", "3"),
    "partitions": ("partitions.py", "--calls", "3000"),
    "redaction": ("redaction.py", "samples/truth"),
    "truth": ("callqa", "evaluate", "samples/", "--truth", "--format", "json"),
    "digest": ("digest.py", "--seeds", "1", "--calls", "20000", "--out", "{json}"),
    "transcribe": ("transcribe.py", "samples", "samples/truth", "--limit", "2", "--json", "{json}"),
    "long-files": ("long_files.py", "samples", "--minutes", "1", "4"),
    "gpu": (
        "gpu.py",
        "samples/01-clean-order-query.wav",
        "samples/02-refund-dispute.wav",
        "--json",
        "{json}",
    ),
}
"""Name → script in benchmarks/ (or the program) and its arguments; those without {json} print theirs."""
PACKAGES = (
    "callqa",
    "ahocorasick-rs",
    "pyahocorasick",
    "faster-whisper",
    "ctranslate2",
    "torch",
    "sqlalchemy",
)


def main(names: Sequence[str]) -> int:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    OUT.mkdir(exist_ok=True)
    (OUT / "machine.json").write_text(json.dumps(machine(), indent=1))
    failed = [name for name in names or BENCHMARKS if not run(name)]
    if failed:
        print(f"failed: {', '.join(failed)}; bench-results/NAME.txt says why")
    return 1 if failed else 0


def command(name: str) -> list[str]:
    """What is run for ``name``, in the repository's root."""
    script, *arguments = BENCHMARKS[name]
    places = {"json": OUT / f"{name}.json", "folder": OUT / f"{name}-data"}
    filled = [argument.format(**places) for argument in arguments]
    if script == "callqa":
        return [str(Path(sys.executable).parent / "callqa"), *filled]
    return [sys.executable, f"benchmarks/{script}", *filled]


def run(name: str) -> bool:
    """Run one; True when it ended well and left figures."""
    print(f"{name}: {' '.join(command(name)[1:])}", flush=True)
    begun = time.perf_counter()
    done = subprocess.run(command(name), cwd=ROOT, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    (OUT / f"{name}.txt").write_text(text, "utf-8")
    if "{json}" not in BENCHMARKS[name]:
        figures = as_json(done.stdout)
        (OUT / f"{name}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False), "utf-8")
    print("\n".join(f"  {line}" for line in text.splitlines()[-40:]))
    print(f"  exit code {done.returncode}, {time.perf_counter() - begun:.0f} s\n", flush=True)
    return done.returncode == 0


def as_json(printed: str) -> object:
    """What was printed, when that is JSON (as a whole, or a line each); else its lines."""
    try:
        return json.loads(printed)
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in printed.splitlines() if line.strip()]
    except ValueError:
        return printed.splitlines()


def machine() -> dict[str, object]:
    cpu = Path("/proc/cpuinfo")
    names = [n for n in cpu.read_text().splitlines() if n.startswith("model name")] if cpu.exists() else []
    return {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "processor": names[0].partition(": ")[2] if names else platform.processor(),
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
