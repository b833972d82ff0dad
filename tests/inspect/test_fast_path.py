"""Calls are read in batches, through a sieve, and near anchors only: the result is that of the slow way."""

import json
import random
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.inspect import engine
from callqa.inspect.document import Document
from callqa.inspect.engine import inspect_calls
from callqa.inspect.misheard import _borne_out, _literals, _misheard_counts, is_misheard
from callqa.inspect.patterns import PatternError, compile_pattern
from callqa.inspect.rulebook import Rulebook, shipped_rulebook
from callqa.inspect.run import RuleRun
from callqa.inspect.scan import Scan
from callqa.inspect.sounds import Precision, sound_text
from callqa.inspect.testing import transcript_of_turns

SOURCES = [
    "投诉",
    "退.{0,3}款",
    "[投透]诉",
    "^我",
    "款$",
    "(?:投|退)(?:诉|款)",
    "我.{0,4}要.{0,4}退",
    "要|不",
    "退款投诉",
    "[^我]要",
]
SOURCES += ["退款投诉", "[^我]要", r"\d{2}", r"我\D", r"\b1", "不要.{0,6}投诉|退款吧"]
WORDS = [
    "我",
    "要",
    "投诉",
    "退款",
    "推款",
    "透诉",
    "不",
    "，",
    "。",
    "12",
    "吧",
    "吗？",
    "握",
    "幺",
    "腿宽头素",
]
WINDOWS = [{"first": "2 utterances"}, {"last": "50 %"}, {"from": "1s", "to": "9s"}]
PLACES = ["2 chars", "9 chars", "1 utterance", "clause", "utterance", "5 s", "call"]
TERMS = ["投诉", "退款", "要投诉", "款", "12"]
CONDITIONS = ["a and not b and not c", "(a and b) or c", "not (a and c) or b", "2 of them"]


class SlowScan(Scan):
    """Runs every expression on every line by the library's own finditer."""

    def matches(self, plan, lines):
        return self.within(plan.expressions, lines)

    def within(self, expressions, lines):
        for expression in expressions:
            for line in range(len(self._doc.lines)):
                yield from slow_find(expression, self._doc, line)


def slow_find(expression, doc, line):
    text, base = doc.lines[line], doc.starts[line]
    for match in compile_pattern(expression.source).finditer(text):
        if match.end() > match.start():
            yield base + match.start(), base + match.end(), True
    if expression.precision is Precision.EXACT:
        return
    how = expression.precision
    for match in compile_pattern(expression.source, how).finditer(doc.heard_lines(how)[line]):
        said = text[match.start() : match.end()]
        fits = not said or compile_pattern(expression.source).fullmatch(said) is not None
        if not fits and slow_misheard(expression.source, said, how):
            yield base + match.start(), base + match.end(), False


def slow_misheard(source, said, precision):
    """Tries every character that may be another one, one way after the other."""
    if len(said) < 3:
        return False
    likely = _literals(source, precision)
    choices = [[c for c in likely.get(sound_text(x, precision), ()) if c != x] for x in said]
    places = [i for i, chars in enumerate(choices) if chars]
    for many in _misheard_counts(len(said)):
        for chosen in combinations(places, many):
            for chars in product(*(choices[i] for i in chosen)):
                changed = list(said)
                for i, char in zip(chosen, chars, strict=True):
                    changed[i] = char
                text = "".join(changed)
                if any(_borne_out(source, text[k:], [i - k for i in chosen]) for k in range(min(chosen) + 1)):
                    return True
    return False


class SlowRun(RuleRun):
    """Looks everywhere, whatever the anchors say, and sorts out afterwards."""

    def _about_anchors(self, detection, lines):
        return lines

    def _found(self, detection, plan, lines):
        within = set(lines)
        return [h for h in super()._found(detection, plan, lines) if h.line is None or h.line in within]


def slowly(transcript, rulebook):
    doc = Document(transcript)
    scan = SlowScan(rulebook.lexicon, doc)
    return [engine.run_rule(rule, doc, scan, {}, SlowRun) for rule in rulebook.rules]


