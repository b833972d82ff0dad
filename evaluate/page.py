"""An evaluation as one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from .report import SHOWN, clock, percent, to_json
from .score import Evaluation

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 15px/1.55 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  max-width: 68rem; margin: 2rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
.source { opacity: .7; overflow-wrap: anywhere; margin-top: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .32rem .6rem; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { font-weight: 600; white-space: normal; vertical-align: bottom; }
td.bar { min-width: 8rem; } .bar i { display: block; position: relative; height: .55rem; border-radius: .3rem;
  background: var(--line); } .bar b { position: absolute; top: 0; bottom: 0; border-radius: .3rem;
  background: #3b82f6; opacity: .45; } .bar u { position: absolute; top: -.15rem; bottom: -.15rem; width: 3px;
  margin-left: -1px; background: #3b82f6; }
.heard { display: flex; flex-wrap: wrap; gap: .45rem; padding: 0; list-style: none; }
.heard li { border: 1px solid var(--line); border-radius: .5rem; padding: .15rem .55rem; }
.heard .alike { border-color: #3b82f6; } small { opacity: .7; }
details { border-bottom: 1px solid var(--line); padding: .45rem 0; } summary { cursor: pointer; }
details ul { margin: .4rem 0; } .bad { color: #dc2626; }
@media (prefers-color-scheme: dark) { .bad { color: #f87171; } }
"""


def to_html(evaluation: Evaluation) -> str:
    """A page with the figures, every rule with its interval, what is heard as what, and the calls to hear."""
    data = to_json(evaluation)
    parts = [
        f"<h1>callqa evaluation</h1><p class=source>{escape(evaluation.source)}</p>",
        _figures(data["figures"]),
        _rules(data["rules"]),
        _confusions(data["confusions"]),
        _worst(data["worst"]),
        _redaction(data),
    ]
    if evaluation.missing:
        names = escape(", ".join(evaluation.missing))
        parts.append(f"<h2>No result</h2><p>{names}</p>")
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>callqa evaluation</title><style>{_STYLE}</style><body>{body}</body></html>\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells of ``rows`` are HTML already."""
    top = "".join(f"<th scope=col>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
    return f"<div class=wide><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"


def _cell(cell: str) -> str:
    return f"<td class=bar>{cell}</td>" if cell.startswith("<i") else f"<td>{cell}</td>"


def _figures(groups: Mapping[str, Mapping[str, Any]]) -> str:
    whole = ("calls", "hard negatives raised")
    rows = [
        [escape(name), *(str(f[key]) if key in whole else percent(f[key]) for key in SHOWN)]
        for name, f in groups.items()
    ]
    return "<h2>Figures</h2>" + _table(["", *SHOWN], rows)


def _rules(rules: Mapping[str, Mapping[str, Any]]) -> str:
    if not rules:
        return ""
    head = ["check", "found", "recall", "", "right", "precision", "", "hard negatives"]
    rows = [
        [escape(check), *_share(r["recall"]), *_share(r["precision"]), _bad(r["hard_negatives"])]
        for check, r in rules.items()
    ]
    return "<h2>Rules</h2><p>Bars: 95 % interval (Wilson).</p>" + _table(head, rows)


def _share(share: Mapping[str, Any]) -> list[str]:
    if not share["whole"]:
        return ["0 of 0", "–", ""]
    low, high, value = (100 * share[key] for key in ("low", "high", "value"))
    said = f"{low:.0f} to {high:.0f} %"
    bar = (
        f'<i role=img aria-label="{said}" title="{said}">'
        f'<b style="left:{low:.1f}%;width:{high - low:.1f}%"></b><u style="left:{value:.1f}%"></u></i>'
    )
    return [f"{share['part']} of {share['whole']}", percent(share["value"]), bar]


def _bad(count: int) -> str:
    return f"<span class=bad>{count}</span>" if count else "0"


def _confusions(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    parts = []
    for kind, rows in found.items():
        items = "".join(
            f"<li{' class=alike' if r['alike'] else ''}>{escape(r['said'])} → {escape(r['heard'] or '∅')} "
            f"<small>×{r['count']}</small></li>"
            for r in rows
        )
        if items:
            parts.append(f"<h3>{kind.capitalize()}</h3><ul class=heard>{items}</ul>")
    note = "<p>Blue: sounds alike, so that a lexicon entry would mend it. ∅: left out.</p>"
    return f"<h2>Heard as</h2>{note}{''.join(parts)}" if parts else ""


def _worst(calls: Sequence[Mapping[str, Any]]) -> str:
    if not calls:
        return "<h2>To hear first</h2><p>No call with an error.</p>"
    parts = []
    for call in calls:
        items = [("missed", e) for e in call["missed"]] + [("wrongly", f) for f in call["wrong"]]
        lines = "".join(
            f"<li><b>{clock(e['start'])}</b> {word} {escape(e['check'])}: {escape(e['quote'])}</li>"
            for word, e in items
        )
        errors = f"CER {percent(call['CER'])} · DER {percent(call['DER'])} · {len(items)} flags"
        head = f"{escape(call['file'])} · {errors}"
        parts.append(f"<details><summary>{head}</summary><ul>{lines}</ul></details>")
    return "<h2>To hear first</h2>" + "".join(parts)


def _redaction(data: Mapping[str, Any]) -> str:
    found = data["figures"].get("all", {})
    rows = "".join(
        f"<li class=bad>{escape(k['call'])}: {escape(k['kind'])} {escape(k['digits'])}</li>"
        for k in data["redaction"]
    )
    left, checked = found.get("personal data left", 0), found.get("personal data checked", 0)
    head = f"<h2>Redaction</h2><p>{left} of {checked} personal numbers left readable</p>"
    return f"{head}<ul>{rows}</ul>" if rows else head
