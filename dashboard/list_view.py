"""The list of calls as rows of plain data; read by ``assets/call_list.js``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..inspect.types import Level
from ..privacy.masking import mask_number, mask_phones
from ..store.calls import CallPage, CallRow
from .filters import PAGE_SIZE, View
from .formats import length_text, score_band
from .rule_names import RuleNames
from .texts import Texts

MOST_TAGS = 3
_OPTIONAL = ("business", "team", "agent", "customer")
NOTHING: Mapping[int, str] = MappingProxyType({})
Flags = Mapping[int, Sequence[tuple[str, Level]]]


def list_view(
    page: CallPage,
    flags: Flags,
    view: View,
    names: RuleNames,
    texts: Texts,
    assigned: Mapping[int, str] = NOTHING,
    *,
    store_is_empty: bool = False,
) -> dict[str, Any]:
    """One page of calls; columns that no call of the page fills are left out."""
    last_page = -(-page.total // PAGE_SIZE)
    return {
        "key": f"{view.filter}|{view.order}|{view.page}",
        "columns": [
            {"name": name, "label": texts(f"column.{name}")} for name in _columns(page.rows, bool(assigned))
        ],
        "rows": [
            _row(row, flags.get(row.id, ()), names, texts) | {"assigned": assigned.get(row.id)}
            for row in page.rows
        ],
        "texts": {
            "range": range_text(page, view, texts),
            **{name: texts(f"list.{name}") for name in ("hint", "previous", "next")},
        },
        "previous": view.page - 1 if view.page > 1 else None,
        "next": view.page + 1 if view.page < last_page else None,
        "empty": texts("list.empty_store" if store_is_empty else "list.empty"),
    }


def range_text(page: CallPage, view: View, texts: Texts) -> str:
    """``第 51–100 通，共 231 通``"""
    if not page.rows:
        return texts("list.count", n=page.total)
    first = view.offset + 1
    return texts("list.range", first=first, last=first + len(page.rows) - 1, total=page.total)


def _columns(rows: Sequence[CallRow], assigned: bool) -> list[str]:
    filled = [name for name in _OPTIONAL if any(getattr(row, name) for row in rows)]
    who = ["assigned"] if assigned else []
    return ["score", "name", "started", "length", *filled, "flags", "progress", *who, "status"]


def _row(row: CallRow, flags: Sequence[tuple[str, Level]], names: RuleNames, texts: Texts) -> dict[str, Any]:
    started = f"{row.started_at:%m-%d %H:%M}" if row.started_at else f"{row.day:%m-%d}"
    reason = " ".join(part for part in (row.error, row.remedy) if part)
    return {
        "id": row.id,
        "score": {"value": row.score, "band": score_band(row.score)} if row.score is not None else None,
        "name": mask_phones(row.call_id or row.name),
        "started": started,
        "length": length_text(row.seconds),
        "business": row.business,
        "team": row.team,
        "agent": row.agent,
        "customer": mask_number(row.customer) if row.customer else None,
        "flags": _tags(flags, names, texts),
        "progress": _progress(row, texts),
        "status": {"name": row.status, "label": texts(f"status.{row.status}"), "help": reason or None},
    }


def _tags(flags: Sequence[tuple[str, Level]], names: RuleNames, texts: Texts) -> list[dict[str, str]]:
    counted = Counter(flags)
    tags = []
    for (rule, level), count in list(counted.items())[:MOST_TAGS]:
        label = names.title(rule) + (f" ×{count}" if count > 1 else "")
        tags.append({"label": label, "severity": level.value, "title": texts(f"level.{level.value}")})
    hidden = list(counted)[MOST_TAGS:]
    if hidden:
        titles = "、".join(names.title(rule) for rule, _ in hidden)
        tags.append({"label": f"+{len(hidden)}", "severity": hidden[0][1].value, "title": titles})
    return tags


def _progress(row: CallRow, texts: Texts) -> dict[str, Any] | None:
    if not row.flag_count:
        return None
    done = row.flag_count - row.open_count
    label = texts("verdict.none") if not done else texts("column.progress")
    return {"done": done, "total": row.flag_count, "label": label}