def assert_same(calls, rulebook):
    """And how many flags there are."""
    raised = 0
    inspections = inspect_calls([(call, {}) for call in calls], rulebook)
    for call, fast in zip(calls, inspections, strict=True):
        slow = slowly(call, rulebook)
        assert [(r.rule, r.outcome) for r in fast.results] == [(r.rule, r.outcome) for r, _ in slow]
        flags = sorted((f for _, flags in slow for f in flags), key=lambda f: (f.start, f.end, f.rule))
        assert fast.flags == tuple(flags)
        raised += len(flags)
    return raised


def some(dice, choices, most):
    return dice.sample(choices, dice.randint(1, most))


def finder(dice):
    if dice.random() < 0.3:
        return {"terms": some(dice, TERMS, 3), "match": dice.choice(["exact", "pinyin"])}
    return {"regex": some(dice, SOURCES, 3), "match": dice.choice(["exact", "pinyin", "fuzzy"])}


def detection(dice):
    options = {
        "speaker": lambda: dice.choice(["agent", "customer", "any"]),
        "window": lambda: dice.choice(WINDOWS),
        "not_inside": lambda: some(dice, SOURCES, 2),
        "unless": lambda: some(dice, SOURCES, 1),
        "sentence": lambda: dice.choice(["statement", "question"]),
        "at_least": lambda: 2,
    }
    chosen = {name: make() for name, make in options.items() if dice.random() < 0.12}
    return {**finder(dice), **chosen}


def near(dice):
    return {
        "anchor": "a",
        "within": dice.choice(PLACES),
        "where": dice.choice(["before", "after", "around", "around", "same"]),
        "hit": dice.choice(["any", "any", "first", "last"]),
    }


def random_rule(dice, number):
    parts = {"a": detection(dice), "b": {**detection(dice), "near": near(dice)}, "c": detection(dice)}
    return rule(f"r{number}", {**parts, "condition": dice.choice(CONDITIONS)})


def random_call(dice):
    turns = [
        {dice.choice(["agent", "customer"]): "".join(dice.choices(WORDS, k=dice.randint(0, 6)))}
        for _ in range(dice.randint(1, 7))
    ]
    return transcript_of_turns(turns)


@pytest.mark.parametrize("seed", range(8))
def test_random_rules_on_random_calls(seed):
    dice = random.Random(seed)
    raised = 0
    for _ in range(60):
        rules = {f"a.r{i}": random_rule(dice, i) for i in range(4)}
        book = Rulebook.from_bytes(json.dumps({"format": 1, "lists": {}, "rules": rules}).encode())
        raised += assert_same([random_call(dice) for _ in range(6)], book)
    assert raised > 500


def rule(name, detection):
    fixed = {"title": "t", "version": 1, "status": "test", "level": "low"}
    return {**fixed, "name": name, "detection": detection}


def test_the_shipped_rules_on_their_own_tests():
    book = shipped_rulebook()
    said = [turn for rule in book.rules for test in rule.tests for turn in test["turns"]]
    calls = [transcript_of_turns(said[i : i + 25]) for i in range(0, len(said), 75)]
    assert_same(calls, book)


SAID = st.lists(st.sampled_from(WORDS), max_size=7).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([s for s in SOURCES if "^" not in s]),
    SAID,
    st.sampled_from([Precision.PINYIN, Precision.FUZZY]),
)
def test_what_may_be_misheard_is_found_like_by_trying_everything(source, said, precision):
    folded = "".join(c for c in said if c.isalnum())
    try:
        compile_pattern(source)
    except PatternError:
        return
    assert is_misheard(source, folded, precision) == slow_misheard(source, folded, precision)


def test_a_batch_is_as_good_as_one_call_after_the_other(monkeypatch):
    book = shipped_rulebook()
    calls: list[Any] = [
        (transcript_of_turns(test["turns"]), {}) for rule in book.rules[:4] for test in rule.tests
    ]
    alone = [engine.inspect_call(call, book) for call, _ in calls]
    for size in (2, 7):
        monkeypatch.setattr(engine, "BATCH", size)
        assert list(inspect_calls(calls, book)) == alone
