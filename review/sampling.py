"""Which calls people hear: repeatable plans that draw at random, per agent, by strata or by risk."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..errors import UsageError
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.sampling import Candidate, candidates, save_draw
from .estimates import spread

Method = Literal["random", "per_agent", "stratified", "risk"]
By = Literal["business", "team", "queue", "agent"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to draw: ``size`` calls in all (per agent with ``per_agent``), always the same for one ``seed``.

    ``by`` are the strata of ``stratified``, whose shares follow their calls. ``risk`` draws with a weight of
    1 + ``risk_weight`` times the call's risk (0 to 1: its lost score and open grave flags).
    ``shortest`` seconds are the least a call must last to be worth hearing.
    """

    method: Method = "random"
    size: int = 50
    seed: int = 0
    by: By = "business"
    risk_weight: float = 9.0
    shortest: float = 20.0


def draw(found: Sequence[Candidate], plan: Plan) -> list[int]:
    """Recordings drawn from ``found``, in the order they were drawn; the same plan draws the same.

    Weighted draws without putting back follow P. Efraimidis and P. Spirakis, "Weighted random sampling with a
    reservoir" (2006): the largest ``u ** (1 / weight)`` win.
    """
    if plan.size < 1:
        raise UsageError("a sample has one call at least")
    eligible = sorted((c for c in found if (c.seconds or 0) >= plan.shortest), key=lambda c: c.id)
    chance = random.Random(plan.seed)
    if plan.method == "random":
        return [c.id for c in chance.sample(eligible, min(plan.size, len(eligible)))]
    if plan.method == "risk":
        keys = {c.id: chance.random() ** (1 / (1 + plan.risk_weight * c.risk)) for c in eligible}
        return sorted(keys, key=lambda one: -keys[one])[: plan.size]
    return _by_groups(eligible, plan, chance)


def _by_groups(eligible: Sequence[Candidate], plan: Plan, chance: random.Random) -> list[int]:
    groups: dict[str, list[int]] = defaultdict(list)
    for candidate in eligible:
        group = candidate.agent if plan.method == "per_agent" else getattr(candidate, plan.by)
        groups[group or ""].append(candidate.id)
    if plan.method == "per_agent":
        sizes = {name: min(plan.size, len(members)) for name, members in groups.items() if name}
    else:
        sizes = spread({name: len(members) for name, members in groups.items()}, plan.size)
    return [one for name in sorted(sizes) for one in chance.sample(groups[name], sizes[name])]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of a plan: the list that reviewers work through."""

    draw_id: int
    list_id: int
    population: int
    recordings: tuple[int, ...]


def carry_out(
    store: Store,
    name: str,
    plan: Plan,
    filter: CallFilter,
    *,
    by: str,
    reviewers: Sequence[str] = (),
) -> Drawn:
    """Draw from the calls that fit and keep them as a list of this name, shared out among ``reviewers``.

    Raises UsageError when nothing fits or the name is taken.
    """
    found = candidates(store, filter)
    chosen = draw(found, plan)
    if not chosen:
        raise UsageError("no call fits the plan: loosen its filter or the least length")
    kept = asdict(plan) | {"filter": _told(filter)}
    draw_id, list_id = save_draw(store, name, kept, len(found), chosen, reviewers, by=by)
    return Drawn(draw_id, list_id, len(found), tuple(chosen))


def _told(filter: CallFilter) -> dict[str, Any]:
    """What a filter says, as JSON holds it."""
    said: Mapping[str, Any] = asdict(filter)
    kept = {name: value for name, value in said.items() if value}
    return {name: str(value) if hasattr(value, "isoformat") else value for name, value in kept.items()}
