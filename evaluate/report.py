"""An evaluation as plain data (JSON) and as a table of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .confusion import Confusion
from .judged import Share
from .score import CallScore, Evaluation, RuleScore, figures

CONFUSIONS = 15
WORST = 10
SHOWN = (
    "calls", "CER", "CER by role", "CER agent", "CER customer", "DER", "role accuracy", "flag recall",
    "flag precision", "hard negatives raised",
)  # fmt: skip


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything, for other programs and for ``--gate``."""
    characters, words = evaluation.confusions(CONFUSIONS)
    return {
        "source": evaluation.source,
        "missing": list(evaluation.missing),
        "figures": {name: figures(calls) for name, calls in evaluation.groups.items()},
        "rules": {rule.check: _rule(rule) for rule in evaluation.rules},
        "styles": {style: _share(share) for style, share in evaluation.styles.items()},
        "redaction": [{"call": k.call, "kind": k.kind, "digits": k.digits} for k in evaluation.leaks],
        "confusions": {"characters": _confusions(characters), "words": _confusions(words)},
        "worst": [worst_json(call) for call in evaluation.worst(WORST)],
    }


def to_text(evaluation: Evaluation) -> str:
    """Tables a person reads in a terminal."""
    data = to_json(evaluation)
    parts = [f"{evaluation.source}\n", *_groups(data["figures"]), "", *_rules(data["rules"])]
    parts += ["", *_confusion_lines(data["confusions"]), "", *_worst_lines(data["worst"])]
    parts += ["", _redaction_line(data["figures"].get("all", {}))]
    if evaluation.missing:
        parts.append(f"no result for {len(evaluation.missing)} calls: {', '.join(evaluation.missing)}")
    return "\n".join(parts)


def worst_json(call: CallScore) -> dict[str, Any]:
    """What to hear in a call: moments with what was missed or wrongly raised there."""
    counted = figures([call])
    return {
        "call": call.truth.name,
        "file": call.call.file,
        **{name: counted[name] for name in ("CER", "DER")},
        "missed": [
            {"check": e.check, "start": call.truth.turns[e.turn].start, "quote": e.quote or "–"}
            for e in call.judged.missed
        ],
        "wrong": [
            {"check": f.rule, "start": f.start, "quote": f.quote, "why": f.why} for f in call.judged.wrong
        ],
    }


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| --- " * len(head) + "|"
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    value = None if share.value is None else round(share.value, 4)
    return {"part": share.part, "whole": share.whole, "value": value, "low": low, "high": high}


def _rule(rule: RuleScore) -> dict[str, Any]:
    return {
        "recall": _share(rule.recall),
        "precision": _share(rule.precision),
        "hard_negatives": rule.forbidden,
    }


def _confusions(found: Sequence[Confusion]) -> list[dict[str, Any]]:
    return [{"said": c.said, "heard": c.heard, "count": c.count, "alike": c.alike} for c in found]


def _groups(groups: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    whole = ("calls", "hard negatives raised")
    rows = [
        [name, *(str(f[key]) if key in whole else percent(f[key]) for key in SHOWN)]
        for name, f in groups.items()
    ]
    return table(["", *SHOWN], rows)


def _rules(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    head = ["check", "found", "recall", "95 %", "right", "precision", "95 %", "hard negatives"]
    rows = [
        [check, *_cells(r["recall"]), *_cells(r["precision"]), str(r["hard_negatives"])]
        for check, r in rules.items()
    ]
    return table(head, rows)


def _cells(share: Mapping[str, Any]) -> list[str]:
    if not share["whole"]:
        return ["0 of 0", "–", "–"]
    between = f"{100 * share['low']:.0f}–{100 * share['high']:.0f} %"
    return [f"{share['part']} of {share['whole']}", percent(share["value"]), between]


def _confusion_lines(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    for kind, rows in found.items():
        shown = [f"{r['said']}→{r['heard'] or '∅'}{'=' if r['alike'] else ''} ×{r['count']}" for r in rows]
        yield f"{kind} heard as others (= sounds alike): {', '.join(shown) or 'none'}"


def _worst_lines(calls: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "to hear first:" if calls else "no call with an error"
    for call in calls:
        yield f"- {call['file']}: CER {percent(call['CER'])}, DER {percent(call['DER'])}"
        for e in call["missed"]:
            yield f"    {clock(e['start'])} missed {e['check']}: {e['quote']}"
        for f in call["wrong"]:
            yield f"    {clock(f['start'])} wrongly {f['check']}: {f['quote']}"


def _redaction_line(found: Mapping[str, Any]) -> str:
    left, checked = found.get("personal data left", 0), found.get("personal data checked", 0)
    return f"redaction: {left} of {checked} personal numbers left readable"
