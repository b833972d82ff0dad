"""The batch under load and under fire, with a simulated recogniser and everything else real.

    python benchmarks/worker.py throughput [--calls 20000]     calls a second, memory
    python benchmarks/worker.py queue [--calls 200000]         queueing, claiming, status
    python benchmarks/worker.py chaos [--calls 500 --kills 200] [--postgresql]
    python benchmarks/worker.py damaged [--good 200 --damaged 1000]
    python benchmarks/worker.py move [--calls 100000]          SQLite → PostgreSQL, compared

Each prints one JSON object; exit code 1 when something was lost, doubled or different.
"""

import argparse
import importlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
RATE = 8000
BASE = 1000
COPIED = frozenset(
    ("recording", "file", "utterance", "content", "waveform", "flag", "inspection", "rule_result")
)
SUFFIXES = (".wav", ".mp3", ".ogg", ".flac", ".amr", ".m4a", ".wma")


def make_calls(folder: Path, count: int, seconds: float = 6.0) -> None:
    """``count`` different two-channel recordings of that length, 16 bit at 8 kHz."""
    chance = np.random.default_rng(7)
    frames = int(seconds * RATE)
    bodies = [(chance.normal(0, 2000, (frames, 2))).astype("<i2") for _ in range(8)]
    for n in range(count):
        file = folder / f"{n // 1000:03}" / f"call-{n:06}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        body = bodies[n % len(bodies)]
        body[:4, :] = np.frombuffer(n.to_bytes(16, "little"), "<i2").reshape(4, 2)
        with wave.open(str(file), "wb") as out:
            out.setparams((2, 2, RATE, 0, "NONE", ""))
            out.writeframes(body.tobytes())


def settings_of(home: Path, **more: Any) -> Any:
    from callqa.settings import Settings

    return Settings(home=home, **more)


def run_batch(home: Path, calls: Path, workers: int, **more: Any) -> Any:
    from callqa.ingest.metadata import Metadata
    from callqa.store import open_store
    from callqa.worker.run import Options, run

    settings = settings_of(home, **more)
    store = open_store(settings.resolved_database_url)
    options = Options(workers=workers, quiet=True, recogniser="simulated:quick")
    summary = run(store, settings, [calls], Metadata.load(), options)
    store.close()
    return summary


