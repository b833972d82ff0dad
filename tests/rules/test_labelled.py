"""The shipped rules on labelled calls with perfect transcripts; skipped where there are none."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.truth import transcript_from_truth

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CALLQA_SHARED", ROOT.parent / "shared"))
TRUTHS = sorted((SHARED / "calls" / "dev").glob("*.json"))
WIDE = {"missing_greeting", "missing_closing", "dead_air", "no_hold_notice", "too_fast", "interrupting"}
WIDE |= {"no_identity_check"}
pytestmark = pytest.mark.skipif(not TRUTHS, reason="no labelled calls here")


def judged():
    """Counts of expected, found, raised and right, and the hard negatives that were raised."""
    counts: Counter[str] = Counter()
    wrongly = []
    for file in TRUTHS:
        truth = json.loads(file.read_text(encoding="utf-8"))
        flags = inspect_call(transcript_from_truth(truth), shipped_rulebook()).flags
        right = set()
        for expected in truth["expected"]:
            turn, check = truth["turns"][expected["turn"]], expected["check"]
            slack = 30.0 if check in WIDE else 2.0
            hits = [
                flag
                for flag in flags
                if flag.rule.endswith(f".{check}")
                and flag.start <= turn["end"] + slack
                and flag.end >= turn["start"] - slack
            ]
            counts["expected"] += 1
            counts["found"] += bool(hits)
            right |= {id(flag) for flag in hits}
        counts["raised"] += len(flags)
        counts["right"] += len(right)
        wrongly += [(file.stem, f.rule) for f in flags if f.rule.split(".")[1] in truth.get("absent", ())]
    return counts, wrongly


def test_recall_precision_and_hard_negatives():
    counts, wrongly = judged()
    levels = {rule.id: rule.level for rule in shipped_rulebook().rules}
    assert counts["found"] / counts["expected"] >= 0.95
    assert counts["right"] / counts["raised"] >= 0.93
    assert [w for w in wrongly if levels[w[1]] in ("high", "critical")] == []
