"""The queue in callqa's rows against DBOS Transact, by the same tests on the same database.

    python benchmarks/queue_engines.py [--url postgresql://…] [--tasks 2000] [--backlog 200000] [--kills 20]

Each task's effect is one row in a table without any key, so that a task done twice shows as two rows and a
lost one as none. Both engines commit that row in one transaction with their own mark that the task is done.
Measured: putting tasks into the queue, empty tasks a second before and behind a backlog, ``kill -9`` of
random workers, a machine that never comes back, a task that kills its worker, and memory.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

EFFECT = "CREATE TABLE effect (task TEXT NOT NULL, worker TEXT NOT NULL, at DOUBLE PRECISION NOT NULL)"
ADD_EFFECT = sa.text("INSERT INTO effect (task, worker, at) VALUES (:task, :worker, :at)")
TESTS = ("speed", "kills", "dead_host", "poison")
PER_WORKER = 4
"""Tasks a worker has in hand at once, in both engines."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Case:
    """What a worker process is told."""

    url: str
    worker: str
    seconds: float = 0.0
    """How long each task takes."""
    poison: str = ""
    """A task that kills its worker."""


def do_task(case: Case, task: str) -> dict[str, Any]:
    """The task itself; what it returns is the row of its effect."""
    if task == case.poison:
        os.kill(os.getpid(), signal.SIGKILL)
    if case.seconds:
        time.sleep(case.seconds)
    return {"task": task, "worker": case.worker, "at": time.time()}


