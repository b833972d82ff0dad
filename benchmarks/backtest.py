"""Backtests over a made-up day of calls: how long they take, what they need.

    python benchmarks/backtest.py                            # 20,000 calls, made where there are none
    python benchmarks/backtest.py --calls 200000 --home DIR --json figures.json

The store holds what a real one does (recordings, utterances, measures, the flags of the changed rules), less
two things that a backtest of these rules does not read: word times, and waveforms. 20,000 calls are different
ones; beyond, they are copies, from which the index, made of 4,096 calls at a time, cannot gain. Each backtest
runs in a new process, so that its time counts starting Python, reading the rulebook and opening the index;
"cold" also has the operating system forget the index and the database first. CPU seconds count all processes.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import text as sql

from callqa.benchmarks import day as made_up
from callqa.inspect.rulebook import Rulebook, read_rulebook
from callqa.rulebooks.backtest import backtest
from callqa.rulebooks.candidates import CandidateIndex
from callqa.rulebooks.compare import Pair, slim_transcript
from callqa.rulebooks.current import keep
from callqa.rulebooks.needs import plan
from callqa.rulebooks.texts import SHIPPED, read_folder, to_yaml
from callqa.settings import Settings
from callqa.store import Store, open_store
from callqa.store.calls import CallFilter
from callqa.store.packing import pack_results, pack_transcript
from callqa.store.recordings import recording
from callqa.store.results import LEVELS, content, flag, inspection_table, metrics_of, utterance
from callqa.store.tables import now
from callqa.transcribe.measures import measure
from callqa.transcribe.types import Transcript, Utterance

DAY = date(2026, 11, 20)
TEAMS, BUSINESSES = [f"{n}组" for n in range(1, 13)], ["电商", "银行", "电信", "物流"]
CHUNK = 200
DIFFERENT = 20_000
"""So many calls are made; more are copies of them."""
TEN = (
    "黑猫投诉",
    "银保监会",
    "营业执照",
    "加急处理",
    "二次销售",
    "消费者协会",
    "不可抗力",
    "霸王条款",
    "退一赔三",
    "集体投诉",
)
FILES = read_folder(SHIPPED)


def rule(name: str, terms: Sequence[str], **finder: Any) -> str:
    detection = {"phrase": {"terms": list(terms), **finder}, "condition": "phrase"}
    about = {"title": name, "name": name, "version": 1, "status": "test", "level": "low"}
    return to_yaml({**about, "scope": {"speaker": "customer"}, "detection": detection})


BASE = {**FILES, "bench/ten.yaml": rule("ten", TEN)}


def _windowed(text: str) -> str:
    return text.replace("scope: {speaker: customer}", "scope: {speaker: customer, window: {last: 50 %}}", 1)


CHANGES: dict[str, Callable[[], dict[str, str]]] = {
    "two of ten terms changed": lambda: {"bench/ten.yaml": rule("ten", (*TEN[:8], "退一赔十", "集体维权"))},
    "a term by sound added": lambda: {"bench/ten.yaml": rule("ten", (*TEN, "银保局"), match="pinyin")},
    "an expression added to a shipped rule": lambda: {
        "customer/complaint_threat.yaml": FILES["customer/complaint_threat.yaml"].replace(
            "    regex:\n", "    regex:\n      - '(?:发|挂)到.{0,4}黑猫'\n", 1
        )
    },
    "a shipped rule only in the second half": lambda: {
        "customer/complaint_threat.yaml": _windowed(FILES["customer/complaint_threat.yaml"])
    },
    "a new list of 1,000 terms": lambda: {"bench/many.yaml": rule("many", made_up.common_terms(1000))},
}


def make_call(number: int) -> tuple[dict[str, Any], list[dict[str, Any]], bytes]:
    """The rows of call ``number``: recording, utterances, and the packed rest."""
    utterances, clock = [], 0.5
    for index, (role, text) in enumerate(made_up.texts(number)):
        end = clock + 0.2 * max(1, len(text))
        utterances.append(Utterance(index, round(clock, 2), round(end, 2), role.value, role, text, 0.9))
        clock = end + 0.4
    measures = measure(utterances, clock)
    transcript = Transcript(clock, 2, "zh", tuple(utterances), measures, {"asr": "made up"})
    identity = number + 1
    begun = datetime.combine(DAY, datetime.min.time()) + timedelta(seconds=8 * 3600 + number % 36000)
    call_data = {"team": TEAMS[number % 12], "business": BUSINESSES[number % 4], "agent": f"{number % 300}"}
    row = {
        "id": identity,
        "sha256": hashlib.sha256(f"{number}".encode()).hexdigest(),
        "name": f"{number:06}.wav",
        "path": f"/calls/{number:06}.wav",
        "size_bytes": 1_000_000,
        "seconds": clock,
        "status": "inspected",
        "attempts": 1,
        "added_at": now(),
        "queued_at": now(),
        "finished_at": now(),
        "started_at": begun,
        "day": DAY,
        "call_data": call_data,
        **call_data,
        "language": "zh",
        "score": 100,
        "flag_count": 0,
        "open_count": 0,
        "doubtful_count": 0,
        "metrics": metrics_of(measures),
        "models": {"asr": "made up"},
    }
    return row, [_line(identity, u) for u in utterances], pack_transcript(transcript)


def _line(identity: int, u: Utterance) -> dict[str, Any]:
    who = {"speaker": u.speaker, "role": u.role.value, "text": u.text, "confidence": u.confidence}
    about = {"redacted_text": None, "doubts": None, "channel": u.index % 2}
    return {"recording_id": identity, "position": u.index, "start": u.start, "end": u.end, **who, **about}


def make_calls(numbers: range) -> list[tuple[dict[str, Any], list[dict[str, Any]], bytes]]:
    return [make_call(number) for number in numbers]


def make_store(store: Store, calls: int, rulebook: Rulebook) -> float:
    """Fill the store; gives the seconds it took."""
    begun = time.perf_counter()
    chunks = [range(k, min(calls, k + CHUNK)) for k in range(0, calls, CHUNK)]
    with Pool() as pool:
        for done, made in enumerate(pool.imap(make_calls, chunks), 1):
            with store.write() as connection:
                rows = [row | {"rulebook": rulebook.hash} for row, _, _ in made]
                connection.execute(recording.insert(), rows)
                connection.execute(utterance.insert(), [line for _, lines, _ in made for line in lines])
                history = {
                    "rulebook": rulebook.hash,
                    "score": 100,
                    "flag_count": 0,
                    "results": pack_results([]),
                }
                inspected = [{"recording_id": r["id"], "inspected_at": now(), **history} for r, _, _ in made]
                connection.execute(inspection_table.insert(), inspected)
                packed = [{"recording_id": r["id"], "packed": p} for r, _, p in made]
                connection.execute(content.insert(), packed)
            if done % 50 == 0:
                print(f"  {done * CHUNK} calls made", file=sys.stderr, flush=True)
    return time.perf_counter() - begun


def make_flags(store: Store, index: CandidateIndex, rulebook: Rulebook, names: Sequence[str]) -> int:
    """The flags that the rules had raised when the calls were inspected."""
    rows: list[dict[str, Any]] = []
    for name in names:
        pair = Pair(name, rulebook.only(name), _NOTHING)
        assert pair.before is not None
        numbers = [n for n in index.candidates(plan(pair.before, None).hits) if n <= DIFFERENT]
        chunks = [(pair, index, numbers[k : k + CHUNK]) for k in range(0, len(numbers), CHUNK)]
        global _chunks
        _chunks = chunks
        with multiprocessing.get_context("fork").Pool() as pool:
            for made in pool.imap(_flags_of, range(len(chunks))):
                rows += [row | {"position": (len(rows) + k) % 30000} for k, row in enumerate(made)]
    with store.write() as connection:
        for k in range(0, len(rows), 5000):
            connection.execute(flag.insert(), rows[k : k + 5000])
    return len(rows)


_NOTHING = Rulebook((), {"format": 1, "rules": {}, "lists": {}})
_chunks: list[tuple[Pair, CandidateIndex, list[int]]] = []
"""Taken over by the processes that are forked."""


def _flags_of(chunk: int) -> list[dict[str, Any]]:
    pair, index, numbers = _chunks[chunk]
    found = ((c.recording_id, pair.flags(slim_transcript(c), {})[0]) for c in index.calls(numbers))
    return [_flag(number, f) for number, flags in found for f in flags]


def _flag(number: int, f: Any) -> dict[str, Any]:
    names = ("rule", "rule_version", "start", "end", "role", "utterance", "quote", "points", "match", "why")
    values = {name: getattr(f, name) for name in names}
    severity = LEVELS.index(f.severity)
    return {"recording_id": number, "severity": severity, **values, "doubtful": False}


def repeat(store: Store, table: SqlTable, copies: int, **changed: str) -> None:
    """Add ``copies`` of the rows of a table, their recordings numbered on; ``changed`` are SQL of ``:k``."""
    own = (c for c in table.columns if c.computed is None)
    names = [c.name for c in own if c.name != "id" or "id" in changed]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    one = "id" if table.name == "recording" else "recording_id"
    query = (
        f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM {table.name} WHERE {one} <= {DIFFERENT}"
    )
    for k in range(1, copies + 1):
        with store.write() as connection:
            connection.execute(sql(query), {"k": k})


_MOVED = f"recording_id + :k * {DIFFERENT}"


def _copies(calls: int) -> int:
    return (calls - 1) // DIFFERENT


def _copied(store: Store, calls: int) -> None:
    changed = {"id": f"id + :k * {DIFFERENT}", "sha256": "sha256 || '-' || :k"}
    repeat(store, recording, _copies(calls), **changed)
    for table in (utterance, content, inspection_table):
        repeat(store, table, _copies(calls), recording_id=_MOVED)


def run_one(settings: Settings, name: str) -> None:
    """One backtest, in this process; prints its figures as JSON."""
    store = open_store(settings.resolved_database_url)
    before, after = read_rulebook(BASE), read_rulebook({**BASE, **CHANGES[name]()})
    told = backtest(store, settings, before, after, CallFilter())
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    counts = told.counts
    print(
        json.dumps(
            {
                "calls": told.calls,
                "examined": told.examined,
                "seconds_inside": told.seconds,
                "cpu_seconds": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
                "memory_mb": (own.ru_maxrss + children.ru_maxrss * (os.cpu_count() or 1)) / 1024,
                "flags_gained": counts.flags_gained,
                "flags_lost": counts.flags_lost,
                "flags_kept": counts.flags_kept,
            }
        )
    )


def measured(home: Path, name: str, cold: bool) -> dict[str, Any]:
    if cold:
        _forget(home)
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--home", str(home), "--one", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"backtest": name, "cold": cold, "seconds": time.perf_counter() - begun, **json.loads(done.stdout)}


def _forget(home: Path) -> None:
    """Have the operating system drop what it keeps of the files in memory."""
    os.sync()
    for file in home.rglob("*"):
        if file.is_file():
            with file.open("rb") as opened:
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def prepared(settings: Settings, calls: int) -> dict[str, Any]:
    """The store and its index, made where they are not there yet."""
    store, base = open_store(settings.resolved_database_url), read_rulebook(BASE)
    keep(store, base)
    with store.read() as connection:
        there = connection.exec_driver_sql("SELECT count(*) FROM recording").scalar_one()
    told: dict[str, Any] = {}
    if there == 0:
        print(f"making {calls} calls", file=sys.stderr, flush=True)
        begun = time.perf_counter()
        make_store(store, min(calls, DIFFERENT), base)
        _copied(store, calls)
        told["make_store_seconds"] = time.perf_counter() - begun
    index = CandidateIndex.of(store, settings)
    begun, cpu = time.perf_counter(), time.process_time()
    synced = index.sync(lambda: print(".", end="", file=sys.stderr, flush=True))
    told |= {"index_files": synced.files, "index_made": synced.made}
    told |= {"index_seconds": time.perf_counter() - begun, "index_cpu_seconds": time.process_time() - cpu}
    told["index_mb"] = sum(f.stat().st_size for f in index.folder.iterdir()) / 1e6
    if there == 0:
        told["stored_flags"] = make_flags(store, index, base, ("bench.ten", "customer.complaint_threat"))
        repeat(store, flag, _copies(calls), recording_id=_MOVED)
    store.close()
    return told


def runs(home: Path) -> Iterator[dict[str, Any]]:
    for name in CHANGES:
        for cold in (True, False):
            yield measured(home, name, cold)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--home", type=Path, default=Path("benchmark-backtest"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    settings = Settings(home=arguments.home)
    if arguments.one:
        run_one(settings, arguments.one)
        return
    told = prepared(settings, arguments.calls)
    print(", ".join(f"{name} {value:,.0f}" for name, value in told.items()))
    print(f"{'backtest':<40}{'':>5}{'wall s':>8}{'CPU s':>8}{'MB':>7}{'read':>8}{'+':>8}{'-':>8}{'=':>8}")
    rows = []
    for row in runs(arguments.home):
        rows.append(row)
        figures = (row["flags_gained"], row["flags_lost"], row["flags_kept"])
        print(
            f"{row['backtest']:<40}{'cold' if row['cold'] else 'warm':>5}{row['seconds']:>8.1f}"
            f"{row['cpu_seconds']:>8.1f}{row['memory_mb']:>7.0f}{row['examined']:>8}"
            + "".join(f"{figure:>8}" for figure in figures)
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"prepared": told, "backtests": rows}, indent=2))


if __name__ == "__main__":
    main()
