"""The sieve may let lines through that do not match; it must never hold back one that does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callqa.inspect.literals import requirements
from callqa.inspect.patterns import PatternError, compile_pattern, fold_pattern
from callqa.inspect.rulebook import shipped_rulebook
from callqa.inspect.sieve import Sieve
from callqa.inspect.sounds import Precision, sound_text

ATOMS = [
    "投",
    "诉",
    "退",
    "款",
    "a",
    "B",
    ".",
    "[投退]",
    "[^投]",
    r"\d",
    "1",
    "款款",
    "^",
    "$",
    r"\b",
    r"\.",
    "[0-9款]",
    r"\D",
]
QUANTIFIERS = ["", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "??"]


def pieces(inner):
    groups = st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})")
    one = st.one_of(st.sampled_from(ATOMS), groups, inner.map(lambda part: f"({part})"))
    some = st.lists(st.tuples(one, st.sampled_from(QUANTIFIERS)).map("".join), min_size=1, max_size=4)
    return some.map("".join)


SOURCES = st.recursive(st.sampled_from(ATOMS), pieces, max_leaves=8)
LINES = st.lists(st.text(alphabet="投诉退款aàb1.偷腿9", min_size=1, max_size=12), min_size=1, max_size=6)


def usable(source):
    try:
        compile_pattern(source)
    except PatternError:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.one_of(SOURCES, st.lists(SOURCES, min_size=2, max_size=3).map("|".join)), max_size=6), LINES
)
def test_no_line_that_matches_is_held_back(candidates, lines):
    sources = [s for s in candidates if usable(s)]
    found = Sieve([fold_pattern(s) for s in sources]).candidates(lines)
    for number, source in enumerate(sources):
        for place, line in enumerate(lines):
            if compile_pattern(source).search(line):
                assert place in found.get(number, ()), (source, line)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(SOURCES.filter(usable), max_size=4), LINES, st.sampled_from([Precision.PINYIN, Precision.FUZZY])
)
def test_no_line_that_sounds_so_is_held_back(sources, lines, precision):
    heard = [sound_text(line, precision) for line in lines]
    found = Sieve([sound_text(fold_pattern(s), precision) for s in sources], precision).candidates(heard)
    for number, source in enumerate(sources):
        for place, line in enumerate(heard):
            if compile_pattern(source, precision).search(line):
                assert place in found.get(number, ()), (source, line)


def test_many_alternatives_are_all_kept():
    words = [chr(0x4E00 + i) + chr(0x5E00 + i) for i in range(3000)]
    found = Sieve(words).candidates(words[::7])
    assert {n: places[0] for n, places in found.items()} == {n: i for i, n in enumerate(range(0, 3000, 7))}


def test_the_sieve_holds_back_most_lines_of_other_talk():
    sources = [fold_pattern(s) for s in ("保证.{0,4}(?:批|过)", "(?:打|找).{0,3}消协", "我要(?:退钱|退款)")]
    lines = ["您好很高兴为您服务", "我想查一下账单", "找一下保证金", "我要退款", "去找消协"]
    assert Sieve(sources).candidates(lines) == {1: [4], 2: [3]}


@pytest.mark.parametrize(
    ("source", "needs"),
    [
        ("投诉", [{"投诉"}]),
        ("投(?:诉|递)", [{"投诉", "投递"}]),
        ("我.{0,3}投诉", [{"我"}, {"投诉"}]),
        ("退(?:款)?了", [{"退了", "退款了"}]),
        ("(?:投诉)+", [{"投诉"}]),
        ("(?:投诉)*x", [{"x"}]),
        ("[投退]诉", [{"投诉", "退诉"}]),
        ("[^投]诉", [{"诉"}]),
        (r"\d元", [{f"{d}元" for d in range(10)}]),
        (r"\s元", []),
        ("ABC", [{"abc"}]),
    ],
)
def test_what_an_expression_needs(source, needs):
    (clauses,) = requirements(source, lambda clause: sum(1 / len(text) for text in clause))
    assert [set(clause) for clause in clauses] == needs


def test_alternatives_at_the_top_are_sieved_one_by_one():
    found = requirements("我.投|(?:退.款|你.诉)", len)
    assert [[set(c) for c in clauses] for clauses in found] == [
        [{"我"}, {"投"}],
        [{"退"}, {"款"}],
        [{"你"}, {"诉"}],
    ]


def test_nearly_every_shipped_expression_needs_something():
    sources = [s for r in shipped_rulebook().rules for d in r.detections.values() for s in sources_of(d)]
    free = [s for s in sources if () in requirements(fold_pattern(s), len)]
    assert len(free) <= 0.02 * len(sources), free


def sources_of(detection):
    return getattr(detection.finder, "sources", ())


@pytest.mark.parametrize("depth", [10, 900])
def test_groups_within_groups_do_not_exhaust_the_stack(depth):
    source = "(?:" * depth + "投" + "诉)" * depth
    assert requirements(source, len) == ([(frozenset({"投" + "诉" * 10}),)] if depth == 10 else [()])
