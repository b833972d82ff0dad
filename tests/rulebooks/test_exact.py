"""The candidate index leaves nothing out: with it, a backtest is exactly the full scan's."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from callqa.inspect.engine import inspect_call
from callqa.inspect.rulebook import Rulebook, read_rulebook
from callqa.rulebooks.backtest import backtest
from callqa.rulebooks.backtest_types import RuleBacktest
from callqa.rulebooks.candidates import CandidateIndex
from callqa.rulebooks.need import ANY
from callqa.rulebooks.needs import plan
from callqa.settings import Settings
from callqa.store import Store, iter_calls

# Few characters, so that random rules hit; 公/工, 四/是, 兰/蓝 sound alike, exactly or nearly.
CHARS = "您好工公号四是退款投诉兰蓝12a"
CHANGES = 24


def some(chance: random.Random, low: int, high: int) -> str:
    return "".join(chance.choice(CHARS) for _ in range(chance.randint(low, high)))


def expression(chance: random.Random) -> str:
    a, b, c = (some(chance, 1, 3) for _ in range(3))
    loose = (f"{a}.{{0,3}}{b}", f"(?:{a}|{b}){c}?", f"(?:{a})?{b}{c}", f"{a}+{b}")
    shapes = (*loose, f"[{a}{b}]{c}", f"^{a}|{b}$")
    return chance.choice(shapes)


def finder(chance: random.Random) -> dict[str, Any]:
    match = chance.choice(("exact", "pinyin", "fuzzy"))
    if chance.random() < 0.5:
        terms = [some(chance, 1, 4) for _ in range(chance.randint(1, 4))]
        return {"terms": terms, "match": match, "distinct": chance.choice((1, 1, 2))}
    return {"regex": [expression(chance) for _ in range(chance.randint(1, 3))], "match": match}


def rule(chance: random.Random) -> dict[str, Any]:
    first, second = finder(chance), finder(chance)
    if chance.random() < 0.4:
        first["not_inside"] = [expression(chance)]
    if chance.random() < 0.3:
        first["unless"] = [expression(chance)]
    if chance.random() < 0.5:
        within = chance.choice(("3 chars", "2 utterances", "4 s", "clause", "call"))
        second["near"] = {"anchor": "first", "within": within, "where": "around"}
    conditions = ("first", "first and second", "first and not second", "first or second", "not first")
    condition = chance.choice(conditions)
    detection = {"first": first, "condition": condition}
    if "second" in condition:
        detection["second"] = second
    return {
        "title": "随机",
        "name": "r",
        "version": 1,
        "status": "test",
        "level": "low",
        "scope": {"speaker": chance.choice(("agent", "customer", "any"))},
        "detection": detection,
    }


def changed(data: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The rule with a term, an expression, or all of it changed."""
    other: dict[str, Any] = yaml.safe_load(yaml.safe_dump(data))
    first = other["detection"]["first"]
    match chance.randrange(4):
        case 0 if "terms" in first:
            first["terms"] = [*first["terms"][1:], some(chance, 1, 3)]
        case 1 if "regex" in first:
            first["regex"] = [*first["regex"][1:], expression(chance)]
        case 2:
            first["not_inside"] = [expression(chance)]
        case _:
            return rule(chance)
    return other


def book(data: dict[str, Any]) -> Rulebook | None:
    try:
        return read_rulebook({"a/r.yaml": yaml.safe_dump(data, allow_unicode=True)})
    except Exception:  # a random expression may be none
        return None


@pytest.fixture
def talk(inspected: Callable[..., int]) -> Callable[[Rulebook], None]:
    """120 calls of random turns, all inspected with this rulebook."""

    def fill(rulebook: Rulebook) -> None:
        chance = random.Random(7)
        for number in range(120):
            turns = [
                {chance.choice(("agent", "customer")): some(chance, 1, 6) + chance.choice("，。？")}
                for _ in range(chance.randint(1, 5))
            ]
            inspected(f"{number}.wav", turns, rulebook, team=f"{number % 3}")

    return fill


def by_hand(store: Store, before: Rulebook, after: Rulebook) -> tuple[int, ...]:
    """The same counts by nothing but the engine, call for call."""
    counts = [0] * 6
    for call in iter_calls(store):
        assert call.transcript is not None
        was, now = (
            {(f.utterance, None if f.utterance is not None else f.start) for f in flags}
            for flags in (
                inspect_call(call.transcript, side, call.row.call_data).flags for side in (before, after)
            )
        )
        counts[0] += bool(now and not was)
        counts[1] += bool(was and not now)
        counts[2] += bool(was and now)
        for k, flags in enumerate((now - was, was - now, was & now), 3):
            counts[k] += len(flags)
    return tuple(counts)


def plain(rule: RuleBacktest) -> tuple[Any, ...]:
    return rule.counts, rule.by_team, rule.by_week, rule.judged


def test_random_changes_end_as_the_full_scan_does(
    store: Store, settings: Settings, talk: Callable[[Rulebook], None]
) -> None:
    chance = random.Random(11)
    pairs: list[tuple[Rulebook, Rulebook]] = []
    while len(pairs) < CHANGES:
        data = rule(chance)
        before, after = book(data), book(changed(data, chance))
        if before and after and before.hash != after.hash:
            pairs.append((before, after))
    talk(pairs[0][0])
    spared = 0
    for before, after in pairs:
        quick = backtest(store, settings, before, after, samples=0)
        slow = backtest(store, settings, before, after, samples=0, scan=True)
        assert [plain(r) for r in quick.rules] == [plain(r) for r in slow.rules], before.source["rules"]
        counted = tuple(getattr(quick.counts, n) for n in quick.counts.__dataclass_fields__)
        assert counted == by_hand(store, before, after), (before.source["rules"], after.source["rules"])
        spared += quick.examined < slow.examined
    assert spared > len(pairs) / 4  # else the index would prove nothing


def test_a_call_that_is_flagged_is_always_a_candidate(
    store: Store, settings: Settings, talk: Callable[[Rulebook], None]
) -> None:
    chance = random.Random(3)
    books = [b for b in (book(rule(chance)) for _ in range(80)) if b]
    talk(books[0])
    index = CandidateIndex.of(store, settings)
    index.sync()
    calls = list(iter_calls(store))
    narrowed = 0
    for rulebook in books:
        need = plan(None, rulebook.rules[0]).hits
        candidates = set(index.candidates(need))
        narrowed += need != ANY and len(candidates) < len(calls)
        flagged = {c.row.id for c in calls if c.transcript and inspect_call(c.transcript, rulebook).flags}
        assert flagged <= candidates, rulebook.source["rules"]
    assert narrowed > len(books) / 3


@pytest.mark.parametrize(
    ("changes", "narrowed", "slim"),
    [
        ({}, True, True),
        ({"extent": "merged"}, False, False),
        ({"near": {"anchor": "other", "within": "3 s"}}, True, False),
        ({"near": {"anchor": "other", "within": "3 utterances"}}, True, True),
    ],
)
def test_what_is_not_understood_is_not_narrowed(changes: dict[str, Any], narrowed: bool, slim: bool) -> None:
    first = {"terms": ["投诉"], **changes}
    detection = {"first": first, "other": {"terms": ["您好"]}, "condition": "first"}
    if "near" not in changes:
        del detection["other"]
    data = {"title": "x", "name": "r", "version": 1, "status": "test", "level": "low", "detection": detection}
    made = plan(None, read_rulebook({"a/r.yaml": yaml.safe_dump(data, allow_unicode=True)}).rules[0])
    assert (made.hits != ANY, made.slim) == (narrowed, slim)
