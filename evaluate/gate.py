"""A regression gate: today's evaluation against a saved one."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import CallqaError

TOLERANCE = 0.01
"""How much worse a figure of all calls may be."""
RULE_TOLERANCE = 0.2
"""The same for recall and precision of one rule, of which a file holds only a few."""
LOWER_IS_BETTER = (
    "CER", "CER by role", "CER agent", "CER customer", "DER", "hard negatives raised", "personal data left",
)  # fmt: skip
HIGHER_IS_BETTER = ("calls", "role accuracy", "flag recall", "flag precision", "personal data checked")


def read_baseline(path: Path) -> dict[str, Any]:
    """An evaluation written before with ``--format json``. Raises CallqaError when it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or "figures" not in found or "rules" not in found:
            raise ValueError("figures and rules are missing")
    except (OSError, ValueError) as error:
        raise CallqaError(
            f"{path} is no saved evaluation ({error}); "
            f"make one with: callqa evaluate DIR --format json --out {path}"
        ) from error
    return found


def worse(
    now: Mapping[str, Any],
    before: Mapping[str, Any],
    tolerance: float = TOLERANCE,
    rule_tolerance: float = RULE_TOLERANCE,
) -> list[str]:
    """What is worse than the baseline by more than the tolerance, a line each; both as ``report.to_json``.

    Counts (calls, hard negatives, personal data) may not get worse at all. A figure that is gone is worse.
    """
    return [*_figures(now, before, tolerance), *_rules(now, before, rule_tolerance)]


def _figures(now: Mapping[str, Any], before: Mapping[str, Any], tolerance: float) -> Iterator[str]:
    for group, old in before["figures"].items():
        new = now["figures"].get(group, {})
        for name, sign in [(n, 1) for n in LOWER_IS_BETTER] + [(n, -1) for n in HIGHER_IS_BETTER]:
            was, is_now = old.get(name), new.get(name)
            if was is None:
                continue
            allowed = 0.0 if isinstance(was, int) else tolerance
            if is_now is None or sign * (is_now - was) > allowed + 1e-9:
                yield f"{group}: {name} {_shown(is_now)}, was {_shown(was)}"


def _rules(now: Mapping[str, Any], before: Mapping[str, Any], tolerance: float) -> Iterator[str]:
    for check, old in before["rules"].items():
        new = now["rules"].get(check, {})
        for name in ("recall", "precision"):
            was, is_now = old[name]["value"], (new.get(name) or {}).get("value")
            if was is None or (is_now is None and name == "precision"):
                continue  # a rule that no longer raises anything shows in its recall
            if is_now is None or was - is_now > tolerance + 1e-9:
                yield f"{check}: {name} {_shown(is_now)}, was {_shown(was)}"


def _shown(value: float | None) -> str:
    if value is None:
        return "not there"
    return str(value) if isinstance(value, int) else f"{100 * value:.1f} %"
