"""How fast rules are: finding terms, side by side with other engines, and the whole engine on a made-up day.

    python benchmarks/rules.py --out rules.json            # a sample of the day, about five minutes
    python benchmarks/rules.py --calls 200000 --no-terms   # the whole day, 450 million characters

Finding terms: the same terms in the same folded text, CPU seconds of one core; *found* is the share of all
occurrences, overlaps included. The whole engine: the shipped rules, and with them one more rule over a list
of terms, in two processes at once, each with half of the calls; wall and CPU seconds of inspecting only,
not of making the calls up. Every figure is the median of the rounds, with the lowest and the highest.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import day  # type: ignore[import-not-found]

from callqa.inspect.engine import inspect_calls
from callqa.inspect.fold import fold
from callqa.inspect.rulebook import Rulebook, shipped_rulebook
from callqa.inspect.terms import Term, TermMatcher

TERMS = (100, 1_000, 10_000)
LISTS = (0, 1_000, 10_000)
BATCH = 100
"""Calls that are made up, then inspected, at a time."""
SLOW = 2.0
"""An engine that takes longer than this many CPU seconds for the first thirtieth is not waited for."""
PACKAGES = ("ahocorasick-rs", "pyahocorasick", "flashtext", "google-re2", "numpy")
Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Rate:
    """Millions of characters a second over several rounds."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, rates: Sequence[float]) -> "Rate":
        return cls(statistics.median(rates), min(rates), max(rates))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f}–{self.highest:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=4_000, help="calls of the day that are inspected")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-terms", action="store_true", help="leave out the comparison of term finders")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    arguments = parser.parse_args()
    found: dict[str, Any] = {"machine": machine(), "at": time.strftime("%Y-%m-%d %H:%M")}
    print("  ".join(f"{k} {v}" for k, v in found["machine"].items()))
    if not arguments.no_terms:
        found["terms"] = term_finders(arguments.rounds)
    found["engine"] = [engine(many, arguments) for many in LISTS]
    found["length"] = by_length(arguments.rounds)
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def machine() -> dict[str, Any]:
    about = {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    return {**about, **{name: version(name) for name in PACKAGES}}


def term_finders(rounds: int) -> list[dict[str, Any]]:
    """Every engine at every number of terms, over about a million characters."""
    text = fold("\n".join(text for n in range(450) for _, text in day.texts(n)))
    lines = [fold(text) for n in range(450) for _, text in day.texts(n)]
    print(f"\nfinding terms in {len(text):,} characters, M characters per CPU second")
    print(f"{'engine':<28}{'terms':>8}{'rate':>24}{'against callqa':>16}{'found':>8}")
    rows = []
    for many in TERMS:
        terms = list(dict.fromkeys(map(fold, day.common_terms(many))))
        own: dict[str, Any] = {}
        for name, make in ENGINES.items():
            row = {"engine": name, "terms": len(terms), **_timed(make(terms), lines, rounds)}
            own = own or row
            rows.append(_compared(row, own))
    return rows


def _timed(count: Count | None, lines: Sequence[str], rounds: int) -> dict[str, Any]:
    if count is None:
        return {}
    texts = ["\n".join(lines[i : i + 120]) for i in range(0, len(lines), 120)]
    began = time.process_time()
    for text in texts[: len(texts) // 30]:
        count(text)
    if time.process_time() - began > SLOW:
        return {}
    hits, rates = 0, []
    for _ in range(rounds):
        began = time.process_time()
        hits = sum(map(count, texts))
        rates.append(sum(map(len, texts)) / (time.process_time() - began) / 1e6)
    return {"rate": Rate.of(rates), "hits": hits}


def _compared(row: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    rate, name = row.get("rate"), f"{row['engine']:<28}{row['terms']:>8,}"
    if rate is None:
        print(f"{name}{'too slow to wait for':>24}")
        return row
    ratio, found = rate.median / own["rate"].median, row["hits"] / own["hits"]
    print(f"{name}{rate!s:>24}{ratio:>15.2f}x{found:>8.3f}")
    return {**row, "rate": asdict(rate), "against_callqa": ratio, "found": found}


def _callqa(terms: Sequence[str]) -> Count:
    matcher = TermMatcher(map(Term, terms))
    return lambda text: sum(1 for _ in matcher.find(text))


def _ahocorasick_rs(terms: Sequence[str]) -> Count:
    import ahocorasick_rs

    automaton = ahocorasick_rs.AhoCorasick(list(terms))
    return lambda text: len(automaton.find_matches_as_indexes(text, overlapping=True))


def _pyahocorasick(terms: Sequence[str]) -> Count:
    import ahocorasick  # type: ignore[import-not-found]

    automaton = ahocorasick.Automaton()
    for term in terms:
        automaton.add_word(term, term)
    automaton.make_automaton()
    return lambda text: sum(1 for _ in automaton.iter(text))


def _flashtext(terms: Sequence[str]) -> Count:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=True)
    processor.add_keywords_from_list(list(terms))
    return lambda text: len(processor.extract_keywords(text))


def _flashtext_mended(terms: Sequence[str]) -> Count:
    """No word boundaries, and a NUL between all characters: exact, but leftmost-longest."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor(case_sensitive=True)
    processor.non_word_boundaries = set()
    processor.add_keywords_from_list(["\0".join(term) for term in terms])
    return lambda text: len(processor.extract_keywords("\0".join(text)))


def _re(terms: Sequence[str]) -> Count:
    pattern = re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)))
    return lambda text: sum(1 for _ in pattern.finditer(text))


def _re2(terms: Sequence[str]) -> Count | None:
    import re2  # type: ignore[import-untyped]

    options = re2.Options()
    options.max_mem = 512 << 20
    longest_first = sorted(map(re.escape, terms), key=len, reverse=True)
    try:
        pattern = re2.compile("|".join(longest_first), options)
    except re2.error:
        return None
    return lambda text: sum(1 for _ in pattern.finditer(text.encode()))


ENGINES: Mapping[str, Callable[[Sequence[str]], Count | None]] = {
    "callqa": _callqa,
    "ahocorasick_rs (bare)": _ahocorasick_rs,
    "pyahocorasick": _pyahocorasick,
    "flashtext, as it comes": _flashtext,
    "flashtext, mended": _flashtext_mended,
    "re": _re,
    "RE2": _re2,
}


def rulebook_with(terms: int) -> Rulebook:
    """The shipped rules, and one more over so many terms."""
    book = shipped_rulebook()
    if not terms:
        return book
    rule = {
        "title": "词表",
        "name": "list",
        "version": 1,
        "status": "test",
        "level": "informational",
        "detection": {"said": {"lists": ["benchmark"]}, "condition": "said"},
    }
    source = json.loads(book.to_bytes())
    source["rules"]["benchmark.list"] = rule
    source["lists"]["benchmark"] = {"terms": day.common_terms(terms)}
    return Rulebook.from_bytes(json.dumps(source).encode())


def engine(terms: int, arguments: argparse.Namespace) -> dict[str, Any]:
    """The whole engine with a list of so many terms."""
    if not terms:
        print(f"\nthe whole engine, {arguments.calls:,} calls, {arguments.processes} processes, M chars/s")
        print(f"{'rules':<24}{'wall clock':>24}{'per CPU second':>24}{'flags a call':>14}{'peak MB':>9}")
    rounds = 1 if arguments.calls > 20_000 else arguments.rounds
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_warmed, [terms] * arguments.processes))
        results = [
            list(pool.map(_share, [(n, terms, arguments) for n in range(arguments.processes)]))
            for _ in range(rounds)
        ]
    row = _summed(terms, results)
    name = f"{row['rules']} rules" + (f", {terms:,} terms" if terms else "")
    wall, cpu = Rate(**row["wall"]), Rate(**row["cpu"])
    print(f"{name:<24}{wall!s:>24}{cpu!s:>24}{row['flags_a_call']:>14.2f}{row['peak_mb']:>9.0f}")
    return row


def _summed(terms: int, results: Sequence[Sequence[dict[str, float]]]) -> dict[str, Any]:
    wall = [sum(r["characters"] / r["wall"] for r in shares) / 1e6 for shares in results]
    cpu = [r["characters"] / r["cpu"] / 1e6 for shares in results for r in shares]
    last = results[-1]
    return {
        "terms": terms,
        "rules": int(last[0]["rules"]),
        "characters": sum(r["characters"] for r in last),
        "calls": sum(r["calls"] for r in last),
        "wall": asdict(Rate.of(wall)),
        "cpu": asdict(Rate.of(cpu)),
        "flags_a_call": sum(r["flags"] for r in last) / sum(r["calls"] for r in last),
        "peak_mb": sum(r["peak_mb"] for r in last),
    }


_BOOKS: dict[int, Rulebook] = {}


def _warmed(terms: int) -> None:
    _BOOKS[terms] = rulebook_with(terms)
    for _ in inspect_calls(((t, {}) for t in day.day(200, seed=9)), _BOOKS[terms]):
        pass


def _share(job: tuple[int, int, argparse.Namespace]) -> dict[str, float]:
    """One process's share of the day: every second call, in batches."""
    number, terms, arguments = job
    book = _BOOKS.get(terms) or rulebook_with(terms)
    total = {"characters": 0.0, "calls": 0.0, "flags": 0.0, "wall": 0.0, "cpu": 0.0}
    calls = day.day(arguments.calls, first=number, step=arguments.processes)
    while batch := [t for t, _ in zip(calls, range(BATCH), strict=False)]:
        total["characters"] += sum(len(u.text) for t in batch for u in t.utterances)
        total["calls"] += len(batch)
        wall, cpu = time.perf_counter(), time.process_time()
        total["flags"] += sum(len(found.flags) for found in inspect_calls([(t, {}) for t in batch], book))
        total["wall"] += time.perf_counter() - wall
        total["cpu"] += time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**total, "rules": len(book.rules), "peak_mb": peak}


def by_length(rounds: int) -> list[dict[str, Any]]:
    """Cost against length: calls run together into ever longer ones."""
    book = rulebook_with(1_000)
    made = list(day.day(32, seed=3))
    _cost(made, book)
    print(f"\n{'characters in a call':<24}{'microseconds a character':>26}")
    rows = []
    for many in (1, 2, 4, 8, 16, 32):
        calls = [joined(made[i : i + many]) for i in range(0, len(made), many)]
        characters = sum(len(u.text) for t in calls for u in t.utterances)
        costs = [_cost(calls, book) / characters * 1e6 for _ in range(rounds)]
        rows.append({"characters": characters / len(calls), "microseconds": min(costs)})
        print(f"{characters / len(calls):<24,.0f}{min(costs):>26.2f}")
    return rows


def _cost(calls: Iterable[Any], book: Rulebook) -> float:
    began = time.process_time()
    for _ in inspect_calls([(transcript, {}) for transcript in calls], book):
        pass
    return time.process_time() - began


def joined(calls: Sequence[Any]) -> Any:
    """One call in which these follow each other."""
    from dataclasses import replace

    from callqa.transcribe.measures import measure

    utterances: list[Any] = []
    clock = 0.0
    for call in calls:
        for u in call.utterances:
            words = tuple(replace(w, start=w.start + clock, end=w.end + clock) for w in u.words)
            moved = replace(u, index=len(utterances), start=u.start + clock, end=u.end + clock, words=words)
            utterances.append(moved)
        clock += call.duration
    return replace(
        calls[0], duration=clock, utterances=tuple(utterances), measures=measure(utterances, clock)
    )


if __name__ == "__main__":
    main()
