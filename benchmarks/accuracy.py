"""How right an export is, against calls whose truth is known, in six figures.

    callqa run samples/ --metadata samples/metadata.csv
    callqa export calls --format jsonl --out calls.jsonl
    python benchmarks/accuracy.py calls.jsonl samples/truth

The short form of ``callqa evaluate samples/ --export calls.jsonl``, which shows every rule, what is heard as
what and the calls to hear; docs/evaluation.md says how each figure is counted. JSON with ``--json``.
"""

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from callqa.evaluate.heard import from_record, matched
from callqa.evaluate.score import evaluate, figures
from callqa.evaluate.speech import plain
from callqa.evaluate.truth import parse_truth

__all__ = ["plain", "table"]
Json = Mapping[str, Any]
FIGURES = ("calls", "CER by role", "DER", "role accuracy", "flag recall", "flag precision")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("export", type=Path, help="what `callqa export calls --format jsonl` wrote")
    parser.add_argument("truth", type=Path, help="folder of truth files")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    calls = [json.loads(line) for line in arguments.export.read_text(encoding="utf-8").splitlines()]
    truths = {
        p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(arguments.truth.glob("*.json"))
    }
    rows = table(calls, truths)
    print(json.dumps(rows, indent=1) if arguments.json else _lines(rows))


def table(calls: Iterable[Json], truths: Mapping[str, Json]) -> dict[str, dict[str, float | int]]:
    """Figures of all calls, of two-channel recordings and of mono ones."""
    known = {name: parse_truth(raw, name) for name, raw in truths.items()}
    found = evaluate(known, matched((from_record(call) for call in calls), known), "export")
    return {
        name: {figure: value or 0 for figure, value in figures(group).items() if figure in FIGURES}
        for name, group in found.groups.items()
    }


def _lines(rows: Mapping[str, Mapping[str, float | int]]) -> str:
    names = list(next(iter(rows.values()), {}))
    lines = ["| | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
    for group, row in rows.items():
        cells = [str(v) if k == "calls" else f"{100 * v:.1f} %" for k, v in row.items()]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