def throughput(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    make_calls(folder / "calls", options.calls)
    watched = _Memory(os.getpid())
    with watched:
        begun = time.monotonic()
        summary = run_batch(folder / "home", folder / "calls", options.workers)
        wall = time.monotonic() - begun
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(u.ru_utime + u.ru_stime for u in used)
    return {
        "calls": options.calls,
        "statuses": dict(summary.statuses),
        "calls_per_s": round(options.calls / wall, 1),
        "wall_s": round(wall, 1),
        "cpu_s": round(cpu, 1),
        "calls_per_cpu_s": round(options.calls / cpu, 1),
        "database_mb": round((folder / "home" / "callqa.db").stat().st_size / 1e6),
        "stages_s": {name: stage.seconds for name, stage in summary.stages.items()},
        "memory_mb": watched.summary(),
        "good": summary.statuses == {"inspected": options.calls},
    }


class _Memory:
    """Watches the largest resident size of each kind of process below one; decoders and workers apart."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._seen: list[tuple[float, dict[str, int]]] = []

    def __enter__(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        begun = time.monotonic()
        while not self._over.wait(2.0):
            sizes: dict[str, int] = {}
            for pid in [self._pid, *descendants(self._pid)]:
                kind = _kind(pid) if pid != self._pid else "supervisor"
                sizes[kind] = max(sizes.get(kind, 0), _resident_mb(pid))
            self._seen.append((time.monotonic() - begun, sizes))

    def summary(self) -> dict[str, Any]:
        """The largest size in each quarter of the time, so that growth shows."""
        if not self._seen:
            return {}
        end = self._seen[-1][0]
        found: dict[str, list[int]] = {}
        for kind in ("supervisor", "worker", "decoder"):
            quarters = [
                [s.get(kind, 0) for t, s in self._seen if q * end / 4 <= t <= (q + 1) * end / 4]
                for q in range(4)
            ]
            found[kind] = [max(quarter, default=0) for quarter in quarters]
        return found


def descendants(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def _kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "gone"
    if b"callqa.ingest.decoder" in command:
        return "decoder"
    return "worker" if b"spawn_main" in command else "other"


def _resident_mb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def queue(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from callqa.store import NewFile, add_recordings, open_store, queue
    from callqa.worker.status import current_status

    with databases(options, folder) as url:
        store = open_store(url)
        begun, cpu = time.monotonic(), time.process_time()
        for start in range(0, options.calls, 100):
            many = range(start, min(start + 100, options.calls))
            files = [
                NewFile(Path(f"/r/{n}.wav"), f"{n}.wav", f"{n:064x}", 800_000, n, {"agent": str(n % 300)})
                for n in many
            ]
            add_recordings(store, files)
        put, put_cpu = time.monotonic() - begun, time.process_time() - cpu
        took = [_seconds(lambda: current_status(store))]
        claims = _claim_rates(store, queue, options.calls // 5)
        took.append(_seconds(lambda: current_status(store)))
        good = put < 300 and max(took) < 1.0 and max(claims) < 2 * claims[0]
        store.close()
    return {
        "calls": options.calls,
        "queued_s": round(put, 1),
        "queued_cpu_s": round(put_cpu, 1),
        "claims_ms": claims,
        "status_s": [round(seconds, 3) for seconds in took],
        "good": good,
    }


def _seconds(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _claim_rates(store: Any, queue: Any, fifth: int) -> list[float]:
    """Processor milliseconds of two claims, a release and an end: 400 times at the start of each fifth."""
    found = []
    for _ in range(5):
        begun = time.process_time()
        for _ in range(400):
            claimed = queue.claim(store, "w", host="h")
            queue.release(store, "w", [claimed[0].id])
            claimed = queue.claim(store, "w", host="h")
            with store.write() as connection:
                connection.exec_driver_sql(
                    f"UPDATE recording SET status = 'inspected', worker = NULL WHERE id = {claimed[0].id}"
                )
        found.append(round((time.process_time() - begun) / 400 * 1000, 2))
        rest = "SELECT id FROM recording WHERE status = 'queued' ORDER BY id LIMIT"
        with store.write() as connection:  # on to the next fifth
            connection.exec_driver_sql(
                f"UPDATE recording SET status = 'inspected' WHERE id IN ({rest} {max(0, fifth - 400)})"
            )
    return found


def chaos(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Random kills of supervisors, workers and decoders; then compared with an undisturbed run."""
    make_calls(folder / "calls", options.calls, seconds=3.0)
    run_batch(folder / "quiet", folder / "calls", 2)
    with databases(options, folder) as url:
        hosts = ["one", "two"] if options.postgresql else ["one"]
        killed = _bombard(folder, url, hosts, options)
        found = compare_runs(folder / "quiet", url)
    return {"calls": options.calls, "kills": dict(killed), **found}


def _bombard(folder: Path, url: str, hosts: list[str], options: argparse.Namespace) -> Counter[str]:
    from callqa.store import open_counts, open_store, status_counts

    chance, killed = random.Random(options.seed), Counter[str]()
    store = open_store(url)
    running = {host: _start(folder, url, host) for host in hosts}
    dead_for_good = ""
    end = time.monotonic() + options.limit
    done = 0
    while time.monotonic() < end:
        # At any moment, but so that the work goes on: after up to four more results, or a while.
        wanted, patience = done + chance.randrange(5), time.monotonic() + 20
        time.sleep(chance.uniform(0.1, 1.0))
        while status_counts(store)["inspected"] < wanted and time.monotonic() < patience:
            time.sleep(0.05)
        for host, process in running.items():
            if process.poll() is not None and host != dead_for_good:
                running[host] = _start(folder, url, host)
        done = status_counts(store)["inspected"]
        if done == options.calls and open_counts(store) == (0, 0):
            break
        if len(hosts) > 1 and not dead_for_good and done > options.calls / 3:
            dead_for_good = hosts[-1]
            _kill_all(running[dead_for_good])
            killed["host for good"] += 1
            continue
        if sum(killed.values()) >= options.kills:
            continue
        alive = [h for h in hosts if h != dead_for_good]
        kind = _kill_one(running[chance.choice(alive)], chance)
        killed[kind] += bool(kind)
    for process in running.values():
        _kill_all(process)
    store.close()
    killed.pop("", None)
    return killed


def _start(folder: Path, url: str, host: str) -> subprocess.Popen[bytes]:
    """A host: processes in a pid namespace of their own where the system allows it, so that none can look
    at the others' processes."""
    code = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
if __name__ == "__main__":
    from pathlib import Path
    from callqa.ingest.metadata import Metadata
    from callqa.settings import Settings
    from callqa.store import open_store
    from callqa.worker.run import Options, run
    settings = Settings(home=Path({str(folder / host)!r}), database_url={url!r}, host_name={host!r},
                        lease_seconds=6, retry_seconds=1)
    store = open_store(settings.resolved_database_url)
    options = Options(workers=2, quiet=True, recogniser="simulated:slow")
    run(store, settings, [Path({str(folder / "calls")!r})], Metadata.load(), options)
"""
    script = folder / f"host-{host}.py"
    script.write_text(code)
    apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] if _may_unshare() else []
    null = subprocess.DEVNULL
    return subprocess.Popen([*apart, sys.executable, str(script)], stdout=null, stderr=null)


def _may_unshare() -> bool:
    try:
        done = subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc", "true"], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def _kill_one(process: subprocess.Popen[bytes], chance: random.Random) -> str:
    below = descendants(process.pid)
    by_kind: dict[str, list[int]] = {}
    for pid in below:
        by_kind.setdefault(_kind(pid), []).append(pid)
    wanted = chance.choices(["worker", "decoder", "supervisor"], [6, 3, 1])[0]
    if wanted == "supervisor":
        _kill_all(process)
        return wanted
    candidates = by_kind.get(wanted, [])
    if not candidates:
        return ""
    try:
        os.kill(chance.choice(candidates), signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return wanted


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    """As when the power fails: everything of the host at once."""
    for pid in [*descendants(process.pid), process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def compare_runs(quiet_home: Path, url: str) -> dict[str, Any]:
    """Every call of both databases, row by row; and whether each was inspected exactly once."""
    from callqa.store import open_store

    quiet = open_store(settings_of(quiet_home).resolved_database_url)
    other = open_store(url)
    expected, found = dict(_records(quiet)), dict(_records(other))
    different = [sha for sha, record in expected.items() if found.get(sha) != record]
    often = _inspections(other)
    quarantined = sum(r["recording"]["status"] == "quarantined" for r in found.values())
    result = {
        "lost": len(expected.keys() - found.keys()),
        "different": len(different),
        "quarantined": quarantined,
        "inspected_more_than_once": sum(count != 1 for count in often.values()),
        "inspected": sum(r["recording"]["status"] == "inspected" for r in found.values()),
        "attempts": _attempts(other),
    }
    quiet.close()
    other.close()
    result["good"] = not (result["lost"] or result["different"] or result["inspected_more_than_once"])
    return result


def _records(store: Any) -> Iterator[tuple[str, Any]]:
    from callqa.store import iter_calls
    from callqa.store.records import call_record

    for call in iter_calls(store):
        yield call.row.sha256, json.loads(json.dumps(call_record(call)))


def _inspections(store: Any) -> Counter[int]:
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT recording_id, count(*) FROM inspection GROUP BY recording_id"
        )
        return Counter(dict(rows.all()))


def _attempts(store: Any) -> dict[str, int]:
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT outcome, count(*) FROM attempt GROUP BY outcome")
        return dict(rows.all())


def damaged(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Good recordings among cut, overwritten and foreign ones."""
    make_calls(folder / "calls" / "good", options.good, seconds=3.0)
    make_damaged(folder / "calls" / "bad", options.damaged, folder / "calls" / "good")
    begun = time.monotonic()
    summary = run_batch(folder / "home", folder / "calls", 2, decode_seconds=20, retry_seconds=1)
    wall = time.monotonic() - begun
    kinds = Counter(p.kind for p in summary.problems)
    without_reason = [p.name for p in summary.problems if not (p.reason and p.remedy)]
    good_done = _inspected(folder / "home", "good")
    heard, silent = (
        _inspected(folder / "home", "bad", also) for also in ("", "AND coalesce(warnings, 'null') = 'null'")
    )
    return {
        "good_files": options.good,
        "damaged_files": options.damaged,
        "good_inspected": good_done,
        "statuses": dict(summary.statuses),
        "kinds": dict(kinds),
        "damaged_but_heard": heard,
        "of_them_without_warning": silent,
        "without_reason": without_reason,
        "unaccounted": summary.unaccounted,
        "wall_s": round(wall, 1),
        "good": good_done == options.good
        and not without_reason
        and not silent
        and len(summary.problems) + heard == options.damaged
        and summary.is_complete
        and not summary.unaccounted,
    }


def _inspected(home: Path, folder: str, also: str = "") -> int:
    """How many recordings of that folder have a result."""
    from callqa.store import open_store

    store = open_store(settings_of(home).resolved_database_url)
    query = f"SELECT count(*) FROM recording WHERE status = 'inspected' AND path LIKE ? {also}"
    with store.read() as connection:
        count = int(connection.exec_driver_sql(query, (f"%/{folder}/%",)).scalar_one())
    store.close()
    return count


def make_damaged(folder: Path, count: int, good: Path) -> None:
    """Files that are no recording any more; of some the decoder still makes a noise, with a warning."""
    folder.mkdir(parents=True)
    chance = random.Random(3)
    samples = [f.read_bytes() for f in sorted(good.rglob("*.wav"))[:20]]
    for n in range(count):
        data = bytearray(chance.choice(samples))
        match n % 8:
            case 0:  # cut inside the header
                data = data[: chance.randrange(1, 44)]
            case 1:  # header overwritten
                data[:44] = chance.randbytes(44)
            case 2:
                data = bytearray(chance.randbytes(chance.randrange(1, 20_000)))
            case 3:
                data = bytearray(b"\0" * chance.randrange(1, 5000))
            case 4:
                data = bytearray(f"<html>{n}</html>".encode())
            case 5:  # another container's mark before noise
                mark = chance.choice([b"OggS", b"fLaC", b"ID3\x04", b"#!AMR\n", b"\x1aE\xdf\xa3", b"RIFF"])
                data = bytearray(mark + chance.randbytes(4000))
            case 6:  # a header without a single sample
                data = data[:44]
            case _:  # a codec that does not exist
                data[20:22] = chance.randrange(0x7B00, 0x7BFF).to_bytes(2, "little")
        suffix = chance.choice(SUFFIXES) if n % 8 in (2, 3) else ".wav"
        (folder / f"bad-{n:05}{suffix}").write_bytes(data)


def move(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from callqa.store import open_store
    from callqa.store.move import compare
    from callqa.store.move import move as move_store

    source = open_store(f"sqlite:///{folder / 'callqa.db'}")
    fill(source, options.calls)
    options.postgresql = True
    with databases(options, folder) as url:
        target = open_store(url)
        begun, cpu = time.monotonic(), time.process_time()
        counts = move_store(source, target)
        moved, moved_cpu = time.monotonic() - begun, time.process_time() - cpu
        begun = time.monotonic()
        found = compare(source, target)
        compared = time.monotonic() - begun
        target.close()
    return {
        "calls": options.calls,
        "rows": sum(counts.values()),
        "move_s": round(moved, 1),
        "move_cpu_s": round(moved_cpu, 1),
        "compare_s": round(compared, 1),
        "different": [c.table for c in found if not c.is_equal],
        "good": all(c.is_equal for c in found),
    }


def fill(store: Any, calls: int) -> None:
    """``calls`` inspected calls of 20 utterances each."""
    from callqa.inspect.engine import inspect_call
    from callqa.inspect.rulebook import shipped_rulebook
    from callqa.store import AudioFacts, NewFile, Peaks, Result, add_recordings
    from callqa.store.results import write_result

    rulebook = shipped_rulebook()
    recogniser = importlib.import_module("simulated").quick(None)
    made = []
    for n in range(20):
        samples = np.full((2, 16000 * 60), n, np.float32)
        (transcript,) = recogniser.transcribe_many([samples], 16000)
        inspection = inspect_call(transcript, rulebook, {})
        texts = tuple(u.text for u in transcript.utterances)
        facts = AudioFacts("wav", "pcm_s16le", 8000, 2, 60.0)
        made.append(Result(facts, transcript, inspection, texts, Peaks(50, b"p" * 500), {"decode": 0.1}))
    base = min(calls, BASE)
    files = [
        NewFile(Path(f"/r/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, {"agent": str(n % 300)})
        for n in range(base)
    ]
    add_recordings(store, files)
    with store.write() as connection:
        for n in range(base):
            write_result(connection, n + 1, made[n % len(made)])
    for start in range(base, calls, base):
        with store.write() as connection:
            _multiply(connection, start, base)


def _multiply(connection: Any, start: int, base: int) -> None:
    """The first ``base`` calls once more, with other numbers, names and hashes."""
    from sqlalchemy import Computed, String, cast, func, insert, literal_column, select

    from callqa.store.tables import Table

    for table in Table.metadata.sorted_tables:
        key = next((n for n in ("recording_id", "id") if n in table.c), None)
        if table.name not in COPIED or key is None:
            continue
        columns = [c for c in table.columns if not isinstance(c.computed, Computed)]
        changed = {key: table.c[key] + start}
        if "id" in table.c and key != "id":
            columns.remove(table.c.id)
        if "sha256" in table.c:
            changed["sha256"] = func.printf("%064x", table.c.id - 1 + start)
        if table.name == "file":
            changed["path"] = literal_column("'/r/'") + cast(table.c.recording_id + start, String)
        values = [changed.get(c.name, c) for c in columns]
        chosen = select(*values).where(table.c[key] <= base)
        connection.execute(insert(table).from_select([c.name for c in columns], chosen))


@contextmanager
def databases(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The URL of an empty database of the kind that was asked for."""
    if not options.postgresql:
        yield f"sqlite:///{folder / 'under-test.db'}"
        return
    with importlib.import_module("servers").postgresql() as url:
        yield url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["throughput", "queue", "chaos", "damaged", "move"])
    parser.add_argument("--calls", type=int)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--good", type=int, default=200)
    parser.add_argument("--damaged", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=1800, help="seconds a chaos run may take")
    parser.add_argument("--postgresql", action="store_true", help="chaos: two hosts on a PostgreSQL server")
    options = parser.parse_args()
    usual = {"throughput": 20_000, "queue": 200_000, "chaos": 500, "move": 100_000}
    options.calls = options.calls or usual.get(options.what, 0)
    with tempfile.TemporaryDirectory(prefix="callqa-bench-") as folder:
        found = globals()[options.what](options, Path(folder))
    print(json.dumps({"bench": options.what, **found}, ensure_ascii=False))
    sys.exit(0 if found["good"] else 1)


if __name__ == "__main__":
    main()
