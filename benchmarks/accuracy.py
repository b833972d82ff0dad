"""How right an export is, against calls whose truth is known.

    callqa run samples/ --metadata samples/metadata.csv
    callqa export calls --format jsonl --out calls.jsonl
    python benchmarks/accuracy.py calls.jsonl samples/truth

Truth is one JSON file a call, named like the recording: ``turns`` with start, end, role and text, and
``expected`` flags with check and turn (samples/README.md). Prints a table, and JSON with ``--json``.

- CER by role: edits between what a role said and what is written for that role, over what was said;
  punctuation left out, digits alike whether written 8 or 八.
- DER: pyannote.metrics, collar 0.25 s to either side, overlap counted.
- role accuracy: share of the utterances' time that has the right role.
- flags: an expected flag is found when its rule has a flag within 2 s of the turn (30 s for rules about a
  stretch of the call); precision is the share of flags that belong to an expected one.
"""

import argparse
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Json = Mapping[str, Any]
DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
ROLES = ("agent", "customer")
OPENING_AND_CLOSING = {"missing_greeting", "missing_closing", "no_identity_check"}
SOUND = {"dead_air", "no_hold_notice", "too_fast", "interrupting"}
STRETCHES = OPENING_AND_CLOSING | SOUND
"""Checks about a stretch of the call rather than one sentence."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
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
    groups: dict[str, Counter[str]] = {"all": Counter(), "two channels": Counter(), "mono": Counter()}
    for call in calls:
        truth = truths.get(Path(call["recording"]["name"]).stem)
        if truth is None or not call["utterances"]:
            continue
        counts = score(call, truth)
        groups["all"] += counts
        groups["mono" if call["recording"]["channels"] == 1 else "two channels"] += counts
    return {name: _figures(counts) for name, counts in groups.items() if counts}


def score(call: Json, truth: Json) -> Counter[str]:
    """Errors and what they are counted over, of one call."""
    counts = Counter({"calls": 1})
    for role in ROLES:
        said = "".join(t["text"] for t in truth["turns"] if t["role"] == role)
        heard = "".join(u["text"] for u in call["utterances"] if u["role"] == role)
        counts.update(_edits(plain(said), plain(heard)))
    counts.update(_diarization(truth["turns"], call["utterances"]))
    counts.update(_roles(truth["turns"], call["utterances"]))
    counts.update(_flags(truth, call["flags"]))
    return counts


def plain(text: str) -> str:
    """Characters that are spoken, digits in one form.

    >>> plain("尾号八零23，谢谢！")
    '尾号8023谢谢'
    """
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", text.translate(DIGITS).lower())


def _edits(said: str, heard: str) -> dict[str, int]:
    from rapidfuzz.distance import Levenshtein

    return {"edits": Levenshtein.distance(said, heard), "characters": len(said)}


def _diarization(turns: Sequence[Json], utterances: Sequence[Json]) -> dict[str, Any]:
    from pyannote.core import Annotation, Segment
    from pyannote.metrics.diarization import DiarizationErrorRate

    truth, found = Annotation(), Annotation()
    for i, t in enumerate(turns):
        truth[Segment(t["start"], t["end"]), i] = t["role"]
    for i, u in enumerate(utterances):
        found[Segment(u["start"], u["end"]), i] = u["speaker"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = DiarizationErrorRate(collar=0.5)(truth, found, detailed=True)
    wrong = parts["confusion"] + parts["false alarm"] + parts["missed detection"]
    return {"wrong": float(wrong), "speech": float(parts["total"])}


def _roles(turns: Sequence[Json], utterances: Sequence[Json]) -> dict[str, Any]:
    right = total = 0.0
    for u in utterances:
        shared = Counter(dict.fromkeys(ROLES, 0.0))
        for t in turns:
            shared[t["role"]] += max(0.0, min(t["end"], u["end"]) - max(t["start"], u["start"]))
        role, most = shared.most_common(1)[0]
        if most > 0:
            total += u["end"] - u["start"]
            right += (u["end"] - u["start"]) * (role == u["role"])
    return {"right_role": right, "utterance_seconds": total}


def _flags(truth: Json, flags: Sequence[Json]) -> dict[str, int]:
    found, used = 0, set()
    for expected in truth["expected"]:
        turn = truth["turns"][expected["turn"]]
        slack = 30.0 if expected["check"] in STRETCHES else 2.0
        hits = {
            i
            for i, f in enumerate(flags)
            if f["rule"].split(".")[-1] == expected["check"]
            and f["start"] <= turn["end"] + slack
            and f["end"] >= turn["start"] - slack
        }
        found += bool(hits)
        used |= hits
    return {"expected": len(truth["expected"]), "found": found, "raised": len(flags), "justified": len(used)}


def _figures(counts: Mapping[str, Any]) -> dict[str, float | int]:
    def share(part: str, whole: str) -> float:
        return round(counts[part] / counts[whole], 4) if counts[whole] else 0.0

    return {
        "calls": counts["calls"],
        "CER by role": share("edits", "characters"),
        "DER": share("wrong", "speech"),
        "role accuracy": share("right_role", "utterance_seconds"),
        "flag recall": share("found", "expected"),
        "flag precision": share("justified", "raised"),
    }


def _lines(rows: Mapping[str, Mapping[str, float | int]]) -> str:
    names = list(next(iter(rows.values()), {}))
    lines = ["| | " + " | ".join(names) + " |", "| --- " * (len(names) + 1) + "|"]
    for group, figures in rows.items():
        cells = [str(v) if isinstance(v, int) else f"{100 * v:.1f} %" for v in figures.values()]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
