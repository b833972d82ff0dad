"""How much personal data redaction removes, and how much else: on labelled calls, as said or as heard.

    python benchmarks/redaction.py CALLS                      # the truth's own text
    python benchmarks/redaction.py CALLS --export EXPORT.jsonl    # what callqa export calls wrote

CALLS holds ``*.json`` truths with turns and ``pii`` (turn, kind, quote). A number is gone when no four of
its digits are left in a row, anything else when none of its characters are left where it stood. Through
audio the utterances that overlap the turn are looked at, half a second around.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callqa.privacy.redact import redact_utterances
from callqa.privacy.spans import spans_of
from callqa.transcribe.types import Role, Utterance

NUMBERS = frozenset(("mobile", "landline", "id_card", "bank_card", "order_no", "plate"))
LEFT = 4
"""So many digits of a number in a row tell something."""
_DIGITS = str.maketrans("零〇洞一幺二两三四五六七八九", "00011223456789")


@dataclass
class Score:
    """Counts by kind, and characters redacted that belong to no labelled personal data."""

    gone: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    others: int = 0
    others_redacted: int = 0
    left: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


def digits(text: str) -> str:
    """The digits of ``text``, spoken or written, all else left out.

    >>> digits("幺三八，12")
    '13812'
    """
    return re.sub(r"\D", "", text.translate(_DIGITS))


def is_gone(kind: str, quote: str, shown: str) -> bool:
    """Whether ``quote`` cannot be read in ``shown`` any more."""
    if kind not in NUMBERS:
        return quote not in shown
    wanted = digits(quote)
    runs = re.findall(r"\d+", re.sub(r"[\s，,、。.-]", "", shown.translate(_DIGITS)))
    return not any(wanted[i : i + LEFT] in run for i in range(len(wanted) - LEFT + 1) for run in runs)


def perfect(truth: dict[str, Any], score: Score) -> None:
    """Score the truth's own turns."""
    turns = [
        Utterance(i, t["start"], t["end"], t["role"], Role(t["role"]), t["text"], 1.0)
        for i, t in enumerate(truth["turns"])
    ]
    shown = redact_utterances(turns)
    for item in truth["pii"]:
        _count(score, item, shown[item["turn"]], truth["call_id"])
    labelled = _labelled(truth)
    for place, (turn, spans) in enumerate(zip(turns, spans_of(turns), strict=True)):
        _others(score, turn.text, spans, labelled[place], f"{truth['call_id']} {turn.role}")


def heard(truth: dict[str, Any], record: dict[str, Any], score: Score) -> None:
    """Score what was recognised; its text is redacted anew, so that an old export will do."""
    said = [
        Utterance(u["index"], u["start"], u["end"], u["speaker"], Role(u["role"]), u["text"], 1.0)
        for u in record["utterances"]
    ]
    shown = redact_utterances(said)
    for item in truth["pii"]:
        turn = truth["turns"][item["turn"]]
        near = [i for i, u in enumerate(said) if u.end > turn["start"] - 0.5 and u.start < turn["end"] + 0.5]
        _count(score, item, "\n".join(shown[i] for i in near), truth["call_id"])
    for u, spans in zip(said, spans_of(said), strict=True):
        there = {_sort(item["kind"]) for item in truth["pii"] if _overlap(u, truth["turns"][item["turn"]])}
        own = [(s.start, s.end) for s in spans if _sort(s.kind) in there]
        _others(score, u.text, spans, own, f"{truth['call_id']} {u.role}")


def _sort(kind: str) -> str:
    """Misheard, a number cannot be compared with what was said: that one was said there must do."""
    return kind if kind in ("name", "address", "email") else "number"


def _overlap(u: Utterance, turn: dict[str, Any]) -> bool:
    return bool(u.end > turn["start"] - 0.5 and u.start < turn["end"] + 0.5)


def _labelled(truth: dict[str, Any]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {i: [] for i in range(len(truth["turns"]))}
    for item in truth["pii"]:
        text = truth["turns"][item["turn"]]["text"]
        for match in re.finditer(re.escape(item["quote"]), text):
            found[item["turn"]].append(match.span())
    return found


def _count(score: Score, item: dict[str, Any], shown: str, call: str) -> None:
    score.all[item["kind"]] += 1
    if is_gone(item["kind"], item["quote"], shown):
        score.gone[item["kind"]] += 1
    else:
        score.left.append(f"{call} {item['kind']} {item['quote']}: {shown}")


def _others(
    score: Score, text: str, spans: Sequence[Any], own: Sequence[tuple[int, int]], where: str
) -> None:
    labelled = {i for a, b in own for i in range(a, b)}
    score.others += len(text) - len(labelled)
    for span in spans:
        extra = [i for i in range(span.start, span.end) if i not in labelled]
        score.others_redacted += len(extra)
        if extra:
            score.extra.append(f"{where} {span.kind}: {text[span.start : span.end]} in {text}")


def truths(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        yield found | {"name": f"{path.stem}.wav"}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("calls", type=Path)
    parser.add_argument("--export", type=Path)
    parser.add_argument("--details", action="store_true", help="show what was left and what was too much")
    given = parser.parse_args()
    score = Score()
    records = {}
    if given.export:
        lines = given.export.read_text("utf-8").splitlines()
        records = {r["recording"]["name"]: r for r in map(json.loads, lines)}
    for truth in truths(given.calls):
        if not given.export:
            perfect(truth, score)
        elif truth["name"] in records:
            heard(truth, records[truth["name"]], score)
    for kind in sorted(score.all):
        print(f"{kind:<10} {score.gone[kind]:>3} of {score.all[kind]:>3} gone")
    rate = score.others_redacted / max(1, score.others)
    print(f"other characters redacted: {score.others_redacted} of {score.others} ({rate:.2%})")
    if given.details:
        print("LEFT", *score.left, "TOO MUCH", *score.extra, sep="\n")


if __name__ == "__main__":
    main()