class Rows:
    """callqa's own: a recording's row is the task, and its claim a lease."""

    name = "rows"

    def __init__(self, url: str) -> None:
        from callqa.store import open_store

        self.store = open_store(url)
        self.engine = self.store.engine

    def put(self, count: int) -> None:
        from callqa.store import NewFile, add_recordings

        files = [NewFile(Path(f"/r/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, {}) for n in range(count)]
        add_recordings(self.store, files)

    def waiting(self) -> int:
        from callqa.store import open_counts

        return sum(open_counts(self.store))

    @staticmethod
    def work(case: Case) -> None:
        from concurrent.futures import ThreadPoolExecutor

        from callqa.store import open_store
        from callqa.worker.queue import StoreQueue

        store = open_store(case.url)
        queue = StoreQueue(store)
        asking = threading.Lock()
        held: set[int] = set()

        def finish(claimed: Any) -> None:
            row = do_task(case, claimed.name)
            with store.write() as connection:
                done = sa.text(
                    "UPDATE recording SET status = 'inspected', worker = NULL"
                    " WHERE id = :id AND worker = :worker AND status = 'running'"
                )
                if connection.execute(done, {"id": claimed.id, "worker": case.worker}).rowcount:
                    connection.execute(ADD_EFFECT, row)
            held.discard(claimed.id)

        def one(_: int) -> None:
            while True:
                with asking:
                    claimed = queue.claim(case.worker, first_try_only=bool(held))
                    if claimed is not None:
                        held.add(claimed.id)
                    if claimed is not None and claimed.attempts > 1:
                        finish(claimed)  # while nobody else may ask: alone, as the real worker does
                        continue
                if claimed is None:
                    time.sleep(0.05)
                else:
                    finish(claimed)

        with ThreadPoolExecutor(PER_WORKER) as pool:
            list(pool.map(one, range(PER_WORKER)))

    def bury(self, worker: str) -> None:
        """What a supervisor does when a worker of its own has died."""
        from callqa.store import recover

        recover(self.store, [worker])

    def given_up(self) -> list[str]:
        query = sa.text("SELECT name FROM recording WHERE status = 'quarantined'")
        with self.store.read() as connection:
            return list(connection.execute(query).scalars())

    takeover = "the lease of 120 s, renewed by the living; nothing else to run"


class Dbos:
    """DBOS Transact with what FINDINGS found it to need: WAL, stable executor ids, a pinned version."""

    name = "dbos"

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = sa.create_engine(_driver(url))
        if url.startswith("sqlite"):
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        _launch(Case(url, "client"), listen=False)

    def put(self, count: int) -> None:
        from dbos import DBOSClient

        client = DBOSClient(system_database_url=_driver(self.url))
        options: Any = {"workflow_name": "task", "queue_name": "calls", "app_version": "1"}
        for start in range(0, count, 500):
            with self.engine.begin() as connection:
                for n in range(start, min(start + 500, count)):
                    named: Any = {**options, "workflow_id": f"{n}.wav"}
                    client.enqueue_in_transaction(connection, named, f"{n}.wav")
        client.destroy()

    def waiting(self) -> int:
        table = "dbos.workflow_status" if "postgresql" in self.url else "workflow_status"
        query = sa.text(f"SELECT count(*) FROM {table} WHERE status IN ('ENQUEUED', 'PENDING')")
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    @staticmethod
    def work(case: Case) -> None:
        _launch(case, listen=True)
        while True:
            time.sleep(1)

    def bury(self, worker: str) -> None:
        return  # a worker recovers what was its own when it is started again under the same name

    def given_up(self) -> list[str]:
        table = "dbos.workflow_status" if "postgresql" in self.url else "workflow_status"
        query = sa.text(f"SELECT workflow_uuid FROM {table} WHERE status LIKE '%EXCEEDED%'")
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    takeover = "none of its own: needs heartbeats and a reaper on a private call"


def _launch(case: Case, *, listen: bool) -> None:
    from dbos import DBOS, SQLAlchemyDatasource

    config: Any = {
        "name": "bench",
        "system_database_url": _driver(case.url),
        "executor_id": case.worker,
        "application_version": "1",
        "log_level": "ERROR",
    }
    DBOS(config=config)
    source = SQLAlchemyDatasource.create(_driver(case.url))

    @DBOS.workflow(name="task", max_recovery_attempts=3)
    def task(name: str) -> None:
        row = do_task(case, name)
        source.run_tx_step({"name": "effect"}, add_effect, row)

    def add_effect(row: dict[str, Any]) -> None:
        source.sql_session().execute(ADD_EFFECT, row)

    if not listen:
        DBOS.listen_queues([])
    DBOS.launch()
    if not listen:
        DBOS.register_queue("calls", worker_concurrency=PER_WORKER, polling_interval_sec=0.02)


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


ENGINES: dict[str, Any] = {"rows": Rows, "dbos": Dbos}


def worker_main(engine: str, case: Case) -> None:
    ENGINES[engine].work(case)


class Bench:
    """One engine on one fresh database."""

    def __init__(self, engine: str, url: str) -> None:
        self.url = url
        self.kind = engine
        self.engine = ENGINES[engine](url)
        with self.engine.engine.begin() as connection:
            connection.exec_driver_sql(EFFECT)
        self.workers: dict[str, Any] = {}

    def start(self, name: str, **options: Any) -> None:
        process = _SPAWN.Process(target=worker_main, args=(self.kind, Case(self.url, name, **options)))
        process.start()
        self.workers[name] = process

    def kill(self, name: str) -> None:
        process = self.workers.pop(name)
        process.kill()
        process.join()
        self.engine.bury(name)

    def effects(self) -> Counter[str]:
        query = sa.text("SELECT task, count(*) FROM effect GROUP BY task")
        with self.engine.engine.connect() as connection:
            return Counter(dict(connection.execute(query).all()))

    def done(self) -> int:
        with self.engine.engine.connect() as connection:
            return int(connection.execute(sa.text("SELECT count(*) FROM effect")).scalar_one())

    def wait(self, enough: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if enough():
                return True
            time.sleep(0.2)
        return False

    def end(self) -> None:
        for name in list(self.workers):
            self.kill(name)


def measure_speed(bench: Bench, tasks: int, backlog: int) -> dict[str, Any]:
    begun, cpu = time.monotonic(), time.process_time()
    bench.engine.put(backlog)
    put, put_cpu = time.monotonic() - begun, time.process_time() - cpu
    for n in range(2):
        bench.start(f"w{n}")
    bench.wait(lambda: bench.done() >= 100, 120)
    rates = {}
    begun, before = time.monotonic(), bench.done()
    bench.wait(lambda: bench.done() >= before + tasks, 300)
    rates["tasks_per_s_behind_backlog"] = round((bench.done() - before) / (time.monotonic() - begun), 1)
    size = [_memory_mb(process.pid) for process in bench.workers.values()]
    bench.end()
    return {
        "backlog": backlog,
        "put_s": round(put, 1),
        "put_cpu_s": round(put_cpu, 1),
        **rates,
        "worker_mb": max(size),
    }


def measure_kills(bench: Bench, tasks: int, kills: int) -> dict[str, Any]:
    bench.engine.put(tasks)
    chance = random.Random(7)
    for n in range(3):
        bench.start(f"w{n}", seconds=0.05)
    begun, done = time.monotonic(), 0
    for _ in range(kills):
        time.sleep(chance.uniform(0.8, 2.0))
        victim = chance.choice(sorted(bench.workers))
        bench.kill(victim)
        bench.start(victim, seconds=0.05)
        done += 1
    bench.wait(lambda: bench.engine.waiting() == 0, 180)
    took = time.monotonic() - begun
    effects = bench.effects()
    bench.end()
    return {
        "tasks": tasks,
        "kills": done,
        "lost": tasks - len(effects) - len(bench.engine.given_up()),
        "twice": sum(count > 1 for count in effects.values()),
        "given_up": len(bench.engine.given_up()),
        "seconds": round(took, 1),
    }


def measure_dead_host(bench: Bench) -> dict[str, Any]:
    """One of two workers dies in the middle and never comes back; its supervisor is gone too."""
    bench.engine.put(40)
    bench.start("gone", seconds=3.0)
    bench.wait(lambda: bench.done() >= 1, 60)
    process = bench.workers.pop("gone")
    process.kill()
    process.join()
    if isinstance(bench.engine, Rows):  # two minutes pass
        with bench.engine.store.write() as connection:
            connection.exec_driver_sql("UPDATE recording SET heartbeat_at = '2000-01-01 00:00:00'")
    bench.start("alive", seconds=0.01)
    if isinstance(bench.engine, Rows):
        bench.engine.bury("nobody")  # what every supervisor does every ten seconds
    finished = bench.wait(lambda: bench.engine.waiting() == 0, 30)
    left = bench.engine.waiting()
    bench.end()
    return {"taken_over": finished, "left_behind": left, "how": bench.engine.takeover}


def measure_poison(bench: Bench) -> dict[str, Any]:
    """A task kills its worker whenever it runs: who is given up besides it?"""
    tasks = 40
    bench.engine.put(tasks)
    poison = "7.wav"
    bench.start("w0", seconds=0.2, poison=poison)
    restarts, end = 0, time.monotonic() + 120
    while bench.engine.waiting() and time.monotonic() < end:
        if not bench.workers["w0"].is_alive():
            bench.workers.pop("w0")
            bench.engine.bury("w0")
            bench.start("w0", seconds=0.2, poison=poison)
            restarts += 1
        time.sleep(0.2)
    effects, given_up = bench.effects(), bench.engine.given_up()
    bench.end()
    return {
        "restarts": restarts,
        "given_up": sorted(given_up),
        "neighbours_given_up": len(set(given_up) - {poison}),
        "lost": tasks - len(effects) - len(given_up),
    }


def _memory_mb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def fresh(url: str | None, engine: str, test: str) -> str:
    """The URL of an empty database: a new file, or a new database on the server of ``url``."""
    if url is None:
        return f"sqlite:///{Path(tempfile.mkdtemp(prefix='callqa-engines-')) / 'queue.db'}"
    name = f"engines_{engine}_{test}_{os.getpid()}"
    admin = sa.create_engine(
        url.replace("postgresql://", "postgresql+pg8000://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


def run_engine(engine: str, options: argparse.Namespace) -> None:
    measures: dict[str, Callable[[Bench], dict[str, Any]]] = {
        "speed": lambda b: measure_speed(b, options.tasks, options.backlog),
        "kills": lambda b: measure_kills(b, 300, options.kills),
        "dead_host": measure_dead_host,
        "poison": measure_poison,
    }
    for name in options.only:
        bench = Bench(engine, fresh(options.url, engine, name))
        found = measures[name](bench)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = round(used.ru_utime + used.ru_stime, 1)
        print(json.dumps({"engine": engine, "test": name, **found, "workers_cpu_s": cpu}), flush=True)
        os._exit(0)  # DBOS waits for threads that do not end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--url", help="a PostgreSQL server; default: SQLite")
    parser.add_argument("--engine", choices=sorted(ENGINES), help="only this one")
    parser.add_argument("--only", nargs="*", default=list(TESTS), choices=TESTS)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--backlog", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    if options.engine and len(options.only) == 1:
        run_engine(options.engine, options)
        return
    rest = [a for a in ("--url", options.url) if options.url]
    rest += [f"--tasks={options.tasks}", f"--backlog={options.backlog}", f"--kills={options.kills}"]
    for name in options.only:
        for engine in [options.engine] if options.engine else ENGINES:  # DBOS is one instance a process
            command = [sys.executable, __file__, "--engine", engine, "--only", name, *rest]
            subprocess.run(command, check=True, timeout=1800)


if __name__ == "__main__":
    main()
